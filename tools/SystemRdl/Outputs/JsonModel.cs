using System.Collections.Generic;

namespace SystemRdl;

/// <summary>
/// The model as one JSON object for other tools. Counts and bit numbers are numbers; addresses, masks and values are texts in hexadecimal.
/// What the description does not give is left out. Member names stay as they are; a change that breaks readers raises <c>version</c>.
/// </summary>
public static class JsonModel
{
    private const int Version = 1;

    /// <param name="maps">The address maps, the top last.</param>
    public static string Write(IReadOnlyList<Block> maps)
    {
        var json = new JsonText();
        json.Object(null, () =>
        {
            json.Text("format", "dde-registers");
            json.Number("version", Version);
            json.Array("maps", () => WriteAll(json, maps));
        });
        return json.ToString();
    }

    private static void WriteAll(JsonText json, IEnumerable<AddressableComponent> components)
    {
        foreach (var component in components)
            json.Object(null, () => WriteComponent(json, component));
    }

    private static void WriteComponent(JsonText json, AddressableComponent component)
    {
        WriteNames(json, component);
        json.Text("path", component.Path);
        json.Hexadecimal("offset", component.Offset);
        json.Hexadecimal("address", component.Address);
        json.Hexadecimal("size", component.Size);
        WriteNumbers(json, "elementIndexes", component.ElementIndexes);
        WriteNumbers(json, "dimensions", component.Dimensions);
        if (component.Dimensions.Count > 0)
            json.Hexadecimal("stride", component.Stride);
        if (component is Register register)
            WriteRegister(json, register);
        else
            WriteBlock(json, (Block)component);
    }

    private static void WriteBlock(JsonText json, Block block)
    {
        if (block.Kind == ComponentKind.AddressMap)
            json.Text("byteOrder", block.IsBigEndian ? "big" : "little");
        if (block.Kind == ComponentKind.Memory)
        {
            json.Hexadecimal("entries", block.Entries);
            json.Hexadecimal("entryWidth", block.EntryWidth);
            json.Text("access", OutputWords.Access(block.SoftwareAccess));
        }
        json.Array("children", () => WriteAll(json, block.Children));
    }

    private static void WriteRegister(JsonText json, Register register)
    {
        json.Number("width", register.Width);
        json.Number("accessWidth", register.AccessWidth);
        json.Text("access", OutputWords.AccessOf(register));
        json.Hexadecimal("reset", register.Reset);
        json.Hexadecimal("resetMask", register.ResetMask);
        json.Hexadecimal("readableMask", register.ReadableMask);
        json.Hexadecimal("writableMask", register.WritableMask);
        json.Text("aliasOf", register.AliasOf?.Path);
        json.Array("fields", () =>
        {
            foreach (var field in register.Fields)
                json.Object(null, () => WriteField(json, field));
        });
    }

    private static void WriteField(JsonText json, Field field)
    {
        WriteNames(json, field);
        json.Number("high", field.High);
        json.Number("low", field.Low);
        json.Hexadecimal("mask", field.Mask);
        json.Hexadecimal("reset", field.Reset);
        json.Text("softwareAccess", OutputWords.Access(field.SoftwareAccess));
        json.Text("hardwareAccess", OutputWords.Access(field.HardwareAccess));
        json.Text("access", OutputWords.AccessOf(field));
        json.Flag("singlePulse", field.IsSinglePulse);
        if (field.Encoding is not { } encoding)
            return;
        json.Array("values", () =>
        {
            foreach (var member in encoding.Members)
            {
                json.Object(null, () =>
                {
                    json.Text("name", member.Name);
                    json.Hexadecimal("value", member.Value);
                    json.Text("displayName", member.DisplayName);
                    json.Text("description", member.Description);
                });
            }
        });
    }

    private static void WriteNames(JsonText json, Component component)
    {
        json.Text("kind", component.Kind.Word());
        json.Text("name", component.Name);
        json.Text("type", component.TypeName);
        json.Text("displayName", component.DisplayName);
        json.Text("description", component.Description);
    }

    private static void WriteNumbers(JsonText json, string name, IReadOnlyList<int> numbers)
    {
        if (numbers.Count == 0)
            return;
        json.Array(name, () =>
        {
            foreach (var number in numbers)
                json.Number(null, number);
        });
    }
}
