using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using DdeKit;
using DdeKit.Foreign;
using L4;

namespace DdeBsd;

/// <summary>
/// The kernel that a FreeBSD driver sees: one for each driver domain. The rooms hang off it as properties, each defined beside the room.
/// Everything here belongs to the holder of the domain's baton.
/// </summary>
public sealed partial class BsdKernel : DriverKernel
{
    [ThreadStatic]
    private static BsdKernel? t_current;

    private readonly ElfRelocatable _base;

    /// <param name="cpu">The domain's processor; the kernel attaches itself to its threads.</param>
    /// <param name="function">The PCI function that was granted to the domain, as a gate.</param>
    /// <param name="baseModule">The shim's own module: variables, library functions and interfaces.</param>
    /// <param name="heapBytes">Size of the heap.</param>
    public BsdKernel(VirtualCpu cpu, Capability function, ElfRelocatable baseModule, ulong heapBytes = DefaultHeapBytes)
        : base(cpu, function, heapBytes, kernel => new DirectAccess((BsdKernel)kernel))
    {
        _base = baseModule;
        Symbols = new KernelSymbols(this);
    }

    /// <summary>The kernel of the domain that this host thread runs in.</summary>
    /// <exception cref="InvalidOperationException">The thread runs in none.</exception>
    public static BsdKernel Current
    {
        // Read at the start of every call out of the driver, so without a call of its own.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => t_current ?? ThrowOutside();
    }

    /// <inheritdoc />
    public override CallTrace Calls { get; } = new(KernelFunctions.All);

    internal KernelSymbols Symbols { get; }

    /// <inheritdoc />
    /// <exception cref="BadModuleException">The base module is not this shim's.</exception>
    public override void Boot()
    {
        AttachThread();
        var module = LoadModule(_base, Symbols);
        Symbols.AddBase(module);
        Kobj.Number(module);
        Clock.Boot();
        Mutexes.Boot();
        TaskQueues.Boot();
        Devices.Boot();
    }

    /// <inheritdoc />
    public override void StartThread(string name, Action body) => Threads.Start(name, body);

    /// <inheritdoc />
    protected override void ThreadAttached() => t_current = this;

    /// <inheritdoc />
    protected override void ThreadDetached() => t_current = null;

    [DoesNotReturn]
    private static BsdKernel ThrowOutside() => throw new InvalidOperationException("This thread runs in no BSD domain.");
}
