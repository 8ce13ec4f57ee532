using static CommandGuard.TaskfileBlock;

namespace CommandGuard;

/// <summary>What a command does, as far as it matters who allowed it.</summary>
internal enum AtaCommandKind
{
    /// <summary>Needs a right that no session gives, or is not known well enough to let it through.</summary>
    Refused,

    /// <summary>Neither changes the medium nor moves its contents.</summary>
    Harmless,

    /// <summary>Tells what the device is.</summary>
    Identify,

    /// <summary>Harmless or not, as the Features register says.</summary>
    ByFeature,

    /// <summary>Makes completed writes durable.</summary>
    Flush,

    /// <summary>Moves sectors by the host's processor.</summary>
    Pio,

    /// <summary>Moves sectors by bus master.</summary>
    Dma,
}

/// <summary>What is known of a command code.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Writes">Whether sectors go to the medium.</param>
/// <param name="IsExtended">Whether it takes a 48-bit address.</param>
internal readonly record struct AtaCommandClass(AtaCommandKind Kind, bool Writes = false, bool IsExtended = false)
{
    // SET FEATURES, ATA/ATAPI-6 clause 8.46 and ATA8-ACS clause 7.45: what tunes transfers and power. The others change what the device is.
    private static ReadOnlySpan<byte> HarmlessFeatures => [0x02, 0x03, 0x05, 0x10, 0x55, 0x66, 0x82, 0x85, 0x90, 0xaa, 0xcc];

    // SMART, ATA/ATAPI-6 clause 8.48: read data, read thresholds, read log, return status.
    private static ReadOnlySpan<byte> HarmlessSmart => [0xd0, 0xd1, 0xd5, 0xda];

    /// <summary>The class of a command code: ATA/ATAPI-6, clause 8. What is not listed is refused, whatever it may be.</summary>
    internal static AtaCommandClass Of(AtaCommand command) => command switch
    {
        AtaCommand.Nop or AtaCommand.Recalibrate or AtaCommand.ReadVerify or AtaCommand.ReadVerifyExt or AtaCommand.ExecuteDeviceDiagnostic
            or AtaCommand.InitializeDeviceParameters or AtaCommand.SetMultipleMode or AtaCommand.StandbyImmediate or AtaCommand.IdleImmediate
            or AtaCommand.Standby or AtaCommand.Idle or AtaCommand.CheckPowerMode or AtaCommand.Sleep or AtaCommand.ReadNativeMax
            or AtaCommand.ReadNativeMaxExt => new(AtaCommandKind.Harmless),
        AtaCommand.IdentifyDevice => new(AtaCommandKind.Identify),
        AtaCommand.SetFeatures or AtaCommand.Smart => new(AtaCommandKind.ByFeature),
        AtaCommand.FlushCache or AtaCommand.FlushCacheExt => new(AtaCommandKind.Flush),
        AtaCommand.ReadSectors or AtaCommand.ReadMultiple => new(AtaCommandKind.Pio),
        AtaCommand.ReadSectorsExt or AtaCommand.ReadMultipleExt => new(AtaCommandKind.Pio, IsExtended: true),
        AtaCommand.WriteSectors or AtaCommand.WriteMultiple => new(AtaCommandKind.Pio, Writes: true),
        AtaCommand.WriteSectorsExt or AtaCommand.WriteMultipleExt => new(AtaCommandKind.Pio, Writes: true, IsExtended: true),
        AtaCommand.ReadDma => new(AtaCommandKind.Dma),
        AtaCommand.ReadDmaExt => new(AtaCommandKind.Dma, IsExtended: true),
        AtaCommand.WriteDma => new(AtaCommandKind.Dma, Writes: true),
        AtaCommand.WriteDmaExt or AtaCommand.WriteDmaFuaExt => new(AtaCommandKind.Dma, Writes: true, IsExtended: true),
        _ => new(AtaCommandKind.Refused),
    };

    /// <summary>Whether a command whose harm depends on the Features register does none.</summary>
    internal static bool IsHarmless(AtaCommand command, byte feature) =>
        (command == AtaCommand.SetFeatures ? HarmlessFeatures : HarmlessSmart).Contains(feature);
}
