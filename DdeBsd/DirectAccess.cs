using DdeKit.Foreign;

namespace DdeBsd;

/// <summary>
/// Device accesses by instruction: a driver that was compiled against the shim's headers makes none, so each ends the domain with what it
/// tried.
/// </summary>
internal sealed class DirectAccess(BsdKernel kernel) : IDeviceAccess
{
    /// <inheritdoc />
    public uint ReadPort(ushort port, int width) => unchecked((uint)Refuse($"reads {width} bytes of port 0x{port:x}"));

    /// <inheritdoc />
    public void WritePort(ushort port, int width, uint value) => Refuse($"writes 0x{value:x} to port 0x{port:x}");

    /// <inheritdoc />
    public void ReadPortBlock(ushort port, int width, Span<byte> destination) => Refuse($"reads {destination.Length} bytes from port 0x{port:x}");

    /// <inheritdoc />
    public void WritePortBlock(ushort port, int width, ReadOnlySpan<byte> source) => Refuse($"writes {source.Length} bytes to port 0x{port:x}");

    /// <inheritdoc />
    public ulong ReadMemory(ulong address, int width) => Refuse($"reads {width} bytes of device memory 0x{address:x}");

    /// <inheritdoc />
    public void WriteMemory(ulong address, int width, ulong value) => Refuse($"writes 0x{value:x} to device memory 0x{address:x}");

    private ulong Refuse(string what)
    {
        kernel.Fault(new KernelFaultException($"the driver {what} by an instruction of its own; bus_space(9) is the way to registers here"));
        return ulong.MaxValue;
    }
}
