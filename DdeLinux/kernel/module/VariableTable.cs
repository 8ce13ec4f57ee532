using DdeKit.Foreign;

namespace DdeLinux;

/// <summary>A room that exports variables.</summary>
internal interface IVariableOwner
{
    /// <summary>Defines and fills the room's variables. Called once, before the first module is loaded.</summary>
    void Define(VariableTable variables);
}

/// <summary>The kernel's exported variables: in low memory, where a module's 32-bit relocations reach them.</summary>
internal sealed class VariableTable
{
    private const ulong RegionSize = 64 * 1024;

    private readonly LowMemory _memory;
    private readonly ForeignCpu _cpu;
    private readonly KernelMemory _checked;
    private readonly Dictionary<string, nint> _symbols = new(StringComparer.Ordinal);
    private LowRegion? _region;
    private int _used;

    /// <param name="memory">Where variables go.</param>
    /// <param name="cpu">Where per-CPU variables go.</param>
    /// <param name="checkedMemory">Learns where they are, because drivers hand pointers to them around.</param>
    internal VariableTable(LowMemory memory, ForeignCpu cpu, KernelMemory checkedMemory)
    {
        _memory = memory;
        _checked = checkedMemory;
        _cpu = cpu;
    }

    /// <summary>Names of all variables, sorted.</summary>
    internal IEnumerable<string> Names => _symbols.Keys.Order(StringComparer.Ordinal);

    /// <summary>Finds the value of a variable's symbol.</summary>
    internal bool TryGet(string name, out nint value) => _symbols.TryGetValue(name, out value);

    /// <summary>Makes room for a variable, zeroed; the result is its address.</summary>
    internal nint Define(string name, int size, int alignment = 8)
    {
        KernelImports.RequireListed(KernelImports.Variables, name);
        int at = (_used + alignment - 1) & -alignment;
        if (_region is null || (ulong)(at + size) > RegionSize)
        {
            _region = _memory.Allocate(Math.Max(RegionSize, (ulong)size), LowAccess.Data);
            _checked.Add(_region.Extent);
            at = 0;
        }
        _used = at + size;
        _symbols.Add(name, _region.Address + at);
        return _region.Address + at;
    }

    /// <summary>Makes room for a per-CPU variable; the result is its address, while the symbol's value is its offset.</summary>
    internal nint DefinePerCpu(string name, int size, int alignment = 8)
    {
        KernelImports.RequireListed(KernelImports.Variables, name);
        nint offset = _cpu.AllocatePerCpu(name, size, alignment);
        _symbols.Add(name, offset);
        return _cpu.Area + offset;
    }
}
