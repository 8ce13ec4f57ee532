using System.Text;
using DdeKit.Foreign;

namespace Ports;

/// <summary>What a Linux module says about itself.</summary>
/// <param name="Dependencies">The modules that the distribution's kernel loads before it.</param>
/// <param name="Exports">The symbols that it supplies to other modules.</param>
/// <param name="Aliases">The devices that it handles, as patterns of the kernel's module loader.</param>
internal sealed record ModuleInformation(
    IReadOnlyList<string> Dependencies, IReadOnlySet<string> Exports, IReadOnlyList<string> Aliases)
{
    private const string DependsKey = "depends=";
    private const string AliasKey = "alias=";
    // struct kernel_symbol (include/linux/export.h) with relative references: value, name, namespace.
    private const ulong ExportEntrySize = 12;

    internal static ModuleInformation Read(ElfRelocatable module)
    {
        // ".modinfo" is a sequence of key=value strings (include/linux/moduleparam.h).
        var entries = Strings(module, ".modinfo");
        return new(
            [.. Values(entries, DependsKey).SelectMany(list => list.Split(',', StringSplitOptions.RemoveEmptyEntries))],
            Exported(module, "__ksymtab").Concat(Exported(module, "__ksymtab_gpl")).ToHashSet(StringComparer.Ordinal),
            [.. Values(entries, AliasKey)]);
    }

    /// <summary>Whether the module's table of devices has this one.</summary>
    internal bool Handles(PortPciId id) =>
        Aliases.Any(alias => alias.StartsWith($"pci:v{id.Vendor:X8}d{id.Device:X8}", StringComparison.Ordinal));

    private static IEnumerable<string> Values(IEnumerable<string> entries, string key) =>
        entries.Where(entry => entry.StartsWith(key, StringComparison.Ordinal)).Select(entry => entry[key.Length..]);

    // The relocation at the start of each entry names the symbol.
    private static List<string> Exported(ElfRelocatable module, string section)
    {
        var names = new List<string>();
        if (module.FindSection(section) is { } table)
        {
            foreach (ref readonly var relocation in module.RelocationsOf(table))
            {
                if (relocation.Offset % ExportEntrySize == 0)
                    names.Add(module.Symbols[relocation.Symbol].Name);
            }
        }
        return names;
    }

    private static string[] Strings(ElfRelocatable module, string section) => module.FindSection(section) is { } found
        ? Encoding.UTF8.GetString(found.Contents.Span).Split('\0', StringSplitOptions.RemoveEmptyEntries)
        : [];
}
