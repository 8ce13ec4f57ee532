namespace Emulator;

/// <summary>Header registers: PCI Local Bus Specification 2.1, section 6.1 "Configuration space organization".</summary>
internal static class PciRegister
{
    /// <summary>Bytes of configuration space.</summary>
    public const int SpaceSize = 256;

    /// <summary>Vendor ID, 16 bits.</summary>
    public const int VendorId = 0x00;

    /// <summary>Device ID, 16 bits.</summary>
    public const int DeviceId = 0x02;

    /// <summary>Command, 16 bits: see <see cref="PciCommand"/>.</summary>
    public const int Command = 0x04;

    /// <summary>Status, 16 bits: see <see cref="PciStatus"/>.</summary>
    public const int Status = 0x06;

    /// <summary>Revision ID, 8 bits.</summary>
    public const int RevisionId = 0x08;

    /// <summary>Class code, 24 bits: base class, subclass, programming interface.</summary>
    public const int ClassCode = 0x09;

    /// <summary>Cache line size, 8 bits.</summary>
    public const int CacheLineSize = 0x0c;

    /// <summary>Latency timer, 8 bits.</summary>
    public const int LatencyTimer = 0x0d;

    /// <summary>Header type, 8 bits; bit 7: the device has several functions.</summary>
    public const int HeaderType = 0x0e;

    /// <summary>First of six base address registers, 32 bits each.</summary>
    public const int BaseAddress0 = 0x10;

    /// <summary>The fifth base address register.</summary>
    public const int BaseAddress4 = 0x20;

    /// <summary>The sixth base address register.</summary>
    public const int BaseAddress5 = 0x24;

    /// <summary>Subsystem vendor ID, 16 bits.</summary>
    public const int SubsystemVendorId = 0x2c;

    /// <summary>Subsystem ID, 16 bits.</summary>
    public const int SubsystemId = 0x2e;

    /// <summary>Expansion ROM base address, 32 bits.</summary>
    public const int RomBaseAddress = 0x30;

    /// <summary>Interrupt line, 8 bits.</summary>
    public const int InterruptLine = 0x3c;

    /// <summary>Interrupt pin, 8 bits: 1 is INTA#, 0 none.</summary>
    public const int InterruptPin = 0x3d;

    /// <summary>MIN_GNT, 8 bits.</summary>
    public const int MinimumGrant = 0x3e;

    /// <summary>MAX_LAT, 8 bits.</summary>
    public const int MaximumLatency = 0x3f;
}

/// <summary>Command register: section 6.2.2 "Device control".</summary>
internal static class PciCommand
{
    /// <summary>The function answers in I/O space.</summary>
    public const ushort IoSpace = 1 << 0;

    /// <summary>The function answers in memory space.</summary>
    public const ushort MemorySpace = 1 << 1;

    /// <summary>The function may master the bus.</summary>
    public const ushort BusMaster = 1 << 2;

    /// <summary>The function watches special cycles.</summary>
    public const ushort SpecialCycles = 1 << 3;

    /// <summary>Bits that revision 2.1 leaves reserved: 15:10.</summary>
    public const ushort Reserved = 0xfc00;
}

/// <summary>Status register: section 6.2.3 "Device status".</summary>
internal static class PciStatus
{
    /// <summary>Target accepts fast back-to-back transactions.</summary>
    public const ushort FastBackToBack = 1 << 7;

    /// <summary>DEVSEL# timing: medium.</summary>
    public const ushort MediumDecode = 1 << 9;

    /// <summary>This target ended a transaction with target abort.</summary>
    public const ushort SignalledTargetAbort = 1 << 11;

    /// <summary>This master's transaction ended with target abort.</summary>
    public const ushort ReceivedTargetAbort = 1 << 12;

    /// <summary>This master's transaction was claimed by nobody.</summary>
    public const ushort ReceivedMasterAbort = 1 << 13;
}
