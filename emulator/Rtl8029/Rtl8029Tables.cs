using Registers;

namespace Emulator;

/// <summary>The registers of the RTL8029AS as data, and where they are found, for traces.</summary>
public static partial class Rtl8029Tables
{
    // PS1:0 of the command register, whose value says which page the other ports show.
    private const byte PageMask = 0xc0;

    /// <summary>The device. Its data port and the eight that reset it are in no register description: they are no registers.</summary>
    public static DeviceRegisters Device { get; } = new("ne2000", Rtl8029.VendorId, Rtl8029.DeviceId,
    [
        new(PciSpace.Configuration, 0, 0, Configuration with { Path = "ne2000.configuration" }),
        new(PciSpace.Ports, 0, 0x10, new RegisterTable("ne2000", 0x10, [new("data", 0, 2, true, true, 0, 0, []), new("reset", 8, 1, true, true, 8, 1, [])])),
        new(PciSpace.Ports, 0, 0, Common),
        new(PciSpace.Ports, 0, 0, Page0) { Bank = new RegisterBank(0, PageMask, 0x00) },
        new(PciSpace.Ports, 0, 0, Page1) { Bank = new RegisterBank(0, PageMask, 0x40) },
        new(PciSpace.Ports, 0, 0, Page2) { Bank = new RegisterBank(0, PageMask, 0x80) },
        new(PciSpace.Ports, 0, 0, Page3) { Bank = new RegisterBank(0, PageMask, 0xc0) },
    ]);

    [RegisterTable("network-header.rdl", "")]
    private static partial RegisterTable Configuration { get; }

    [RegisterTable("rtl8029.rdl", "common")]
    private static partial RegisterTable Common { get; }

    [RegisterTable("rtl8029.rdl", "page0")]
    private static partial RegisterTable Page0 { get; }

    [RegisterTable("rtl8029.rdl", "page1")]
    private static partial RegisterTable Page1 { get; }

    [RegisterTable("rtl8029.rdl", "page2")]
    private static partial RegisterTable Page2 { get; }

    [RegisterTable("rtl8029.rdl", "page3")]
    private static partial RegisterTable Page3 { get; }
}
