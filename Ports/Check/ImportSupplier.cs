using DdeKit.Foreign.Btf;

namespace Ports;

/// <summary>What supplies an import of a module.</summary>
public enum SupplierKind
{
    /// <summary>Nothing: the module cannot be loaded.</summary>
    Missing,
    /// <summary>A function in C#.</summary>
    Shim,
    /// <summary>A few machine instructions.</summary>
    MachineStub,
    /// <summary>A variable of the kernel.</summary>
    Variable,
    /// <summary>A stop: the module loads, and a call ends the driver with a report.</summary>
    Stop,
    /// <summary>Nothing, and the module can do without (a weak symbol).</summary>
    Optional,
}

/// <summary>Who supplies an import.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="By">The C# method of a shim (<c>Slab.__kmalloc</c>), the reason of a stop; else empty.</param>
public sealed record ImportSupplier(SupplierKind Kind, string By)
{
    /// <summary>Nobody.</summary>
    public static ImportSupplier None { get; } = new(SupplierKind.Missing, "");
}

/// <summary>What a driver environment can supply to modules.</summary>
public interface IImportSuppliers
{
    /// <summary>Who supplies <paramref name="import"/>; null when nobody does.</summary>
    ImportSupplier? Find(string import);

    /// <summary>In what way the supplier of <paramref name="import"/> differs from the kernel's own prototype; null when it does not.</summary>
    string? Mismatch(string import, BtfPrototype prototype);
}
