namespace Emulator;

// Facts of Intel's data sheet 290550 "82371FB (PIIX) and 82371SB (PIIX3) PCI ISA IDE Xcelerator" and of data sheet 290549
// "82441FX PCI and Memory Controller (PMC)"; the register's name there is given at each.

/// <summary>The host bridge, 82441FX (Intel 440FX PCIset), "PCI configuration registers". Only what enumeration looks at is here: the
/// memory controller's own registers (PAM, DRB, SMRAM and so on) have nothing to control in this machine and count as reserved.</summary>
internal static class HostBridgeRegisters
{
    /// <summary>All registers of device 0, function 0.</summary>
    public static ReadOnlySpan<ConfigurationRegister> All => _all;

    private static readonly ConfigurationRegister[] _all =
    [
        new("VID", PciRegister.VendorId, 2, 0x8086),
        new("DID", PciRegister.DeviceId, 2, 0x1237),
        new("PCICMD", PciRegister.Command, 2, PciCommand.BusMaster | PciCommand.MemorySpace, Reserved: PciCommand.Reserved),
        new("PCISTS", PciRegister.Status, 2, PciStatus.MediumDecode | PciStatus.FastBackToBack),
        new("RID", PciRegister.RevisionId, 1, 0x02),
        new("CLASSC", PciRegister.ClassCode, 3, 0x060000),
        new("reserved", PciRegister.CacheLineSize, 1, 0),
        new("MLT", PciRegister.LatencyTimer, 1, 0, Writable: 0xf8),
        new("HEDT", PciRegister.HeaderType, 1, 0),
        .. PiixHeader.UnusedBaseAddresses,
        new("reserved", PciRegister.BaseAddress4, 4, 0),
    ];
}

/// <summary>Header registers that the three functions do not have and that enumeration writes all the same: they read as zero, which
/// says so (PCI 2.1, section 6.2.5.1), and a write is no mistake.</summary>
internal static class PiixHeader
{
    /// <summary>All base address registers but the fifth, the ROM's, and the interrupt line and pin.</summary>
    public static ReadOnlySpan<ConfigurationRegister> UnusedBaseAddresses => _unused;

    private static readonly ConfigurationRegister[] _unused =
    [
        new("reserved", PciRegister.BaseAddress0, 4, 0),
        new("reserved", PciRegister.BaseAddress0 + 4, 4, 0),
        new("reserved", PciRegister.BaseAddress0 + 8, 4, 0),
        new("reserved", PciRegister.BaseAddress0 + 12, 4, 0),
        new("reserved", PciRegister.BaseAddress5, 4, 0),
        new("reserved", PciRegister.RomBaseAddress, 4, 0),
        new("reserved", PciRegister.InterruptLine, 2, 0),
    ];
}

/// <summary>Function 0 of PIIX3, the ISA bridge: "PCI configuration registers - ISA bridge (function 0)".</summary>
internal static class IsaBridgeRegisters
{
    /// <summary>All registers of function 0 that matter to a machine without ISA devices.</summary>
    public static ReadOnlySpan<ConfigurationRegister> All => _all;

    private static readonly ConfigurationRegister[] _all =
    [
        new("VID", PciRegister.VendorId, 2, 0x8086),
        new("DID", PciRegister.DeviceId, 2, 0x7000),
        new("PCICMD", PciRegister.Command, 2, PciCommand.BusMaster | PciCommand.MemorySpace | PciCommand.IoSpace,
            Unmodelled: PciCommand.SpecialCycles, Reserved: PciCommand.Reserved),
        new("PCISTS", PciRegister.Status, 2, PciStatus.MediumDecode,
            ClearByOne: PciStatus.ReceivedMasterAbort | PciStatus.ReceivedTargetAbort | PciStatus.SignalledTargetAbort),
        new("RID", PciRegister.RevisionId, 1, 0x00),
        new("CLASSC", PciRegister.ClassCode, 3, 0x060100),
        new("reserved", PciRegister.CacheLineSize, 2, 0),
        new("HEDT", PciRegister.HeaderType, 1, 0x80),
        .. PiixHeader.UnusedBaseAddresses,
        new("reserved", PciRegister.BaseAddress4, 4, 0),

        // PIRQRC[A:D]: bit 7 one: not routed; bits 3:0: the ISA interrupt. No function here uses INTA#-INTD#.
        new("PIRQRCA", 0x60, 1, 0x80, Unmodelled: 0x8f, Reserved: 0x70),
        new("PIRQRCB", 0x61, 1, 0x80, Unmodelled: 0x8f, Reserved: 0x70),
        new("PIRQRCC", 0x62, 1, 0x80, Unmodelled: 0x8f, Reserved: 0x70),
        new("PIRQRCD", 0x63, 1, 0x80, Unmodelled: 0x8f, Reserved: 0x70),
    ];
}

/// <summary>Function 1 of PIIX3, the IDE interface: "PCI configuration registers - IDE interface (function 1)".</summary>
internal static class IdeRegisters
{
    /// <summary>IDETIM of the primary channel, 16 bits; the secondary's follows.</summary>
    public const int IdeTiming = 0x40;

    /// <summary>IDETIM bit 15, IDE decode enable: the channel's command and control block are decoded.</summary>
    public const uint IdeDecodeEnable = 1 << 15;

    /// <summary>BMIBA bits 15:4: the base of the 16 bus master ports.</summary>
    public const uint BaseAddressMask = 0xfff0;

    /// <summary>How many bus master ports there are, for both channels.</summary>
    public const int BusMasterPorts = 16;

    /// <summary>Command and control block of the primary channel in compatibility mode, and its interrupt.</summary>
    public static readonly (ushort Command, ushort Control, int Interrupt) Primary = (0x1f0, 0x3f6, 14);

