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

    /// <summary>Whether a cookie is a port's.</summary>
    internal static bool IsPort(nint cookie) => unchecked((ulong)cookie - PortOffset) <= ushort.MaxValue;

    [KernelFunction]
    public uint ioread8(nint cookie) => Read(cookie, 1);

    [KernelFunction]
    public uint ioread16(nint cookie) => Read(cookie, 2);

    [KernelFunction]
    public uint ioread32(nint cookie) => Read(cookie, 4);

    [KernelFunction]
    public void iowrite8(byte value, nint cookie) => Write(cookie, 1, value);

    [KernelFunction]
    public void iowrite16(ushort value, nint cookie) => Write(cookie, 2, value);

    [KernelFunction]
    public void iowrite32(uint value, nint cookie) => Write(cookie, 4, value);

    /// <summary>Reads one register again and again; <paramref name="count"/> counts elements.</summary>
    [KernelFunction]
    public void ioread8_rep(nint cookie, nint destination, ulong count) => ReadRepeatedly(cookie, 1, destination, count);

    [KernelFunction]
    public void ioread16_rep(nint cookie, nint destination, ulong count) => ReadRepeatedly(cookie, 2, destination, count);

    [KernelFunction]
    public void ioread32_rep(nint cookie, nint destination, ulong count) => ReadRepeatedly(cookie, 4, destination, count);

    /// <summary>Writes one register again and again; <paramref name="count"/> counts elements.</summary>
    [KernelFunction]
    public void iowrite8_rep(nint cookie, nint source, ulong count) => WriteRepeatedly(cookie, 1, source, count);

    [KernelFunction]
    public void iowrite16_rep(nint cookie, nint source, ulong count) => WriteRepeatedly(cookie, 2, source, count);

    [KernelFunction]
    public void iowrite32_rep(nint cookie, nint source, ulong count) => WriteRepeatedly(cookie, 4, source, count);

    /// <summary>Reads one port again and again into memory of the driver, all of which is there.</summary>
    internal void ReadBlock(uint port, int width, nint destination, ulong count)
    {
        if (IsArena(destination, count, width, out ulong bus))
        {
            if (count != 0)
                _ports.ReadBlock(port, width, bus, (uint)count * (uint)width);
            return;
        }
        // A few bytes on the driver's stack, which no device reaches.
        for (var memory = new Span<byte>((void*)destination, checked((int)count * width)); memory.Length > 0; memory = memory[width..])
        {
            uint value = _ports.Read(port, width);
            new ReadOnlySpan<byte>(&value, width).CopyTo(memory);
        }
    }

    /// <summary>Writes memory of the driver, all of which is there, to one port.</summary>
    internal void WriteBlock(uint port, int width, nint source, ulong count)
    {
        if (IsArena(source, count, width, out ulong bus))
        {
            if (count != 0)
                _ports.WriteBlock(port, width, bus, (uint)count * (uint)width);
            return;
        }
        for (var memory = new ReadOnlySpan<byte>((void*)source, checked((int)count * width)); memory.Length > 0; memory = memory[width..])
        {
            uint value = 0;
            memory[..width].CopyTo(new Span<byte>(&value, width));
            _ports.Write(port, width, value);
        }
    }

    private static uint PortOf(nint cookie) => unchecked((uint)(cookie - PortOffset));

    private uint Read(nint cookie, int width)
    {
        _kernel.Timekeeping.CountRound();
        return IsPort(cookie) ? _ports.Read(PortOf(cookie), width) : (uint)_kernel.Pci.Memory.Read(MemoryOf(cookie, width), width);
    }

    private void Write(nint cookie, int width, uint value)
    {
        if (IsPort(cookie))
            _ports.Write(PortOf(cookie), width, value);
        else
            _kernel.Pci.Memory.Write(MemoryOf(cookie, width), width, value);
    }

    private ulong MemoryOf(nint cookie, int width) => _kernel.Windows.TryTranslate(unchecked((ulong)cookie), width, out ulong physical)
        ? physical
        : throw new KernelFaultException($"0x{cookie:x} is neither the cookie of a port nor an address of mapped device memory");

    private void ReadRepeatedly(nint cookie, int width, nint destination, ulong count)
    {
        var memory = _kernel.Memory.Span<byte>(destination, checked((int)count * width));
        if (IsPort(cookie))
        {
            ReadBlock(PortOf(cookie), width, destination, count);
            return;
        }
        ulong physical = MemoryOf(cookie, width);
        for (; memory.Length > 0; memory = memory[width..])
        {
            uint value = (uint)_kernel.Pci.Memory.Read(physical, width);
            new ReadOnlySpan<byte>(&value, width).CopyTo(memory);
        }
    }

    private void WriteRepeatedly(nint cookie, int width, nint source, ulong count)
    {
        var memory = _kernel.Memory.Span<byte>(source, checked((int)count * width));
        if (IsPort(cookie))
        {
            WriteBlock(PortOf(cookie), width, source, count);
            return;
        }
        ulong physical = MemoryOf(cookie, width);
        for (; memory.Length > 0; memory = memory[width..])
        {
            uint value = 0;
            memory[..width].CopyTo(new Span<byte>(&value, width));
            _kernel.Pci.Memory.Write(physical, width, value);
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
