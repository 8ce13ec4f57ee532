namespace Emulator;

/// <summary>Command codes: ATA/ATAPI-6, clause 8 "Command descriptions".</summary>
internal static class AtaCommand
{
    /// <summary>NOP: aborts whatever is going on, and itself.</summary>
    public const byte Nop = 0x00;

    /// <summary>RECALIBRATE (ATA-3; drivers of that age still begin with it).</summary>
    public const byte Recalibrate = 0x10;

    /// <summary>READ SECTOR(S).</summary>
    public const byte ReadSectors = 0x20;

    /// <summary>READ SECTOR(S) EXT.</summary>
    public const byte ReadSectorsExt = 0x24;

    /// <summary>READ DMA EXT.</summary>
    public const byte ReadDmaExt = 0x25;

    /// <summary>READ MULTIPLE EXT.</summary>
    public const byte ReadMultipleExt = 0x29;

    /// <summary>WRITE SECTOR(S).</summary>
    public const byte WriteSectors = 0x30;

    /// <summary>WRITE SECTOR(S) EXT.</summary>
    public const byte WriteSectorsExt = 0x34;

    /// <summary>WRITE DMA EXT.</summary>
    public const byte WriteDmaExt = 0x35;

    /// <summary>WRITE MULTIPLE EXT.</summary>
    public const byte WriteMultipleExt = 0x39;

    /// <summary>READ VERIFY SECTOR(S).</summary>
    public const byte ReadVerify = 0x40;

    /// <summary>READ VERIFY SECTOR(S) EXT.</summary>
    public const byte ReadVerifyExt = 0x42;

    /// <summary>EXECUTE DEVICE DIAGNOSTIC: both devices, whichever is selected.</summary>
    public const byte ExecuteDeviceDiagnostic = 0x90;

    /// <summary>INITIALIZE DEVICE PARAMETERS (up to ATA/ATAPI-5): the translation for CHS addresses.</summary>
    public const byte InitializeDeviceParameters = 0x91;

    /// <summary>READ MULTIPLE.</summary>
    public const byte ReadMultiple = 0xc4;

    /// <summary>WRITE MULTIPLE.</summary>
    public const byte WriteMultiple = 0xc5;

    /// <summary>SET MULTIPLE MODE: sectors for each interrupt of the two above.</summary>
    public const byte SetMultipleMode = 0xc6;

    /// <summary>READ DMA.</summary>
    public const byte ReadDma = 0xc8;

    /// <summary>WRITE DMA.</summary>
    public const byte WriteDma = 0xca;

    /// <summary>STANDBY IMMEDIATE.</summary>
    public const byte StandbyImmediate = 0xe0;

    /// <summary>IDLE IMMEDIATE.</summary>
    public const byte IdleImmediate = 0xe1;

    /// <summary>STANDBY.</summary>
    public const byte Standby = 0xe2;

    /// <summary>IDLE.</summary>
    public const byte Idle = 0xe3;

    /// <summary>CHECK POWER MODE: answers in Sector Count.</summary>
    public const byte CheckPowerMode = 0xe5;

    /// <summary>SLEEP: only a reset wakes the device.</summary>
    public const byte Sleep = 0xe6;

    /// <summary>FLUSH CACHE.</summary>
    public const byte FlushCache = 0xe7;

    /// <summary>FLUSH CACHE EXT.</summary>
    public const byte FlushCacheExt = 0xea;

    /// <summary>IDENTIFY DEVICE.</summary>
    public const byte IdentifyDevice = 0xec;

    /// <summary>SET FEATURES: see <see cref="AtaFeature"/>.</summary>
    public const byte SetFeatures = 0xef;
}

/// <summary>Subcommand codes of SET FEATURES (clause 8, SET FEATURES, table "SET FEATURES register definitions").</summary>
internal static class AtaFeature
{
    /// <summary>Enable the write cache.</summary>
    public const byte EnableWriteCache = 0x02;

    /// <summary>Set the transfer mode from Sector Count: see <see cref="AtaTransferMode"/>.</summary>
    public const byte SetTransferMode = 0x03;

    /// <summary>Disable read look-ahead.</summary>
    public const byte DisableReadLookAhead = 0x55;

    /// <summary>Disable the write cache.</summary>
    public const byte DisableWriteCache = 0x82;

    /// <summary>Enable read look-ahead.</summary>
    public const byte EnableReadLookAhead = 0xaa;
}

/// <summary>Transfer modes as SET FEATURES takes them: type in bits 7:3, number in bits 2:0.</summary>
internal static class AtaTransferMode
{
    /// <summary>Bits 7:3.</summary>
    public const int TypeShift = 3;

    /// <summary>Bits 2:0.</summary>
    public const int NumberMask = 7;

    /// <summary>PIO default mode (number 0), or the same without IORDY (number 1).</summary>
    public const int PioDefault = 0;

    /// <summary>PIO flow control mode.</summary>
    public const int PioFlowControl = 1;

    /// <summary>Multiword DMA mode.</summary>
    public const int MultiwordDma = 4;

    /// <summary>Ultra DMA mode.</summary>
    public const int UltraDma = 8;

    /// <summary>Highest PIO mode of the emulated disk.</summary>
    public const int HighestPio = 4;

    /// <summary>Highest multiword DMA mode of the emulated disk.</summary>
    public const int HighestMultiwordDma = 2;

    /// <summary>Highest Ultra DMA mode of the emulated disk (UDMA/100).</summary>
    public const int HighestUltraDma = 5;
}

/// <summary>What CHECK POWER MODE leaves in Sector Count.</summary>
internal static class AtaPowerMode
{
    /// <summary>Standby.</summary>
    public const byte Standby = 0x00;

    /// <summary>Idle.</summary>
    public const byte Idle = 0x80;

    /// <summary>Active or idle.</summary>
    public const byte Active = 0xff;
}
