using System.Runtime.InteropServices;
using DdeKit.Foreign;

namespace DdeBsd;

/// <summary>
/// Supplies the imports of modules: the shim's functions, what the base module defines, what modules loaded before define (FreeBSD's modules
/// export every global symbol), and stops.
/// </summary>
internal sealed unsafe class KernelSymbols(BsdKernel kernel) : ISymbolResolver
{
    private readonly Dictionary<string, nint> _resolved = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KernelFunctionEntry> _functions = KernelFunctions.All.ToDictionary(function => function.Name, StringComparer.Ordinal);
    private readonly List<string> _stops = [];
    private LoadedModule? _base;

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

    internal void AddBase(LoadedModule module) => _base = module;

    /// <summary>The address of a variable or function that must be there.</summary>
    internal nint Require(string name) => TryResolve(name, out nint value)
        ? value
        : throw new KernelFaultException($"the base module has no {name}; it was built from other sources than this shim");

    private bool TryMake(string name, out nint value)
    {
        if (_functions.TryGetValue(name, out var function))
        {
            value = function.IsVariadic
                ? kernel.Thunks.Variadic(name, function.Pointer)
                : kernel.Thunks.Function(name, function.Pointer, function.Parameters.Length);
            return true;
        }
        if (_base is not null && _base.TryGetSymbol(name, out value))
            return true;
        return TryFindInModules(name, out value) || TryMakeStop(name, out value);
    }

    private bool TryFindInModules(string name, out nint value)
    {
        value = 0;
        foreach (var module in kernel.Modules)
        {
            // A local symbol of another module is nobody else's business.
            if (module.Elf.Symbols.Any(s => s.Name == name && s.Binding == ElfBinding.Global && !s.IsImport) && module.TryGetSymbol(name, out value))
                return true;
        }
        return false;
    }

    private bool TryMakeStop(string name, out nint value)
    {
        value = 0;
        if (!Stops.All.ContainsKey(name))
            return false;
        _stops.Add(name);
        value = kernel.Thunks.Missing(name, (nint)(delegate* unmanaged<int, nint, void>)&Stop, _stops.Count - 1);
        return true;
    }

    [UnmanagedCallersOnly]
    private static void Stop(int token, nint caller)
    {
        var kernel = BsdKernel.Current;
        string name = kernel.Symbols._stops[token];
        kernel.Fault(new KernelFaultException($"{name} is not supplied ({Stops.All[name]}); called by {kernel.Describe(caller) ?? $"0x{caller:x}"}"));
    }
}
