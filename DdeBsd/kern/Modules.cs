using DdeKit.Foreign;

namespace DdeBsd;

/// <summary>What a module's handler is told (sys/module.h, modeventtype_t).</summary>
internal enum ModuleEvent
{
    Load,
    Unload,
    Shutdown,
    Quiesce,
}

/// <summary>A driver's module refused to start.</summary>
public sealed class ModuleEventException : Exception
{
    internal ModuleEventException(string module, int error)
        : base($"module {module}: its handler answered error {error} when it was loaded")
    {
    }
}

/// <summary>Modules: initializers in their order, event handlers, tunables, work that waits for interrupts. SYSINIT(9), module(9).</summary>
internal sealed unsafe class ModuleEvents(BsdKernel kernel)
{
    private readonly Dictionary<nint, nint> _modules = [];
    private readonly List<nint> _hooks = [];

    /// <summary>Values of tunables, as a boot loader's <c>set NAME=VALUE</c> gives them.</summary>
    internal Dictionary<string, string> Tunables { get; } = new(StringComparer.Ordinal);

    /// <summary>Runs a module's initializers by subsystem and order, and then what waited for interrupts.</summary>
    internal void Start(LoadedModule module)
    {
        foreach (nint entry in Sorted(module, "set_sysinit_set"))
            Run(entry);
        kernel.Memory.At<int>(kernel.Symbols.Require("cold")) = 0;
        RunHooks();
    }

    /// <summary>Runs a module's finalizers, the last first.</summary>
    internal void Stop(LoadedModule module)
    {
        foreach (nint data in _modules.Keys.Where(module.Contains).ToArray())
        {
            int error = Tell(data, ModuleEvent.Unload);
            if (error != 0)
                throw new KernelFaultException($"module {module.Name} refuses to be unloaded: error {error}");
            _modules.Remove(data);
        }
        foreach (nint entry in Sorted(module, "set_sysuninit_set").AsEnumerable().Reverse())
            Run(entry);
    }

    /// <summary>An initializer that DECLARE_MODULE left.</summary>
    [KernelFunction]
    public void module_register_init(nint data)
    {
        module_register(data, 0);
        int error = Tell(data, ModuleEvent.Load);
        if (error != 0)
            throw new ModuleEventException(NameOf(data), error);
    }

    [KernelFunction]
    public int module_register(nint data, nint container)
    {
        if (!_modules.TryAdd(data, kernel.Malloc.AllocateOwn(8)))
            throw new KernelFaultException($"module {NameOf(data)} is registered twice");
        return 0;
    }

    [KernelFunction]
    public int config_intrhook_establish(nint hook)
    {
        if (_hooks.Contains(hook))
            return Errno.EINVAL;
        _hooks.Add(hook);
        if (kernel.Memory.At<int>(kernel.Symbols.Require("cold")) == 0)
            kernel.Threads.Start("config hooks", RunHooks);
        return 0;
    }

    [KernelFunction]
    public void config_intrhook_disestablish(nint hook)
    {
        if (!_hooks.Remove(hook))
            throw new KernelFaultException($"configuration hook 0x{hook:x} is taken back by somebody who did not establish it");
    }

    [KernelFunction]
    public int getenv_int(KernelString name, nint value) => Get(name, out long number) && Put(value, (int)number) ? 1 : 0;

    [KernelFunction]
    [KernelFunction("getenv_quad")]
    [KernelFunction("getenv_ulong")]
    public int getenv_long(KernelString name, nint value) => Get(name, out long number) && Put(value, number) ? 1 : 0;

    [KernelFunction]
    public int getenv_string(KernelString name, nint buffer, int size)
    {
        if (size <= 0 || !Tunables.TryGetValue(name.ToString(), out string? text))
            return 0;
        var target = kernel.Memory.Span<byte>(buffer, size);
        target.Clear();
        System.Text.Encoding.UTF8.GetBytes(text.AsSpan(0, Math.Min(text.Length, size - 1)), target);
        return 1;
    }

