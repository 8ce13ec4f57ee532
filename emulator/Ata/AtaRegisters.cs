namespace Emulator;

// Facts of ATA/ATAPI-6 (T13/1410D), clause 7 "Interface register definitions and descriptions", unless another source is named.

/// <summary>Offsets in the command block (ports 1F0h-1F7h or 170h-177h).</summary>
internal static class AtaRegister
{
    /// <summary>Data register: 16 bits wide, PIO data while DRQ is one.</summary>
    public const int Data = 0;

    /// <summary>Error register when read, Features register when written.</summary>
    public const int ErrorOrFeatures = 1;

    /// <summary>Sector Count register; two deep, for 48-bit commands.</summary>
    public const int SectorCount = 2;

    /// <summary>LBA Low register (Sector Number before ATA/ATAPI-6); two deep.</summary>
    public const int LbaLow = 3;

    /// <summary>LBA Mid register (Cylinder Low); two deep.</summary>
    public const int LbaMid = 4;

    /// <summary>LBA High register (Cylinder High); two deep.</summary>
    public const int LbaHigh = 5;

    /// <summary>Device register (Device/Head): see <see cref="AtaDevice"/>.</summary>
    public const int Device = 6;

    /// <summary>Status register when read (reading it clears the pending interrupt), Command register when written.</summary>
    public const int StatusOrCommand = 7;

    /// <summary>Ports in the command block.</summary>
    public const int Count = 8;
}

/// <summary>Bits of the Status and Alternate Status registers.</summary>
internal static class AtaStatus
{
    /// <summary>ERR: the Error register says what went wrong.</summary>
    public const byte Error = 0x01;

    /// <summary>DRQ: the device wants to transfer data.</summary>
    public const byte DataRequest = 0x08;

    /// <summary>Bit 4, command dependent; DSC (seek complete) up to ATA-3, which every disk still sets.</summary>
    public const byte SeekComplete = 0x10;

    /// <summary>DF: device fault, e.g. a write that the medium refused.</summary>
    public const byte DeviceFault = 0x20;

    /// <summary>DRDY: the device accepts commands.</summary>
    public const byte Ready = 0x40;

    /// <summary>BSY: the device owns the registers.</summary>
    public const byte Busy = 0x80;

    /// <summary>What an idle disk shows.</summary>
    public const byte Idle = Ready | SeekComplete;
}

/// <summary>Bits of the Error register.</summary>
internal static class AtaError
{
    /// <summary>ABRT: command aborted.</summary>
    public const byte Aborted = 0x04;

    /// <summary>IDNF: address not found.</summary>
    public const byte IdNotFound = 0x10;

    /// <summary>UNC: uncorrectable data.</summary>
    public const byte Uncorrectable = 0x40;

    /// <summary>Not a bit: the diagnostic code "passed" that resets and EXECUTE DEVICE DIAGNOSTIC leave (clause 9, diagnostic codes).</summary>
    public const byte DiagnosticsPassed = 0x01;
}

/// <summary>Bits of the Device register.</summary>
internal static class AtaDevice
{
    /// <summary>LBA bits 27:24, or the head number.</summary>
    public const byte AddressMask = 0x0f;

    /// <summary>DEV: 0 selects device 0, 1 device 1.</summary>
    public const byte SelectDevice1 = 0x10;

    /// <summary>LBA: the address is a logical block address.</summary>
    public const byte Lba = 0x40;
}

/// <summary>Bits of the Device Control register (port 3F6h or 376h, written; read it is Alternate Status).</summary>
internal static class AtaDeviceControl
{
    /// <summary>nIEN: the device leaves INTRQ released.</summary>
    public const byte InterruptDisable = 0x02;

    /// <summary>SRST: software reset of both devices while one.</summary>
    public const byte SoftwareReset = 0x04;

    /// <summary>HOB: reads of the two-deep registers give the older byte; any write to the command block clears it.</summary>
    public const byte HighOrderByte = 0x80;

    /// <summary>Bits that no edition gives a meaning: 6:4. (Bit 3 was "always one" up to ATA-2, and bit 0 is "always zero".)</summary>
    public const byte Reserved = 0x71;
}
