using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using DdeKit;
using DdeKit.Foreign;
using L4;

namespace DdeLinux;

/// <summary>
/// The kernel that a Linux driver sees: one for each driver domain. The rooms (mm, kernel, drivers/pci ...) hang off it as properties,
/// each defined beside the room. Everything here belongs to the holder of the domain's baton.
/// </summary>
public sealed partial class LinuxKernel : DriverKernel
{
    [ThreadStatic]
    private static LinuxKernel? t_current;

    private readonly bool _patchSites;

    /// <param name="cpu">The domain's processor; the kernel attaches itself to its threads.</param>
    /// <param name="function">The PCI function that was granted to the domain, as a gate.</param>
    /// <param name="heapBytes">Size of the heap.</param>
    /// <param name="patchSites">Whether instructions that access the device are patched once they have trapped; see
    /// <see cref="DriverTrapHandler.EnablePatching"/>. With a tap, which is told the code that makes each access, they never are.</param>
    public LinuxKernel(VirtualCpu cpu, Capability function, ulong heapBytes = DefaultHeapBytes, bool patchSites = true)
        : base(cpu, function, heapBytes, kernel => new KernelDevice((LinuxKernel)kernel))
    {
        _patchSites = patchSites;
        Variables = new VariableTable(LowMemory, Foreign, Memory);
        Symbols = new KernelSymbols(this);
    }

    /// <summary>The kernel of the domain that this host thread runs in.</summary>
    /// <exception cref="InvalidOperationException">The thread runs in none.</exception>
    public static LinuxKernel Current
    {
        // Read at the start of every call out of the driver, so without a call of its own.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => t_current ?? ThrowOutside();
    }

    /// <inheritdoc />
    public override CallTrace Calls { get; } = new(KernelFunctions.All);

    internal VariableTable Variables { get; }

    internal KernelSymbols Symbols { get; }

    /// <inheritdoc />
    public override void Boot()
    {
        AttachThread();
        if (_patchSites && Pci.Tap is null)
            TrapHandler.EnablePatching(Foreign);
        foreach (var owner in VariableOwners)
            owner.Define(Variables);
    }

    /// <inheritdoc />
    public override void StartThread(string name, Action body) => Scheduler.StartThread(name, body);

    /// <summary>The rooms that export variables, in the order in which they need each other.</summary>
    private IVariableOwner[] VariableOwners => [PerCpu, Timekeeping, Slab, PageMap, Scheduler, Paravirt, WorkQueues, SystemState, Parameters, PciBusCore, IoRegions, ScsiSense, Acpi, Crc32, Napi];

    /// <inheritdoc />
    protected override void ThreadAttached() => t_current = this;

    /// <inheritdoc />
    protected override void ThreadDetached() => t_current = null;

    [DoesNotReturn]
    private static LinuxKernel ThrowOutside() => throw new InvalidOperationException("This thread runs in no Linux domain.");
}
