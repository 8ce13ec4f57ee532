using L4;
using L4Io;

namespace DdeKit.Tests;

/// <summary>A machine with one card that has an interrupt and asks for service, and nothing else.</summary>
internal sealed class ServedMachine : IMachine
{
    public const uint Line = 16;

    public static readonly PciAddress Card = new(0, 3, 0);

    private IServiceSink? _sink;

    public IInterruptSink? Interrupt { get; private set; }

    public Func<long> OnService { get; set; } = () => Clock.Never;

    public bool NeedsDelays => false;

    public void Ask() => _sink!.Request();

    public uint ReadConfig(PciAddress address, int offset, int width)
    {
        if (address != Card)
            return uint.MaxValue >> (32 - 8 * width);
        // Vendor and device, interrupt line and pin INTA#: PCI Local Bus Specification 2.1, section 6.1.
        return offset switch
        {
            0x00 => 0x8086,
            0x02 => 0x100e,
            0x3c => Line,
            0x3d => 1,
            _ => 0,
        };
    }

    public void Reset(PciAddress address)
    {
    }

    public void WriteConfig(PciAddress address, int offset, int width, uint value)
    {
    }

    public uint ReadPort(ushort port, int width) => throw new NotSupportedException("it has no ports");

    public void WritePort(ushort port, int width, uint value) => throw new NotSupportedException("it has no ports");

    public void ReadPortBlock(ushort port, int width, Span<byte> destination) => throw new NotSupportedException("it has no ports");

    public void WritePortBlock(ushort port, int width, ReadOnlySpan<byte> source) => throw new NotSupportedException("it has no ports");

    public ulong ReadMemory(ulong address, int width) => throw new NotSupportedException("it has no memory");

    public void WriteMemory(ulong address, int width, ulong value) => throw new NotSupportedException("it has no memory");

    public void ConnectInterrupt(uint line, IInterruptSink? sink) => Interrupt = sink;

    public void SetDmaMemory(PciAddress address, IDmaMemory? memory)
    {
    }

    public void ConnectService(PciAddress address, IServiceSink? sink) => _sink = sink;

    public long Service(PciAddress address) => OnService();

    public void Dispose()
    {
    }
}
