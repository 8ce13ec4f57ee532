using Registers;

namespace Emulator;

/// <summary>The registers of the 82540EM as data, and where they are found, for traces.</summary>
public static partial class Intel82540Tables
{
    /// <summary>The device.</summary>
    public static DeviceRegisters Device { get; } = new("e1000", Intel82540.VendorId, Intel82540.DeviceId,
    [
        new(PciSpace.Configuration, 0, 0, Configuration with { Path = "e1000.configuration" }),
        new(PciSpace.Memory, 0, 0, Memory),
        new(PciSpace.Ports, 2, 0, Ports with { Path = "e1000.ports" }),
    ]);

    [RegisterTable("network-header.rdl", "")]
    private static partial RegisterTable Configuration { get; }

    [RegisterTable("e1000.rdl", "")]
    private static partial RegisterTable Memory { get; }

    [RegisterTable("e1000-io.rdl", "")]
    private static partial RegisterTable Ports { get; }
}