    /// <summary>Command and control block of the secondary channel in compatibility mode, and its interrupt.</summary>
    public static readonly (ushort Command, ushort Control, int Interrupt) Secondary = (0x170, 0x376, 15);

    /// <summary>All registers of function 1.</summary>
    public static ReadOnlySpan<ConfigurationRegister> All => _all;

    private static readonly ConfigurationRegister[] _all =
    [
        new("VID", PciRegister.VendorId, 2, 0x8086),
        new("DID", PciRegister.DeviceId, 2, 0x7010),

        // IOSE and BME are the only writable bits; memory space, special cycles and the rest are hardwired to zero.
        new("PCICMD", PciRegister.Command, 2, 0, Writable: PciCommand.IoSpace | PciCommand.BusMaster, Reserved: PciCommand.Reserved),
        new("PCISTS", PciRegister.Status, 2, PciStatus.MediumDecode | PciStatus.FastBackToBack,
            ClearByOne: PciStatus.ReceivedMasterAbort | PciStatus.ReceivedTargetAbort | PciStatus.SignalledTargetAbort),
        new("RID", PciRegister.RevisionId, 1, 0x00),
        new("CLASSC", PciRegister.ClassCode, 3, 0x010180), // IDE, bus master, both channels fixed in compatibility mode
        new("reserved", PciRegister.CacheLineSize, 1, 0),
        new("MLT", PciRegister.LatencyTimer, 1, 0, Writable: 0xf0), // clocks of a burst: a transfer here takes no time
        new("HEDT", PciRegister.HeaderType, 1, 0),
        .. PiixHeader.UnusedBaseAddresses,

        // Bit 0, resource type indicator: I/O. Bits 31:16 are reserved, so that sizing finds 16 ports below 64K.
        new("BMIBA", PciRegister.BaseAddress4, 4, 0x0000_0001, Writable: BaseAddressMask),

        // Bit 15 decode enable; bit 14 slave timing from SIDETIM; 13:12 IORDY sample point; 9:8 recovery time; 7:4 and 3:0: DMA timing
        // only, prefetch and posting, IORDY sampling and fast timing for drives 1 and 0. 11:10 reserved. Time is not modelled, so
        // every setting but decode enable is correct and none has an effect.
        new("IDETIM primary", IdeTiming, 2, 0, Writable: 0xf3ff, Reserved: 0x0c00),
        new("IDETIM secondary", IdeTiming + 2, 2, 0, Writable: 0xf3ff, Reserved: 0x0c00),

        // SIDETIM, PIIX3 only: sample point and recovery time for drive 1 of the secondary (7:4) and the primary channel (3:0).
        new("SIDETIM", 0x44, 1, 0, Writable: 0xff),
    ];
}

/// <summary>I/O registers of one bus master channel: the data sheet's "PCI bus master IDE registers", and "Programming Interface for
/// Bus Master IDE Controller" revision 1.0, section 2.</summary>
internal static class BusMasterRegister
{
    /// <summary>Ports of one channel.</summary>
    public const int ChannelPorts = 8;

    /// <summary>BMICOM, 8 bits: see <see cref="BusMasterCommand"/>.</summary>
    public const int Command = 0;

    /// <summary>BMISTA, 8 bits: see <see cref="BusMasterStatus"/>.</summary>
    public const int Status = 2;

    /// <summary>BMIDTP, 32 bits: bits 31:2 of the descriptor table's address; bits 1:0 are reserved.</summary>
    public const int DescriptorTable = 4;

    /// <summary>Bits of BMIDTP that are kept.</summary>
    public const uint DescriptorTableMask = 0xffff_fffc;
}

/// <summary>Bits of BMICOM.</summary>
internal static class BusMasterCommand
{
    /// <summary>SSBM: start when it goes to one, stop when it goes to zero.</summary>
    public const byte Start = 1 << 0;

    /// <summary>RWCON: 1 when memory is written, i.e. the disk is read. Read-only while the channel is active.</summary>
    public const byte WriteMemory = 1 << 3;

    /// <summary>Bits without a meaning: 7:4 and 2:1.</summary>
    public const byte Reserved = 0xf6;
}

/// <summary>Bits of BMISTA.</summary>
internal static class BusMasterStatus
{
    /// <summary>BMIDEA, read-only: started, and the last descriptor's transfer is not done.</summary>
    public const byte Active = 1 << 0;

    /// <summary>A PCI access ended with target or master abort; cleared by writing one.</summary>
    public const byte Error = 1 << 1;

    /// <summary>IDEINTS: the interrupt line went high; cleared by writing one, until the next rising edge.</summary>
    public const byte Interrupt = 1 << 2;

    /// <summary>Drive 0 and drive 1 are capable of DMA: kept for software, without effect.</summary>
    public const byte DrivesCapable = 1 << 6 | 1 << 5;

    /// <summary>Bits without a meaning: 4:3. Bit 7 (simplex) reads zero: the channels work at once.</summary>
    public const byte Reserved = 1 << 4 | 1 << 3;
}

/// <summary>A physical region descriptor: revision 1.0, section 1.2 "Physical region descriptor table".</summary>
internal static class RegionDescriptor
{
    /// <summary>Bytes: region address, then count (15:0) and end of table (bit 31).</summary>
    public const int Size = 8;

    /// <summary>Where the second doubleword begins.</summary>
    public const int CountOffset = 4;

    /// <summary>Bits of the count that are used: regions have an even number of bytes, and 0 means 64 KiB.</summary>
    public const uint CountMask = 0xfffe;

    /// <summary>The last descriptor.</summary>
    public const uint EndOfTable = 1u << 31;

    /// <summary>Neither a region nor the table may cross a multiple of this.</summary>
    public const uint Boundary = 0x1_0000;
}
