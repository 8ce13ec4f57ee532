using System.Text;
using Ports;

namespace Dde;

/// <summary>What <c>dde port check</c> prints for people.</summary>
internal static class PortCheckText
{
    internal static string Format(PortCheck check)
    {
        var text = new StringBuilder();
        text.Append($"{check.Port.Name} on kernel {check.Release}\n");
        foreach (var module in check.Modules)
            text.Append($"  {module.Name}  {module.Path}  SHA-256 {module.Sha256}\n");
        text.Append('\n');
        var width = check.Imports.Select(import => import.Name.Length).DefaultIfEmpty().Max();
        foreach (var import in check.Imports)
            text.Append($"{Word(import.Supplier.Kind),-12}  {import.Name.PadRight(width)}  {import.Supplier.By}".TrimEnd()).Append('\n');
        foreach (var import in check.Imports.Where(import => !import.IsSatisfied))
        {
            text.Append($"\n{(import.Problem is null ? "missing" : "does not fit")}: {import.Prototype ?? $"{import.Name} (the kernel's types do not have it)"}\n");
            if (import.Problem is not null)
                text.Append($"  {import.Problem}\n");
            text.Append($"  wanted by {(import.Callers.Count == 0 ? "nobody in particular" : string.Join(", ", import.Callers))}\n");
        }
        AppendList(text, "\nnew since the port was tried", check.NewImports);
        AppendList(text, "\ngone since the port was tried", check.GoneImports);
        AppendList(text, "\nnot handled by any module", [.. check.UnclaimedIds.Select(id => $"{id.Vendor:x4}:{id.Device:x4} ({id.Name})")]);
        var counts = check.Imports.CountBy(import => import.Supplier.Kind).OrderBy(count => count.Key).Select(count => $"{count.Value} {Word(count.Key)}");
        text.Append($"\n{check.Imports.Count} imports: {string.Join(", ", counts)}");
        var misfits = check.Imports.Count(import => import.Problem is not null);
        return text.Append(misfits == 0 ? "\n" : $"; {misfits} do not fit\n").ToString();
    }

    /// <summary>The word for a supplier, in text and JSON alike.</summary>
    internal static string Word(SupplierKind kind) => kind switch
    {
        SupplierKind.Shim => "shim",
        SupplierKind.MachineStub => "machine-code",
        SupplierKind.Variable => "variable",
        SupplierKind.Stop => "stop",
        SupplierKind.Optional => "optional",
        _ => "missing",
    };

    private static void AppendList(StringBuilder text, string title, IReadOnlyList<string> entries)
    {
        if (entries.Count != 0)
            text.Append($"{title}: {string.Join(", ", entries)}\n");
    }
}
