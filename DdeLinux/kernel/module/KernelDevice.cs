using DdeKit.Foreign;
using L4;

namespace DdeLinux;

/// <summary>Where device accesses that binary modules make by instruction go, after they trapped.</summary>
public sealed class KernelDevice : IDeviceAccess
{
    private readonly LinuxKernel _kernel;

    internal KernelDevice(LinuxKernel kernel) => _kernel = kernel;

    /// <summary>Instructions that trapped and were carried out here.</summary>
    public long Traps { get; private set; }

    /// <inheritdoc />
    public uint ReadPort(ushort port, int width)
    {
        Traps++;
        return _kernel.Pci.Ports.Read(port, width);
    }

    /// <inheritdoc />
    public void WritePort(ushort port, int width, uint value)
    {
        Traps++;
        _kernel.Pci.Ports.Write(port, width, value);
    }

    /// <inheritdoc />
    public void ReadPortBlock(ushort port, int width, Span<byte> destination) => throw NoBlocks(port);

    /// <inheritdoc />
    public void WritePortBlock(ushort port, int width, ReadOnlySpan<byte> source) => throw NoBlocks(port);

    /// <inheritdoc />
    public ulong ReadMemory(ulong address, int width) => throw NoMemory(address);

    /// <inheritdoc />
    public void WriteMemory(ulong address, int width, ulong value) => throw NoMemory(address);

    private static ServiceException NoBlocks(ushort port) =>
        new(ServiceError.UnknownOperation, $"a string instruction on port 0x{port:x} trapped; no port of this project has a driver that needs it yet");

    private static ServiceException NoMemory(ulong address) =>
        new(ServiceError.UnknownOperation, $"device memory 0x{address:x} was accessed by instruction; no port of this project has a driver that needs it yet");
}
