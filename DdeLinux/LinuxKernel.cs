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

    /// <param name="cpu">The domain's processor; the kernel attaches itself to its threads.</param>
    /// <param name="function">The PCI function that was granted to the domain, as a gate.</param>
    /// <param name="heapBytes">Size of the heap.</param>
    public LinuxKernel(VirtualCpu cpu, Capability function, ulong heapBytes = DefaultHeapBytes)
    {
        Cpu = cpu;
        Arena = new Arena(cpu.Task, heapBytes, ArenaBytes);
        Foreign = new ForeignCpu(_lowMemory);
        Thunks = new ImportThunks(_lowMemory);
        Loader = new ModuleLoader(_lowMemory, Foreign);
        Variables = new VariableTable(_lowMemory, Foreign);
        Memory = new KernelMemory(Arena.Base, Arena.Length);
        Symbols = new KernelSymbols(this);
        Pci = new PciDevice(cpu, function);
        Pci.MapHeap(Arena);
        cpu.ThreadAttached = AttachThread;
        cpu.Faulted = Fault;
        Foreign.TrapHandler = new KernelTraps(this);
        Thunks.Extended += TrapUnit.Register;
    }

    /// <summary>The kernel of the domain that this host thread runs in.</summary>
    /// <exception cref="InvalidOperationException">The thread runs in none.</exception>
    public static LinuxKernel Current => t_current ?? throw new InvalidOperationException("This thread runs in no Linux domain.");

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

    /// <summary>Why the domain died; null while it lives.</summary>
    public OopsReport? Oops { get; private set; }

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

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var module in Modules.Reverse())
            TrapUnit.Unregister(module.Text);
        foreach (var extent in Thunks.Extents)
            TrapUnit.Unregister(extent);
        Arena.Dispose();
        _lowMemory.Dispose();
    }

    private void AttachThread()
    {
        t_current = this;
        Foreign.Attach();
    }
}