    [KernelFunction]
    public nint getenv(KernelString name) => Tunables.TryGetValue(name.ToString(), out string? text) ? kernel.Malloc.AllocateText(text) : 0;

    [KernelFunction]
    public void freeenv(nint text) => kernel.Malloc.FreeOwn(text);

    [KernelFunction]
    public void tunable_int_init(nint tunable)
    {
        ref var wanted = ref kernel.Memory.At<TunableInteger>(tunable);
        getenv_int(kernel.Memory.CheckString(wanted.path), wanted.var);
    }

    [KernelFunction]
    public void tunable_str_init(nint tunable)
    {
        ref var wanted = ref kernel.Memory.At<TunableText>(tunable);
        getenv_string(kernel.Memory.CheckString(wanted.path), wanted.var, wanted.size);
    }

    private void RunHooks()
    {
        var done = new HashSet<nint>();
        // A hook may establish others, and takes itself back when its work is done, perhaps later.
        while (_hooks.Find(hook => !done.Contains(hook)) is not 0 and var next)
        {
            done.Add(next);
            ref var hook = ref kernel.Memory.At<ConfigurationHook>(next);
            kernel.Call(hook.ich_func, hook.ich_arg);
        }
    }

    private nint[] Sorted(LoadedModule module, string set) => module.TryGetSection(set, out var section)
        ? [.. kernel.Memory.Span<nint>((nint)section.First, (int)section.Count / sizeof(nint)).ToArray()
            .OrderBy(entry => kernel.Memory.At<SysinitEntry>(entry).subsystem).ThenBy(entry => kernel.Memory.At<SysinitEntry>(entry).order)]
        : [];

    private void Run(nint entry)
    {
        var initializer = kernel.Memory.At<SysinitEntry>(entry);
        kernel.Call(initializer.func, initializer.udata);
    }

    private int Tell(nint data, ModuleEvent what)
    {
        ref var module = ref kernel.Memory.At<ModuleData>(data);
        return module.evhand == 0 ? 0 : unchecked((int)kernel.Call(module.evhand, _modules[data], (nint)what, module.priv));
    }

    private string NameOf(nint data) => kernel.Memory.CheckString(kernel.Memory.At<ModuleData>(data).name).ToString();

    private bool Get(KernelString name, out long number)
    {
        number = 0;
        return Tunables.TryGetValue(name.ToString(), out string? text)
            && (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
                ? long.TryParse(text.AsSpan(2), System.Globalization.NumberStyles.HexNumber, null, out number)
                : long.TryParse(text, out number));
    }

    private bool Put<T>(nint address, T value) where T : unmanaged
    {
        kernel.Memory.At<T>(address) = value;
        return true;
    }
}

public sealed partial class BsdKernel
{
    internal ModuleEvents ModuleEvents => field ??= new ModuleEvents(this);

    /// <summary>Values of tunables by name, for modules that are loaded from now on.</summary>
    public IDictionary<string, string> Tunables => ModuleEvents.Tunables;

    /// <summary>Loads a module and runs its initializers, on the calling kernel thread; drivers probe and attach in there.</summary>
    /// <exception cref="BadModuleException">The module is damaged, or not for this machine.</exception>
    /// <exception cref="UnresolvedImportsException">Nobody supplies some of its imports.</exception>
    /// <exception cref="ModuleEventException">Its handler refused.</exception>
    public LoadedModule InsertModule(ElfRelocatable elf)
    {
        var module = LoadModule(elf, Symbols);
        Kobj.Number(module);
        ModuleEvents.Start(module);
        return module;
    }

    /// <summary>Detaches a module's devices, runs its finalizers and takes it out of memory. On a kernel thread.</summary>
    public void RemoveModule(LoadedModule module)
    {
        ModuleEvents.Stop(module);
        UnloadModule(module);
    }
}
