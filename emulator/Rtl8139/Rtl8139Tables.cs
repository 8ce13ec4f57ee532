using Registers;

namespace Emulator;

/// <summary>The registers of RTL8139C and RTL8139C+ as data, and where they are found, for traces.</summary>
public static partial class Rtl8139Tables
{
    private const byte PortsBar = 0;
    private const byte MemoryBar = 1;

    // CPCR, whose lowest bit says what is at 10h to 2Fh.
    private const ulong ModeRegister = 0xe0;
    private const byte ModeMask = 1;
    private const ulong TransmitBlock = 0x10;
    private const ulong TransmitBlockSize = 0x20;
    private const ulong PlusBlock = 0xd9;

    /// <summary>The device. An RTL8139C, which has no CPCR, always shows its slots.</summary>
    public static DeviceRegisters Device { get; } = new("rtl8139", Rtl8139.VendorId, Rtl8139.DeviceId,
    [
        new(PciSpace.Configuration, 0, 0, Configuration with { Path = "rtl8139.configuration" }),
        .. RegionsOf(PciSpace.Ports, PortsBar),
        .. RegionsOf(PciSpace.Memory, MemoryBar),
    ]);

    [RegisterTable("network-header.rdl", "")]
    private static partial RegisterTable Configuration { get; }

    [RegisterTable("rtl8139.rdl", "common")]
    private static partial RegisterTable Common { get; }

    [RegisterTable("rtl8139.rdl", "slots")]
    private static partial RegisterTable Slots { get; }

    [RegisterTable("rtl8139.rdl", "plus")]
    private static partial RegisterTable Plus { get; }

    private static RegisterRegion[] RegionsOf(PciSpace space, byte bar)
    {
        const ulong Above = PlusBlock - TransmitBlock;
        var rings = Plus with { Size = TransmitBlockSize, Registers = [.. Plus.Registers.Where(r => r.Offset < TransmitBlockSize)] };
        var mode = Plus with { Size = Plus.Size - Above, Registers = [.. Plus.Registers.Where(r => r.Offset >= Above).Select(r => r with { Offset = r.Offset - Above })] };
        return
        [
            new(space, bar, TransmitBlock, Slots) { Bank = new RegisterBank(ModeRegister, ModeMask, 0) },
            new(space, bar, TransmitBlock, rings) { Bank = new RegisterBank(ModeRegister, ModeMask, ModeMask) },
            new(space, bar, PlusBlock, mode),
            new(space, bar, 0, Common),
        ];
    }
}
