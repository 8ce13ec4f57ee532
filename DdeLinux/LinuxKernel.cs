using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using DdeKit;
using DdeKit.Foreign;
using DdeKit.Memory;
using DdeKit.Pci;
using L4;

namespace DdeLinux;

/// <summary>
/// The kernel that a Linux driver sees: one for each driver domain. The rooms (mm, kernel, drivers/pci ...) hang off it as properties,
/// each defined beside the room. Everything here belongs to the holder of the domain's baton.
/// </summary>
public sealed partial class LinuxKernel : IDisposable
{
    /// <summary>Heap that a domain gets: what Debian's ATA drivers use, several times over.</summary>
    public const ulong DefaultHeapBytes = 16UL << 20;

    /// <summary>Addresses that a domain's arena spans: heap and clients' windows. PIIX bus masters reach 4 GiB.</summary>
    public const ulong ArenaBytes = 1UL << 30;

    [ThreadStatic]
    private static LinuxKernel? t_current;

    private readonly LowMemory _lowMemory = new();
    private readonly Stack<IDisposable> _thunkRanges = new();
    private readonly Dictionary<LoadedModule, IDisposable> _moduleRanges = [];
    private readonly ForeignImage _image;
    private readonly bool _patchSites;

    [ThreadStatic]
    private static Extent t_stack;

    /// <param name="cpu">The domain's processor; the kernel attaches itself to its threads.</param>
    /// <param name="function">The PCI function that was granted to the domain, as a gate.</param>
    /// <param name="heapBytes">Size of the heap.</param>
    /// <param name="patchSites">Whether instructions that access the device are patched once they have trapped; see
    /// <see cref="DriverTrapHandler.EnablePatching"/>. With a tap, which is told the code that makes each access, they never are.</param>
    public LinuxKernel(VirtualCpu cpu, Capability function, ulong heapBytes = DefaultHeapBytes, bool patchSites = true)
    {
        Cpu = cpu;
        _patchSites = patchSites;
        Arena = new Arena(cpu.Task, heapBytes, ArenaBytes);
        Foreign = new ForeignCpu(_lowMemory);
        Thunks = new ImportThunks(_lowMemory);
        Loader = new ModuleLoader(_lowMemory, Foreign);
        Memory = new KernelMemory(Arena.Base, Arena.Length);
        Variables = new VariableTable(_lowMemory, Foreign, Memory);
        Symbols = new KernelSymbols(this);
        Pci = new PciDevice(cpu, function);
        Pci.MapHeap(Arena);
        _image = new ForeignImage(Loader, Thunks);
        Device = new KernelDevice(this);
        Windows = new DeviceWindows(_lowMemory);
        TrapHandler = new DriverTrapHandler(Device, Windows, _image, Events);
        Foreign.TrapHandler = TrapHandler;
        Thunks.Extended += code => _thunkRanges.Push(TrapUnit.Register(code));
        cpu.ThreadAttached = AttachThread;
        cpu.ThreadDetached = DetachThread;
        cpu.Faulted = Fault;
    }

    /// <summary>The kernel of the domain that this host thread runs in.</summary>
    /// <exception cref="InvalidOperationException">The thread runs in none.</exception>
    public static LinuxKernel Current
    {
        // Read at the start of every call out of the driver, so without a call of its own.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => t_current ?? ThrowOutside();
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

    /// <summary>What device accesses by instruction reach.</summary>
    internal KernelDevice Device { get; }

    /// <summary>Addresses that stand for device memory.</summary>
    internal DeviceWindows Windows { get; }

    internal ImportThunks Thunks { get; }

    internal ModuleLoader Loader { get; }

    internal VariableTable Variables { get; }

    internal KernelSymbols Symbols { get; }

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

    /// <summary>Makes everything ready for the first module. Called on the domain's first thread.</summary>
    public void Boot()
    {
        AttachThread();
        if (_patchSites && Pci.Tap is null)
            TrapHandler.EnablePatching(Foreign);
        foreach (var owner in VariableOwners)
            owner.Define(Variables);
    }

    /// <summary>Starts a kernel thread. An exception that leaves it ends the domain.</summary>
    public void StartThread(string name, Action body) => Scheduler.StartThread(name, body);

    /// <summary>The rooms that export variables, in the order in which they need each other.</summary>
    private IVariableOwner[] VariableOwners => [PerCpu, Timekeeping, Slab, PageMap, Scheduler, Paravirt, WorkQueues, SystemState, Parameters, PciBusCore, IoRegions, ScsiSense, Acpi, Crc32, Napi];

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var range in _moduleRanges.Values.Concat(_thunkRanges))
            range.Dispose();
        TrapHandler.Dispose();
        Trace?.Dispose();
        Arena.Dispose();
        _lowMemory.Dispose();
    }

    [DoesNotReturn]
    private static LinuxKernel ThrowOutside() => throw new InvalidOperationException("This thread runs in no Linux domain.");

    private void AttachThread()
    {
        if (t_current == this)
            return;
        t_current = this;
        Foreign.Attach();
        t_stack = Memory.AddThreadStack();
    }

    private void DetachThread()
    {
        Memory.Remove(t_stack);
        ForeignCpu.Detach();
        t_current = null;
    }
}
