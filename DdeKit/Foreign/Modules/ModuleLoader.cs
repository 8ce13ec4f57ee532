namespace DdeKit.Foreign;

/// <summary>
/// Loads the modules of one domain: places, binds and relocates them, and keeps what they export for the modules after them. Imports are
/// taken from the resolver first, then from modules loaded before. Used by one thread at a time.
/// </summary>
public sealed class ModuleLoader
{
    private readonly LowMemory _memory;
    private readonly ForeignCpu _cpu;
    private readonly List<LoadedModule> _modules = [];

    /// <param name="memory">Where modules go.</param>
    /// <param name="cpu">Where their per-CPU variables go.</param>
    public ModuleLoader(LowMemory memory, ForeignCpu cpu)
    {
        _memory = memory;
        _cpu = cpu;
    }

    /// <summary>The modules in the order of loading.</summary>
    public IReadOnlyList<LoadedModule> Modules => _modules;

    /// <summary>Loads one module. Its <see cref="LoadedModule.Init"/> is the caller's to call.</summary>
    /// <exception cref="UnresolvedImportsException">Nobody supplies some of its imports; all of them are named.</exception>
    /// <exception cref="BadModuleException">It cannot be placed or relocated.</exception>
    public LoadedModule Load(ElfRelocatable elf, ISymbolResolver resolver)
    {
        if (_modules.Exists(module => module.Name == elf.Name))
            throw new BadModuleException(elf.Name, "a module of that name is loaded already");
        var uses = new HashSet<LoadedModule>();
        ulong[] values = Bind(elf, resolver, uses);
        var layout = new ModuleLayout(elf);
        try
        {
            layout.Place(_memory, _cpu);
            for (int index = 0; index < values.Length; index++)
            {
                if (layout.TryValueOf(index, out ulong value) || (values[index] == 0 && TryBoundary(layout, elf.Symbols[index], out value)))
                    values[index] = value;
            }
            Relocator.Apply(layout, values);
            var module = new LoadedModule(layout, uses);
            CheckExports(module);
            _modules.Add(module);
            return module;
        }
        catch
        {
            layout.Release();
            throw;
        }
    }

    /// <summary>Takes a module out of memory. No foreign code may run in it or hold pointers to it; calling its exit function and taking
    /// back its trap range is the caller's.</summary>
    /// <exception cref="InvalidOperationException">A module loaded later is bound to it.</exception>
    public void Unload(LoadedModule module)
    {
        if (_modules.Find(other => other.Uses.Contains(module)) is { } user)
            throw new InvalidOperationException($"{module.Name} is in use by {user.Name} and cannot be unloaded before it");
        if (!_modules.Remove(module))
            throw new InvalidOperationException($"{module.Name} is not loaded here");
        module.Release();
    }

    /// <summary>Names an address of any loaded module: <c>ata_eh_reset+0x3eb [libata]</c>.</summary>
    public bool TryDescribe(nint address, out string text)
    {
        foreach (var module in _modules)
        {
            if (module.TryDescribe(address, out text))
                return true;
        }
        text = "";
        return false;
    }

    private ulong[] Bind(ElfRelocatable elf, ISymbolResolver resolver, HashSet<LoadedModule> uses)
    {
        ulong[] values = new ulong[elf.Symbols.Count];
        HashSet<string>? missing = null;
        for (int index = 0; index < values.Length; index++)
        {
            var symbol = elf.Symbols[index];
            if (!symbol.IsImport)
                continue;
            if (resolver.TryResolve(symbol.Name, out nint value) || TryResolveInModules(symbol.Name, uses, out value))
                values[index] = unchecked((ulong)value);
            else if (symbol.Binding != ElfBinding.Weak)
                (missing ??= []).Add(symbol.Name);
        }
        if (missing is not null)
            throw new UnresolvedImportsException(elf.Name, [.. ImportUse.Analyze(elf).Where(use => missing.Contains(use.Name))]);
        return values;
    }

    /// <summary>Where a section of the module begins or ends, for the symbols that linkers supply: <c>__start_NAME</c>, <c>__stop_NAME</c>
    /// (GNU ld manual, "Input Section Example").</summary>
    private static bool TryBoundary(ModuleLayout layout, ElfSymbol symbol, out ulong value)
    {
        const string Start = "__start_";
        const string Stop = "__stop_";
        value = 0;
        if (!symbol.IsImport)
            return false;
        bool isStart = symbol.Name.StartsWith(Start, StringComparison.Ordinal);
        if (!isStart && !symbol.Name.StartsWith(Stop, StringComparison.Ordinal))
            return false;
        if (layout.Elf.FindSection(symbol.Name[(isStart ? Start : Stop).Length..]) is not { } section)
            return false;
        value = layout.BytesAt(section.Index) + (isStart ? 0 : section.Size);
        return true;
    }

    private bool TryResolveInModules(string name, HashSet<LoadedModule> uses, out nint value)
    {
        foreach (var module in _modules)
        {
            if (module.Exports.TryGetValue(name, out value))
            {
                uses.Add(module);
                return true;
            }
        }
        value = 0;
        return false;
    }

    private void CheckExports(LoadedModule module)
    {
        foreach (var other in _modules)
        {
            foreach (string name in module.Exports.Keys)
            {
                if (other.Exports.ContainsKey(name))
                    throw new BadModuleException(module.Name, $"exports {name}, which {other.Name} exports already");
            }
        }
    }
}
