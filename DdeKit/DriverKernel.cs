using DdeKit.Foreign;
using DdeKit.Memory;
using DdeKit.Pci;
using L4;

namespace DdeKit;

/// <summary>
/// What the kernel that a driver sees is made of, whichever system it came from: the domain's processor, memory, device and foreign code.
/// A shim derives its kernel from it and adds its rooms. Everything here belongs to the holder of the domain's baton.
/// </summary>
public abstract partial class DriverKernel : IDisposable
{
    /// <summary>Heap that a domain gets: what disk drivers use, several times over.</summary>
    public const ulong DefaultHeapBytes = 16UL << 20;

    /// <summary>Addresses that a domain's arena spans: heap and clients' windows. PIIX bus masters reach 4 GiB.</summary>
    public const ulong ArenaBytes = 1UL << 30;

    [ThreadStatic]
    private static DriverKernel? t_current;

    [ThreadStatic]
    private static Extent t_stack;

    private readonly Stack<IDisposable> _thunkRanges = new();
    private readonly Dictionary<LoadedModule, IDisposable> _moduleRanges = [];

    /// <param name="cpu">The domain's processor; the kernel attaches itself to its threads.</param>
    /// <param name="function">The PCI function that was granted to the domain, as a gate.</param>
    /// <param name="heapBytes">Size of the heap.</param>
    /// <param name="device">Makes what device accesses by instruction reach, for this kernel.</param>
    protected DriverKernel(VirtualCpu cpu, Capability function, ulong heapBytes, Func<DriverKernel, IDeviceAccess> device)
    {
        Cpu = cpu;
        Log = new KernelLog(cpu);
        Arena = new Arena(cpu.Task, heapBytes, ArenaBytes);
        Foreign = new ForeignCpu(LowMemory);
        Thunks = new ImportThunks(LowMemory);
        Loader = new ModuleLoader(LowMemory, Foreign);
        Memory = new KernelMemory(Arena.Base, Arena.Length);
        Pci = new PciDevice(cpu, function);
        Pci.MapHeap(Arena);
        Image = new ForeignImage(Loader, Thunks);
        Windows = new DeviceWindows(LowMemory);
        TrapHandler = new DriverTrapHandler(device(this), Windows, Image, Events);
        Foreign.TrapHandler = TrapHandler;
        Thunks.Extended += code => _thunkRanges.Push(TrapUnit.Register(code));
        cpu.ThreadAttached = AttachThread;
        cpu.ThreadDetached = DetachThread;
        cpu.Faulted = Fault;
    }

    /// <summary>The domain's task.</summary>
    public L4Task Task => Cpu.Task;

    /// <summary>The domain's processor.</summary>
    public VirtualCpu Cpu { get; }

    /// <summary>Memory that driver and device share.</summary>
    public Arena Arena { get; }

    /// <summary>The way into foreign code.</summary>
    public ForeignCpu Foreign { get; }

    /// <summary>The device.</summary>
    public PciDevice Pci { get; }

    /// <summary>What must not pass in silence.</summary>
    public EventLog Events => Task.System.Events;

    /// <summary>Range checks for every pointer that a driver hands over.</summary>
    public KernelMemory Memory { get; }

    /// <summary>The modules, in the order of loading.</summary>
    public IReadOnlyList<LoadedModule> Modules => Loader.Modules;

    /// <summary>What becomes of traps, with counters of trapped and patched device accesses.</summary>
    public DriverTrapHandler TrapHandler { get; }

    /// <summary>What the driver and the shim print.</summary>
    public KernelLog Log { get; }

    /// <summary>The latest calls out of the driver.</summary>
    public abstract CallTrace Calls { get; }

    /// <summary>All foreign code, for giving addresses their names.</summary>
    public ForeignImage Image { get; }

    /// <summary>Addresses that stand for device memory.</summary>
    public DeviceWindows Windows { get; }

    /// <summary>The code that the driver calls for its imports.</summary>
    public ImportThunks Thunks { get; }

    /// <summary>The domain's modules.</summary>
    public ModuleLoader Loader { get; }

    /// <summary>Memory that modules' 32-bit relocations reach.</summary>
    public LowMemory LowMemory { get; } = new();

    /// <summary>Makes everything ready for the first module. Called on the domain's first thread.</summary>
    public abstract void Boot();

    /// <summary>Starts a kernel thread. An exception that leaves it ends the domain.</summary>
    public abstract void StartThread(string name, Action body);

    /// <summary>Calls a function of the driver.</summary>
    /// <exception cref="ForeignAbortException">The domain is dying.</exception>
    public nint Call(nint function, nint a0 = 0, nint a1 = 0, nint a2 = 0, nint a3 = 0, nint a4 = 0, nint a5 = 0) =>
        Foreign.Call(function, a0, a1, a2, a3, a4, a5);

    /// <summary>The domain dies of <paramref name="exception"/>: no foreign code runs any more, parked threads unwind.</summary>
    public void Fault(Exception exception)
    {
        Foreign.Abort(exception);
        Cpu.Stop();
    }

    /// <summary>Names an address of a module or of an import: <c>ata_eh_reset+0x3eb [libata]</c>; null when it is neither.</summary>
    public string? Describe(nint address)
    {
        foreach (var module in Modules)
        {
            if (module.TryDescribe(address, out string text))
                return text;
        }
        return Thunks.TryDescribe(address, out string thunk) ? thunk : null;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Loads a module; its traps are the domain's and its memory the driver's from now on.</summary>
    /// <inheritdoc cref="ModuleLoader.Load" path="/exception"/>
    protected LoadedModule LoadModule(ElfRelocatable elf, ISymbolResolver resolver)
    {
        var module = Loader.Load(elf, resolver);
        // A module may be all data.
        if (module.Text.Count > 0)
            _moduleRanges.Add(module, TrapUnit.Register(module.Text));
        Memory.Add(module.Data);
        // Tables that the compiler made constant lie between the instructions (.rodata of a module is data; jump tables are text).
        Memory.Add(module.Text);
        return module;
    }

    /// <summary>Takes a module out of memory, after it has cleaned up.</summary>
    protected void UnloadModule(LoadedModule module)
    {
        Memory.Remove(module.Data);
        Memory.Remove(module.Text);
        if (_moduleRanges.Remove(module, out var range))
            range.Dispose();
        TrapHandler.Patcher?.Remove(module);
        Loader.Unload(module);
    }

    /// <summary>Makes the calling host thread one of the domain's; once is enough.</summary>
    protected void AttachThread()
    {
        if (t_current == this)
            return;
        t_current = this;
        Foreign.Attach();
        t_stack = Memory.AddThreadStack();
        ThreadAttached();
    }

    /// <summary>A host thread has become the domain's.</summary>
    protected virtual void ThreadAttached()
    {
    }

    /// <summary>A host thread is the domain's no more.</summary>
    protected virtual void ThreadDetached()
    {
    }

    /// <summary>Frees what the kernel holds. No foreign code may run.</summary>
    protected virtual void Dispose(bool disposing)
    {
        Trace?.Dispose();
        foreach (var range in _moduleRanges.Values.Concat(_thunkRanges))
            range.Dispose();
        TrapHandler.Dispose();
        Arena.Dispose();
        LowMemory.Dispose();
    }

    private void DetachThread()
    {
        Memory.Remove(t_stack);
        ForeignCpu.Detach();
        ThreadDetached();
        t_current = null;
    }
}
