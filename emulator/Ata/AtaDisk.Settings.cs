using System.Numerics;

namespace Emulator;

/// <content>Commands that move no data and change how the device works.</content>
internal sealed partial class AtaDisk
{
    private enum PowerState
    {
        Active,
        Idle,
        Standby,
        Sleep,
    }

    private DiskGeometry _geometry;
    private PowerState _power;
    private int _multipleCount;
    private bool _writeCache;
    private bool _readLookAhead;
    private int _multiwordDmaMode = -1;
    private int _ultraDmaMode = -1;

    /// <summary>Strings that IDENTIFY DEVICE reports.</summary>
    public DiskIdentity Identity => _identity;

    /// <summary>Whether this is device 1.</summary>
    public bool IsDevice1 => _isDevice1;

    /// <summary>Whether device 0 has to answer for an absent device 1 (IDENTIFY DEVICE word 93 bit 6).</summary>
    public bool IsAlone { get; init; }

    /// <summary>Translation of CHS addresses in force.</summary>
    public DiskGeometry Geometry => _geometry;

    /// <summary>Sectors a DRQ block of READ and WRITE MULTIPLE, 0 before SET MULTIPLE MODE.</summary>
    public int MultipleCount => _multipleCount;

    /// <summary>Whether a write may end before it is durable.</summary>
    public bool WriteCacheEnabled => _writeCache;

    /// <summary>Whether read look-ahead is on; it changes nothing else here, because the host's page cache does it.</summary>
    public bool ReadLookAheadEnabled => _readLookAhead;

    /// <summary>The selected multiword DMA mode, or -1.</summary>
    public int MultiwordDmaMode => _multiwordDmaMode;

    /// <summary>The selected Ultra DMA mode, or -1.</summary>
    public int UltraDmaMode => _ultraDmaMode;

    private void SetFeatures()
    {
        switch (FeaturesValue)
        {
            case AtaFeature.EnableWriteCache:
                _writeCache = true;
                Complete();
                break;
            case AtaFeature.DisableWriteCache:
                _writeCache = false;
                Flush();
                break;
            case AtaFeature.EnableReadLookAhead:
                _readLookAhead = true;
                Complete();
                break;
            case AtaFeature.DisableReadLookAhead:
                _readLookAhead = false;
                Complete();
                break;
            case AtaFeature.SetTransferMode:
                SetTransferMode();
                break;
            default:
                Abort("SET FEATURES subcommand not supported");
                break;
        }
    }

    private void SetTransferMode()
    {
        int type = (int)SectorCountValue >> AtaTransferMode.TypeShift;
        int number = (int)SectorCountValue & AtaTransferMode.NumberMask;
        switch (type)
        {
            case AtaTransferMode.PioDefault when number <= 1:
            case AtaTransferMode.PioFlowControl when number <= AtaTransferMode.HighestPio:
                break;
            case AtaTransferMode.MultiwordDma when number <= AtaTransferMode.HighestMultiwordDma:
                _multiwordDmaMode = number;
                _ultraDmaMode = -1;
                break;
            case AtaTransferMode.UltraDma when number <= AtaTransferMode.HighestUltraDma:
                _ultraDmaMode = number;
                _multiwordDmaMode = -1;
                break;
            default:
                Abort("SET FEATURES transfer mode not supported");
                return;
        }

        Complete();
    }

    private void SetMultipleMode()
    {
        int count = (int)SectorCountValue;
        if (count > HighestMultiple || (count != 0 && !BitOperations.IsPow2(count)))
        {
            Abort("SET MULTIPLE MODE takes 0 or a power of two up to 16");
            return;
        }

        _multipleCount = count;
        Complete();
    }

    /// <summary>Sectors a track in Sector Count, highest head number in the Device register (ATA/ATAPI-5, clause 8).</summary>
    private void InitializeDeviceParameters()
    {
        uint sectorsPerTrack = SectorCountValue;
        if (sectorsPerTrack == 0)
        {
            Abort("0 sectors a track");
            return;
        }

        _geometry = DiskGeometry.For(SectorCount, Head + 1, sectorsPerTrack);
        Complete();
    }

    private void EnterPowerState(PowerState state)
    {
        // Entering a low-power state empties the cache first: the platters stop.
        if (state != PowerState.Idle && _medium.Flush() is { } fault)
        {
            FailDevice(fault);
            return;
        }

        _power = state;
        Complete();
    }

    private void CheckPowerMode()
    {
        SectorCountValue = _power switch
        {
            PowerState.Standby => AtaPowerMode.Standby,
            PowerState.Idle => AtaPowerMode.Idle,
            _ => AtaPowerMode.Active,
        };
        Complete();
    }
}
