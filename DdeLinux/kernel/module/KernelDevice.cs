using DdeKit.Foreign;

namespace DdeLinux;

/// <summary>Where device accesses that binary modules make by instruction go, after they trapped or through a patched site.</summary>
internal sealed class KernelDevice : IDeviceAccess
{
    private readonly LinuxKernel _kernel;

    internal KernelDevice(LinuxKernel kernel) => _kernel = kernel;

    /// <inheritdoc />
    public uint ReadPort(ushort port, int width)
    {
        _kernel.Timekeeping.CountRound();
        return _kernel.Pci.Ports.Read(port, width);
    }

    /// <inheritdoc />
    public void WritePort(ushort port, int width, uint value)
    {
        _kernel.Pci.Ports.Write(port, width, value);
    }

    /// <inheritdoc />
    public unsafe void ReadPortBlock(ushort port, int width, Span<byte> destination)
    {
        fixed (byte* memory = destination)
            _kernel.IoMap.ReadBlock(port, width, (nint)memory, (ulong)(destination.Length / width));
    }

    /// <inheritdoc />
    public unsafe void WritePortBlock(ushort port, int width, ReadOnlySpan<byte> source)
    {
        fixed (byte* memory = source)
            _kernel.IoMap.WriteBlock(port, width, (nint)memory, (ulong)(source.Length / width));
    }

    /// <inheritdoc />
    public ulong ReadMemory(ulong address, int width)
    {
        _kernel.Timekeeping.CountRound();
        return _kernel.Pci.Memory.Read(address, width);
    }

    /// <inheritdoc />
    public void WriteMemory(ulong address, int width, ulong value)
    {
        _kernel.Pci.Memory.Write(address, width, value);
    }
}
