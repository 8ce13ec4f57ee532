using System.Runtime.CompilerServices;
using DdeKit.Pci;
using L4Io;
using Registers;
using Tracing;

namespace DdeKit;

/// <summary>Tells a trace of every register access of the domain and of every interrupt, with the place in the driver that it belongs to.</summary>
public sealed unsafe class RegisterTrace : IRegisterTap, IDisposable
{
    // call rel32, the form of every direct call of a module: Intel SDM volume 2, "CALL".
    private const byte CallOpcode = 0xe8;
    private const int CallLength = 5;

    /// <summary>How the thunks begin that indirect calls of the kernel go through (arch/x86/lib/retpoline.S).</summary>
    private const string IndirectCall = "__x86_indirect_thunk_";

    private readonly DriverKernel _kernel;
    private readonly TraceWriter _writer;

    internal RegisterTrace(DriverKernel kernel, TraceChannel channel)
    {
        _kernel = kernel;
        _writer = new TraceWriter(kernel.Task, channel, Describe);
    }

    /// <inheritdoc />
    public void Read(ResourceKind space, ulong register, int width, ulong value) => Tell(TraceKind.Read, SpaceOf(space), register, width, value);

    /// <inheritdoc />
    public void Write(ResourceKind space, ulong register, int width, ulong value) => Tell(TraceKind.Write, SpaceOf(space), register, width, value);

    /// <inheritdoc />
    public void ReadBlock(uint port, int width, ulong busAddress, uint bytes) => Tell(TraceKind.ReadBlock, PciSpace.Ports, port, width, bytes);

    /// <inheritdoc />
    public void WriteBlock(uint port, int width, ulong busAddress, uint bytes) => Tell(TraceKind.WriteBlock, PciSpace.Ports, port, width, bytes);

    /// <inheritdoc />
    public void ReadConfiguration(int offset, int width, uint value) => Tell(TraceKind.Read, PciSpace.Configuration, (ulong)offset, width, value);

    /// <inheritdoc />
    public void WriteConfiguration(int offset, int width, uint value) => Tell(TraceKind.Write, PciSpace.Configuration, (ulong)offset, width, value);

    /// <summary>A handler of the driver is about to get an interrupt.</summary>
    public void Interrupt(uint line, nint handler) => _writer.Write(TraceKind.Interrupt, handler, default, line, 0, 0);

    /// <summary>The handler said that the interrupt was not its device's.</summary>
    public void UnhandledInterrupt(uint line, nint handler) => _writer.Write(TraceKind.UnhandledInterrupt, handler, default, line, 0, 0);

    /// <inheritdoc />
    public void Dispose() => _writer.Dispose();

    private static PciSpace SpaceOf(ResourceKind kind) => kind == ResourceKind.Ports ? PciSpace.Ports : PciSpace.Memory;

    private void Tell(TraceKind kind, PciSpace space, ulong register, int width, ulong value) =>
        _writer.Write(kind, _kernel.Foreign.Caller, space, register, width, value);

    /// <summary>
    /// Names where the driver made an access: of a call the instruction itself, not the one that it returns to. A function that ends in a jump to a
    /// kernel function leaves no trace of itself on the stack: then the name is that of its caller, and says so.
    /// </summary>
    private string Describe(nint address)
    {
        nint call = address - CallLength;
        bool isCall = _kernel.Image.FindCode(unchecked((ulong)call)) is { Text: var text } && text.Contains((ulong)call, CallLength) && *(byte*)call == CallOpcode;
        if (!isCall)
            return Name(address);
        nint target = address + Unsafe.ReadUnaligned<int>((void*)(call + 1));
        bool isImport = _kernel.Thunks.TryDescribe(target, out string function) && !function.StartsWith(IndirectCall, StringComparison.Ordinal);
        return isImport ? Name(call) : $"under {Name(call)}";
    }

    // No foreign code: the driver's function was called by the shim itself, and ended in the jump.
    private string Name(nint address) => _kernel.Describe(address) ?? "under the shim";
}

public abstract partial class DriverKernel
{
    /// <summary>Who is told of register accesses and interrupts; null for nobody.</summary>
    public RegisterTrace? Trace { get; private set; }

    /// <summary>Traces the domain from now on. To be called before the kernel boots.</summary>
    public void StartTrace(TraceChannel channel)
    {
        Trace = new RegisterTrace(this, channel);
        Pci.Tap = Trace;
        Thunks.KeepsCallers = true;
    }
}
