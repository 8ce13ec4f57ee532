using DdeKit.Foreign.Btf;
using DdeLinux;

namespace Ports;

/// <summary>What the Linux shim supplies.</summary>
public sealed class LinuxImportSuppliers : IImportSuppliers
{
    /// <inheritdoc/>
    public ImportSupplier? Find(string import) => KernelImports.Find(import) switch
    {
        KernelSupplier.Function => new(SupplierKind.Shim, $"{KernelImports.Function(import)!.Room}.{KernelImports.Function(import)!.Method}"),
        KernelSupplier.Variable => new(SupplierKind.Variable, ""),
        KernelSupplier.MachineStub => new(SupplierKind.MachineStub, ""),
        KernelSupplier.Stop => new(SupplierKind.Stop, Stops.All[import]),
        _ => null,
    };

    /// <inheritdoc/>
    public string? Mismatch(string import, BtfPrototype prototype) =>
        IsAssembler(prototype) ? null : KernelImports.Function(import)?.Mismatch(prototype);

    // The types call functions that are written in assembler "void name(void)", whatever they take.
    private static bool IsAssembler(BtfPrototype prototype) =>
        prototype is { Parameters.Count: 0, IsVariadic: false, Return.Width: 0 };
}
