using Registers;

namespace Emulator;

/// <summary>The registers of PIIX3's IDE function as data, and where they are found, for traces.</summary>
public static partial class Piix3IdeTables
{
    /// <summary>The device: its legacy blocks at the indices that PCI's rules for IDE controllers give them.</summary>
    public static DeviceRegisters Device { get; } = new("piix", 0x8086, 0x7010,
    [
        new(PciSpace.Configuration, 0, 0, Configuration),
        new(PciSpace.Ports, 0, 0, PrimaryTaskFile),
        new(PciSpace.Ports, 1, 0, PrimaryControl),
        new(PciSpace.Ports, 2, 0, SecondaryTaskFile),
        new(PciSpace.Ports, 3, 0, SecondaryControl),
        new(PciSpace.Ports, 4, 0, PrimaryBusMaster),
        new(PciSpace.Ports, 4, 8, SecondaryBusMaster),
    ])
    { InterruptNames = new Dictionary<uint, string> { [14] = "piix.primary", [15] = "piix.secondary" } };

    [RegisterTable("piix3-ide.rdl", "configuration")]
    private static partial RegisterTable Configuration { get; }

    [RegisterTable("piix3-ide.rdl", "primary.taskfile")]
    private static partial RegisterTable PrimaryTaskFile { get; }

    [RegisterTable("piix3-ide.rdl", "primary.control")]
    private static partial RegisterTable PrimaryControl { get; }

    [RegisterTable("piix3-ide.rdl", "primary.busMaster")]
    private static partial RegisterTable PrimaryBusMaster { get; }

    [RegisterTable("piix3-ide.rdl", "secondary.taskfile")]
    private static partial RegisterTable SecondaryTaskFile { get; }

    [RegisterTable("piix3-ide.rdl", "secondary.control")]
    private static partial RegisterTable SecondaryControl { get; }

    [RegisterTable("piix3-ide.rdl", "secondary.busMaster")]
    private static partial RegisterTable SecondaryBusMaster { get; }
}
