using System.Text.Json;
using Ports;

namespace Dde;

/// <summary>What <c>dde port check --json</c> prints.</summary>
internal sealed record PortCheckJson(
    string Port,
    string Kernel,
    bool Complete,
    IReadOnlyList<PortCheckJson.Module> Modules,
    IReadOnlyList<PortCheckJson.Import> Imports,
    IReadOnlyDictionary<string, int> Summary,
    IReadOnlyList<string> NewImports,
    IReadOnlyList<string> GoneImports,
    IReadOnlyList<string> UnclaimedPciIds)
{
    internal static string Format(PortCheck check) => JsonSerializer.Serialize(
        new PortCheckJson(
            check.Port.Name,
            check.Release,
            check.IsComplete,
            [.. check.Modules.Select(module => new Module(module.Name, module.Path, module.Sha256))],
            [.. check.Imports.Select(import => new Import(
                import.Name, PortCheckText.Word(import.Supplier.Kind), import.Supplier.By, import.Prototype, import.Problem, import.Callers))],
            check.Imports.CountBy(import => PortCheckText.Word(import.Supplier.Kind)).ToDictionary(),
            check.NewImports,
            check.GoneImports,
            [.. check.UnclaimedIds.Select(id => $"{id.Vendor:x4}:{id.Device:x4}")]),
        DdeJson.Default.PortCheckJson) + "\n";

    /// <summary>One module.</summary>
    internal sealed record Module(string Name, string File, string Sha256);

    /// <summary>One import.</summary>
    internal sealed record Import(string Name, string Supplier, string By, string? Prototype, string? Problem, IReadOnlyList<string> Callers);
}
