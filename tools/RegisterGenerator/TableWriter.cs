using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Numerics;
using Generators;
using SystemRdl;

namespace RegisterGenerator;

/// <summary>Writes a table of registers. Arrays of registers stay arrays; the elements of arrays of blocks become registers of their own.</summary>
internal static class TableWriter
{
    // A trace shows accesses of 64 bits at most, and the values of such fields.
    private const int WidestField = 64;

    public static string Write(Table table, Block block)
    {
        var writer = new SourceWriter();
        if (table.Target.Namespace.Length > 0)
            writer.Line($"namespace {table.Target.Namespace};");
        writer.Open($"{(table.IsStaticClass ? "static " : "")}partial class {table.Target.Name}");
        writer.Line($"{table.Accessibility} static partial global::Registers.RegisterTable {table.Property} => {table.Property}Data.Table;");
        writer.Line();
        // A class of its own is initialised when it is asked: initialisers of the class's other members may be among those that ask.
        writer.Open($"private static class {table.Property}Data");
        writer.Line("internal static readonly global::Registers.RegisterTable Table = new(");
        writer.Line($"    \"{block.Path}\", {Number(block.Size)},");
        writer.Line("    [");
        foreach (string row in Registers(block, "", 0))
            writer.Line($"        {row},");
        writer.Line("    ]);");
        writer.Close();
        writer.Close();
        return writer.ToString();
    }

    private static IEnumerable<string> Registers(Block block, string prefix, ulong offset)
    {
        foreach (var child in block.Children)
        {
            string name = prefix + child.Name + string.Concat(child.ElementIndexes.Select(Index));
            switch (child)
            {
                case Register register:
                    yield return Row(register, name, offset + child.Offset, register.Size, !register.ReadableMask.IsZero, !register.WritableMask.IsZero,
                        register.Fields.Where(f => f.Width <= WidestField).Select(Field));
                    break;
                case Block { Kind: ComponentKind.Memory } memory:
                    yield return $"new(\"{name}\", {Number(offset + child.Offset)}, {memory.EntryWidth / 8}, {Word(memory.SoftwareAccess != Access.Write)}, "
                        + $"{Word(memory.SoftwareAccess != Access.Read)}, {Number(memory.Entries)}, {memory.EntryWidth / 8}, [])";
                    break;
                case Block inner:
                    for (int i = 0; i < child.Count; i++)
                    {
                        string element = child.Dimensions.Count == 0 ? name : name + Index(i);
                        foreach (string row in Registers(inner, element + ".", offset + child.Offset + child.Stride * (ulong)i))
                            yield return row;
                    }
                    break;
            }
        }
    }

    private static string Row(Register register, string name, ulong offset, ulong bytes, bool isReadable, bool isWritable, IEnumerable<string> fields) =>
        $"new(\"{name}\", {Number(offset)}, {bytes}, {Word(isReadable)}, {Word(isWritable)}, {(register.Dimensions.Count == 0 ? 0 : register.Count)}, "
        + $"{Number(register.Stride)}, [{string.Join(", ", fields)}])";

    private static string Field(Field field) =>
        $"new(\"{field.Name}\", {field.Low}, {field.Width}, [{string.Join(", ", (field.Encoding?.Members ?? []).Select(m => $"new({Number(m.Value)}, \"{m.Name}\")"))}])";

    private static string Index(int index) => "[" + index.ToString(CultureInfo.InvariantCulture) + "]";

    private static string Number(BigInteger value) => "0x" + ((ulong)value).ToString("x", CultureInfo.InvariantCulture);

    private static string Word(bool value) => value ? "true" : "false";
}
