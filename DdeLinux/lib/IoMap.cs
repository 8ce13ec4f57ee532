using DdeKit.Pci;

namespace DdeLinux;

/// <summary>
/// ioread and iowrite: one set of functions for ports and device memory. A port's cookie is its number plus 0x10000, far below any
/// address, as in lib/iomap.c, so that arithmetic on cookies works as drivers expect.
/// </summary>
internal sealed unsafe partial class IoMap
{
    private const int PortOffset = 0x10000;

    private readonly LinuxKernel _kernel;
    private readonly IoPorts _ports;

    internal IoMap(LinuxKernel kernel)
    {
        _kernel = kernel;
        _ports = kernel.Pci.Ports;
    }

    /// <summary>The cookie of a port.</summary>
    internal static nint Cookie(ulong port) => (nint)port + PortOffset;

    [KernelFunction]
    public uint ioread8(nint cookie) => Read(cookie, 1);

    [KernelFunction]
    public uint ioread16(nint cookie) => Read(cookie, 2);

    [KernelFunction]
    public uint ioread32(nint cookie) => Read(cookie, 4);

    [KernelFunction]
    public void iowrite8(byte value, nint cookie) => _ports.Write(PortOf(cookie), 1, value);

    [KernelFunction]
    public void iowrite16(ushort value, nint cookie) => _ports.Write(PortOf(cookie), 2, value);

    [KernelFunction]
    public void iowrite32(uint value, nint cookie) => _ports.Write(PortOf(cookie), 4, value);

    /// <summary>Reads one port again and again; <paramref name="count"/> counts elements.</summary>
    [KernelFunction]
    public void ioread8_rep(nint cookie, nint destination, ulong count) => ReadBlock(cookie, 1, destination, count);

    [KernelFunction]
    public void ioread16_rep(nint cookie, nint destination, ulong count) => ReadBlock(cookie, 2, destination, count);

    [KernelFunction]
    public void ioread32_rep(nint cookie, nint destination, ulong count) => ReadBlock(cookie, 4, destination, count);

    /// <summary>Writes one port again and again; <paramref name="count"/> counts elements.</summary>
    [KernelFunction]
    public void iowrite8_rep(nint cookie, nint source, ulong count) => WriteBlock(cookie, 1, source, count);

    [KernelFunction]
    public void iowrite16_rep(nint cookie, nint source, ulong count) => WriteBlock(cookie, 2, source, count);

    [KernelFunction]
    public void iowrite32_rep(nint cookie, nint source, ulong count) => WriteBlock(cookie, 4, source, count);

    private static uint PortOf(nint cookie)
    {
        ulong port = unchecked((ulong)cookie - PortOffset);
        return port <= ushort.MaxValue ? (uint)port : throw new KernelFaultException($"0x{cookie:x} is not the cookie of a mapped port");
    }

    private uint Read(nint cookie, int width)
    {
        _kernel.Timekeeping.CountRound();
        return _ports.Read(PortOf(cookie), width);
    }

    private void ReadBlock(nint cookie, int width, nint destination, ulong count)
    {
        uint port = PortOf(cookie);
        if (IsArena(destination, count, width, out ulong bus))
        {
            if (count != 0)
                _ports.ReadBlock(port, width, bus, (uint)count * (uint)width);
            return;
        }
        // A few bytes on the driver's stack, which no device reaches.
        var memory = _kernel.Memory.Span<byte>(destination, checked((int)count * width));
        for (; memory.Length > 0; memory = memory[width..])
        {
            uint value = _ports.Read(port, width);
            new ReadOnlySpan<byte>(&value, width).CopyTo(memory);
        }
    }

    private void WriteBlock(nint cookie, int width, nint source, ulong count)
    {
        uint port = PortOf(cookie);
        if (IsArena(source, count, width, out ulong bus))
        {
            if (count != 0)
                _ports.WriteBlock(port, width, bus, (uint)count * (uint)width);
            return;
        }
        var memory = _kernel.Memory.Span<byte>(source, checked((int)count * width));
        for (; memory.Length > 0; memory = memory[width..])
        {
            uint value = 0;
            memory[..width].CopyTo(new Span<byte>(&value, width));
            _ports.Write(port, width, value);
        }
    }

    private bool IsArena(nint address, ulong count, int width, out ulong bus)
    {
        bus = unchecked((ulong)(address - _kernel.Arena.Base));
        return new L4.Extent(0, _kernel.Arena.Length).Contains(bus, checked(count * (ulong)width));
    }
}

public sealed partial class LinuxKernel
{
    internal IoMap IoMap => field ??= new IoMap(this);
}
