namespace DdeKit.Foreign;

/// <summary>Supplies what a module imports.</summary>
public interface ISymbolResolver
{
    /// <summary>
    /// Finds the value of an import: an address in the low 2 GiB, or the offset of a per-CPU variable
    /// (<see cref="ForeignCpu.AllocatePerCpu"/>). False when it is not supplied here; never a dummy.
    /// </summary>
    bool TryResolve(string name, out nint value);
}
