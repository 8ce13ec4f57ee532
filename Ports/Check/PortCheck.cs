using DdeKit.Foreign;
using DdeKit.Foreign.Btf;
using DdeLinux.Packs;

namespace Ports;

/// <summary>One import of a port.</summary>
/// <param name="Name">The symbol.</param>
/// <param name="Supplier">Who supplies it.</param>
/// <param name="Signature">As the kernel declares it; null when its types do not have it as a function.</param>
/// <param name="Prototype">As the kernel declares it, in C; null when its types do not have it.</param>
/// <param name="Problem">In what way the supplier does not fit this kernel; null when it does.</param>
/// <param name="Callers">Which functions of the modules refer to it: <c>ata_host_activate [libata]</c>.</param>
public sealed record PortImport(
    string Name, ImportSupplier Supplier, BtfPrototype? Signature, string? Prototype, string? Problem, IReadOnlyList<string> Callers)
{
    /// <summary>Whether the module can be loaded as far as this import goes.</summary>
    public bool IsSatisfied => Supplier.Kind != SupplierKind.Missing && Problem is null;
}

/// <summary>One module of a port.</summary>
/// <param name="Name">The module's name.</param>
/// <param name="Path">Its file.</param>
/// <param name="Sha256">The file's SHA-256 in lower-case hex.</param>
public sealed record PortModule(string Name, string Path, string Sha256);

/// <summary>
/// Whether a port's modules, as a kernel pack has them, find everything that they import. Nothing is loaded.
/// </summary>
/// <param name="Port">The port.</param>
/// <param name="Release">The kernel.</param>
/// <param name="Modules">Its modules, in load order.</param>
/// <param name="Imports">What they import and do not supply to each other, sorted by name.</param>
/// <param name="NewImports">Imports that the manifest does not expect: the kernel has changed since the port was tried.</param>
/// <param name="GoneImports">Imports that the manifest expects and the modules do not have.</param>
/// <param name="UnclaimedIds">PCI ids of the manifest that no module says it handles.</param>
public sealed record PortCheck(
    PortManifest Port,
    string Release,
    IReadOnlyList<PortModule> Modules,
    IReadOnlyList<PortImport> Imports,
    IReadOnlyList<string> NewImports,
    IReadOnlyList<string> GoneImports,
    IReadOnlyList<PortPciId> UnclaimedIds)
{
    /// <summary>Whether every import is supplied in the shape that this kernel expects.</summary>
    public bool IsComplete => Imports.All(import => import.IsSatisfied);

    /// <summary>Examines a port.</summary>
    /// <exception cref="PackException">The pack lacks a module, or a file is damaged.</exception>
    /// <exception cref="BadModuleException">A module is no such file.</exception>
    /// <exception cref="BadBtfException">Its types are damaged.</exception>
    public static PortCheck Run(PortManifest port, KernelPack pack, IImportSuppliers suppliers)
    {
        ArgumentNullException.ThrowIfNull(port);
        ArgumentNullException.ThrowIfNull(pack);
        ArgumentNullException.ThrowIfNull(suppliers);
        var files = port.Modules.Select(pack.FindModule).ToList();
        var modules = files.Select(file => ElfRelocatable.Parse(file.Read(), file.Name)).ToList();
        var information = modules.Select(ModuleInformation.Read).ToList();
        var types = pack.TypesWith([.. files, .. Dependencies(pack, port, information)]);

        var exported = information.SelectMany(module => module.Exports).ToHashSet(StringComparer.Ordinal);
        var imports = modules
            .SelectMany(module => ImportUse.Analyze(module).Select(use => (Module: module.Name, Use: use)))
            .Where(import => !exported.Contains(import.Use.Name))
            .GroupBy(import => import.Use.Name, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => Judge(group.Key, group.All(import => import.Use.IsWeak), types, suppliers,
                [.. group.SelectMany(import => import.Use.Users.Select(user => $"{user} [{import.Module}]"))]))
            .ToList();
        var names = imports.Select(import => import.Name).ToList();
        return new(port, pack.Release,
            [.. files.Select(file => new PortModule(file.Name, file.Path, file.ComputeSha256()))],
            imports,
            [.. names.Except(port.ExpectedImports)],
            [.. port.ExpectedImports.Except(names)],
            [.. port.PciIds.Where(id => !information.Any(module => module.Handles(id)))]);
    }

    private static PortImport Judge(string name, bool isWeak, BtfTypeSet types, IImportSuppliers suppliers, IReadOnlyList<string> callers)
    {
        var supplier = suppliers.Find(name) ?? (isWeak ? new(SupplierKind.Optional, "") : ImportSupplier.None);
        var signature = types.FindFunction(name);
        var problem = supplier.Kind == SupplierKind.Shim && signature is not null ? suppliers.Mismatch(name, signature) : null;
        return new(name, supplier, signature, types.FormatPrototype(name), problem, callers);
    }

    // The legacy system's own suppliers: not loaded here, but their types have the prototypes of what they export.
    private static IEnumerable<KernelModuleFile> Dependencies(KernelPack pack, PortManifest port, IEnumerable<ModuleInformation> modules) =>
        modules.SelectMany(module => module.Dependencies).Distinct().Except(port.Modules).Select(pack.FindModule);
}
