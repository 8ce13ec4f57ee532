using DdeKit.Foreign;

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
        _kernel.Timekeeping.CountRound();
        return _kernel.Pci.Ports.Read(port, width);
    }

    /// <inheritdoc />
    public void WritePort(ushort port, int width, uint value)
    {
        Traps++;
        _kernel.Pci.Ports.Write(port, width, value);
    }

    /// <inheritdoc />
    public unsafe void ReadPortBlock(ushort port, int width, Span<byte> destination)
    {
        Traps++;
        fixed (byte* memory = destination)
            _kernel.IoMap.ReadBlock(port, width, (nint)memory, (ulong)(destination.Length / width));
    }

    /// <inheritdoc />
    public unsafe void WritePortBlock(ushort port, int width, ReadOnlySpan<byte> source)
    {
        Traps++;
        fixed (byte* memory = source)
            _kernel.IoMap.WriteBlock(port, width, (nint)memory, (ulong)(source.Length / width));
    }

    /// <inheritdoc />
    public ulong ReadMemory(ulong address, int width)
    {
        Traps++;
        _kernel.Timekeeping.CountRound();
        return _kernel.Pci.Memory.Read(address, width);
    }

    /// <inheritdoc />
    public void WriteMemory(ulong address, int width, ulong value)
    {
        Traps++;
        _kernel.Pci.Memory.Write(address, width, value);
    }
}
