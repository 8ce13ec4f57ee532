using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using System.Text;

namespace SystemRdl;

/// <summary>
/// The model as a C99 header: constants for offsets, masks, shifts, reset values and the names of values, and inline accessors on top of
/// two macros, REGISTER_READ and REGISTER_WRITE, that a driver defines where registers are no plain memory.
/// </summary>
public sealed class CHeader
{
    // The widest integer of stdint.h.
    private const int WidestAccess = 64;

    private readonly StringBuilder text = new();
    private readonly HashSet<string> names = [];

    private CHeader()
    {
    }

    /// <param name="maps">The address maps, at least one; the last gives the include guard its name.</param>
    /// <param name="source">The description's file name, for the header's first line.</param>
    public static string Write(IReadOnlyList<Block> maps, string source)
    {
        var header = new CHeader();
        header.WriteAll(maps, source);
        return header.text.ToString();
    }

    private void WriteAll(IReadOnlyList<Block> maps, string source)
    {
        var guard = OutputWords.Capitals(maps[maps.Count - 1].Name) + "_REGISTERS_H";
        Line($"/* Made from {Comment(source)}: change that file instead. */");
        Line($"#ifndef {guard}");
        Line($"#define {guard}");
        Line();
        Line("#include <stdint.h>");
        Line();
        Line("/* How a register of so many bits is reached; define both first where this is not right (ports, byte order, barriers). */");
        Line("#ifndef REGISTER_READ");
        Line("#define REGISTER_READ(bits, base, offset) (*(const volatile uint##bits##_t *)((base) + (offset)))");
        Line("#define REGISTER_WRITE(bits, base, offset, value) (*(volatile uint##bits##_t *)((base) + (offset)) = (value))");
        Line("#endif");
        foreach (var map in maps)
            WriteBlock(map);
        Line();
        Line("#endif");
    }

    private void WriteBlock(Block block)
    {
        foreach (var child in block.Children)
        {
            if (child is Register register)
                WriteRegister(register);
            else if (child.Kind == ComponentKind.Memory)
                WriteMemory((Block)child);
            else
                WriteBlock((Block)child);
        }
    }

    private void WriteMemory(Block memory)
    {
        var place = new CPlace(memory, NewName(memory));
        WriteTitle(memory);
        WriteOffset(place, memory);
        Define(place.Name + "_ENTRIES", $"{memory.Entries}u");
        Define(place.Name + "_ENTRY_WIDTH", $"{memory.EntryWidth}");
        WriteBlock(memory);
    }

    private void WriteRegister(Register register)
    {
        var place = new CPlace(register, NewName(register));
        WriteTitle(register);
        WriteOffset(place, register);
        Define(place.Name + "_WIDTH", $"{register.Width}");
        if (register.Width > WidestAccess)
        {
            Line($"/* {register.Width} bits are more than an integer of C has: no masks and no accessors. */");
            return;
        }
        if (!register.ResetMask.IsZero)
            Define(place.Name + "_RESET", Constant(register.Reset, register.Width));
        foreach (var field in register.Fields)
            WriteConstants(place, register, field);
        var accessors = new CAccessors(place, register, Line);
        accessors.Write();
    }

    private void WriteConstants(CPlace place, Register register, Field field)
    {
        var name = place.NameOf(field);
        if (Describe(field) is { Length: > 0 } description)
            Line($"/* {Comment(field.Name)}: {description} */");
        Define(name + "_SHIFT", $"{field.Low}");
        Define(name + "_MASK", Constant(field.Mask, register.Width));
        if (field.Reset is { } reset)
            Define(name + "_RESET", Constant(reset, register.Width));
        foreach (var member in field.Encoding?.Members ?? [])
            Define($"{name}_{OutputWords.Capitals(member.Name)}", Constant(member.Value, register.Width));
    }

    private void WriteOffset(CPlace place, AddressableComponent component)
    {
        Define(place.Name + "_OFFSET" + place.MacroParameters, place.OffsetExpression);
        if (component.Dimensions.Count > 0)
            Define(place.Name + "_COUNT", $"{component.Count}u");
    }

    private void WriteTitle(AddressableComponent component)
    {
        Line();
        var description = Describe(component);
        Line($"/* {Comment(component.Path)}{(description.Length > 0 ? ": " : "")}{description} */");
    }

    /// <summary>Two names that differ in their capitals only get different names here.</summary>
    private string NewName(AddressableComponent component)
    {
        var name = CPlace.NameOf(component);
        var unique = name;
        for (var i = 2; !names.Add(unique); i++)
            unique = $"{name}_{i}";
        return unique;
    }

    internal static string Constant(BigInteger value, int width) => OutputWords.Hexadecimal(value) + (width > 32 ? "ull" : "u");

    private static string Describe(Component component) =>
        Comment(string.Join(": ", new[] { component.DisplayName, component.Description }.Where(t => !string.IsNullOrEmpty(t))));

    // A description must not end the comment it stands in.
    private static string Comment(string words) =>
        string.Join(" ", words.Split(['\n', '\r', '\t'], System.StringSplitOptions.RemoveEmptyEntries).Select(l => l.Trim())).Replace("*/", "* /").Replace("/*", "/ *");

    private void Define(string name, string value) => Line($"#define {name} {value}");

    private void Line(string line = "") => text.Append(line).Append('\n');
}
