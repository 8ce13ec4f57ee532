using DdeBsd;
using DdeBsd.Build;
using DdeKit.Foreign;

namespace Ports;

/// <summary>Whether the module of a port of os bsd, once it is built, finds everything that it imports. Nothing is loaded.</summary>
public static class BsdPortCheck
{
    /// <summary>Builds a port's module and examines it.</summary>
    /// <exception cref="BuildException">It cannot be built.</exception>
    /// <exception cref="BadManifestException">A source is not there.</exception>
    public static PortCheck Run(PortManifest port, KldBuilder builder)
    {
        var kernel = builder.BuildKernel();
        var driver = builder.Build(PortSources.Of(port));
        var defined = ElfRelocatable.Parse(kernel.Read(), kernel.Name).Symbols
            .Where(symbol => symbol is { IsImport: false, Binding: ElfBinding.Global }).Select(symbol => symbol.Name).ToHashSet(StringComparer.Ordinal);
        var imports = ImportUse.Analyze(ElfRelocatable.Parse(driver.Read(), driver.Name))
            .Select(use => new PortImport(use.Name, Find(use, defined), null, null, null, [.. use.Users.Select(user => $"{user} [{driver.Name}]")])).ToList();
        var names = imports.Select(import => import.Name).ToList();
        return new PortCheck(port, ShimSystem.Name, [new PortModule(driver.Name, driver.Path, driver.Sha256)], imports,
            [.. names.Except(port.ExpectedImports)], [.. port.ExpectedImports.Except(names)], []);
    }

    /// <summary>What a port's module uses and nobody supplies, with file and line.</summary>
    public static IReadOnlyList<string> FindUnresolved(PortManifest port, KldBuilder builder) =>
        builder.FindUnresolved(builder.Build(PortSources.Of(port)), KernelFunctions.All.Select(function => function.Name).Concat(Stops.All.Keys));

    private static ImportSupplier Find(ImportUse use, HashSet<string> defined)
    {
        if (KernelFunctions.All.FirstOrDefault(function => function.Name == use.Name) is { } function)
            return new ImportSupplier(SupplierKind.Shim, $"{function.Room}.{function.Method}");
        if (defined.Contains(use.Name))
            return new ImportSupplier(SupplierKind.Variable, "");
        if (Stops.All.TryGetValue(use.Name, out string? reason))
            return new ImportSupplier(SupplierKind.Stop, reason);
        return use.IsWeak ? new ImportSupplier(SupplierKind.Optional, "") : ImportSupplier.None;
    }
}
