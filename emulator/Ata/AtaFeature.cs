namespace Emulator;

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
