using DdeKit.Foreign;

namespace DdeLinux;

/// <summary>Supplies the imports of modules: the shim's functions, the kernel's variables, machine-code stubs, and stops.</summary>
internal sealed partial class KernelSymbols : ISymbolResolver
{
    private readonly LinuxKernel _kernel;
    private readonly Dictionary<string, nint> _resolved = new(StringComparer.Ordinal);

    internal KernelSymbols(LinuxKernel kernel) => _kernel = kernel;

    /// <inheritdoc />
    public bool TryResolve(string name, out nint value)
    {
        if (_resolved.TryGetValue(name, out value))
            return true;
        if (!TryMake(name, out value))
            return false;
        _resolved.Add(name, value);
        return true;
    }

    /// <summary>A machine-code stub that a room made for itself.</summary>
    internal void DefineStub(string name, nint address)
    {
        KernelImports.RequireListed(KernelImports.Stubs, name);
        _resolved.Add(name, address);
    }

    private bool TryMake(string name, out nint value)
    {
        if (KernelImports.Function(name) is { } function)
        {
            value = function.IsVariadic
                ? _kernel.Thunks.Variadic(name, function.Pointer)
                : _kernel.Thunks.Function(name, function.Pointer, function.Parameters.Length);
            return true;
        }
        return _kernel.Variables.TryGet(name, out value)
            || _kernel.Thunks.TryMachineStub(name, out value)
            || TryMakeStop(name, out value);
    }
}
