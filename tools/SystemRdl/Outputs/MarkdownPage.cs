using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace SystemRdl;

/// <summary>The model as a data sheet's page in Markdown: an overview of the registers, then each register's fields.</summary>
public static class MarkdownPage
{
    /// <param name="maps">The address maps; each gives a chapter.</param>
    public static string Write(IReadOnlyList<Block> maps)
    {
        var page = new StringBuilder();
        foreach (var map in maps)
        {
            WriteHeading(page, map, OutputWords.NameOf(map), 1);
            WriteOverview(page, map);
            WriteDetails(page, map);
        }
        return page.ToString().TrimEnd('\n') + "\n";
    }

    private static void WriteOverview(StringBuilder page, Block map)
    {
        WriteTableHead(page, "offset", "name", "width", "access", "reset", "description");
        foreach (var place in Places(map).OrderBy(p => p.Address))
        {
            if (place is Register register)
                WriteRow(page, OffsetOf(place), OutputWords.PathOf(place), Bits(register.Width), OutputWords.AccessOf(register), ResetOf(register), TextOf(place));
            else
                WriteRow(page, OffsetOf(place), OutputWords.PathOf(place), $"{((Block)place).Entries} entries of {((Block)place).EntryWidth} bits",
                    OutputWords.Access(((Block)place).SoftwareAccess), "", TextOf(place));
        }
        page.Append('\n');
    }

    private static void WriteDetails(StringBuilder page, Block block)
    {
        foreach (var child in block.Children)
        {
            WriteHeading(page, child, OutputWords.PathOf(child), child is Register ? 3 : 2);
            page.Append("Offset ").Append(OffsetOf(child));
            if (child is not Register register)
            {
                page.Append($", {child.Size} bytes.\n\n");
                WriteDetails(page, (Block)child);
                continue;
            }
            page.Append($", {Bits(register.Width)}, reset {ResetOf(register)}.\n\n");
            WriteFields(page, register);
        }
    }

    private static void WriteFields(StringBuilder page, Register register)
    {
        WriteTableHead(page, "bits", "name", "access", "reset", "description");
        foreach (var field in register.Fields.Reverse())
        {
            var bits = field.High == field.Low ? $"{field.High}" : $"{field.High}:{field.Low}";
            var reset = field.Reset is { } value ? OutputWords.Hexadecimal(value) : "unknown";
            var values = field.Encoding?.Members.Select(m => $"{OutputWords.Hexadecimal(m.Value)}: {m.Name}{(m.Description is null ? "" : ", " + m.Description)}") ?? [];
            WriteRow(page, bits, field.Name, OutputWords.AccessOf(field), reset, string.Join("; ", new[] { TextOf(field) }.Concat(values).Where(t => t.Length > 0)));
        }
        page.Append('\n');
    }

    private static void WriteHeading(StringBuilder page, Component component, string name, int level)
    {
        page.Append('#', level).Append(' ').Append(name);
        if (component.DisplayName is { } displayName)
            page.Append(": ").Append(OneLine(displayName));
        page.Append("\n\n");
        if (component.Description is { } description)
            page.Append(description.Trim()).Append("\n\n");
    }

    private static IEnumerable<AddressableComponent> Places(Block block) => block.Children.SelectMany(
        c => c is Block { Kind: not ComponentKind.Memory } inner ? Places(inner) : [c]);

    /// <summary>From the top; an array, also one further out, adds its stride.</summary>
    private static string OffsetOf(AddressableComponent component)
    {
        var text = OutputWords.Hexadecimal(component.Address);
        for (var holder = component; holder is not null; holder = holder.Parent as AddressableComponent)
            if (holder.Dimensions.Count > 0)
                text += $" + {OutputWords.Hexadecimal(holder.Stride)} each";
        return text;
    }

    private static string ResetOf(Register register) =>
        register.ResetMask.IsZero ? "unknown" : OutputWords.Hexadecimal(register.Reset);

    private static string Bits(int width) => $"{width} bits";

    private static string TextOf(Component component) =>
        string.Join(": ", new[] { component.DisplayName, component.Description }.Where(t => !string.IsNullOrEmpty(t)));

    private static void WriteTableHead(StringBuilder page, params string[] columns)
    {
        WriteRow(page, columns);
        page.Append('|').Append(string.Concat(columns.Select(_ => "---|"))).Append('\n');
    }

    private static void WriteRow(StringBuilder page, params string[] cells) =>
        page.Append("| ").Append(string.Join(" | ", cells.Select(c => OneLine(c).Replace("|", "\\|")))).Append(" |\n");

    private static string OneLine(string text) => string.Join(" ", text.Split(['\n', '\r', '\t'], System.StringSplitOptions.RemoveEmptyEntries).Select(l => l.Trim()));
}
