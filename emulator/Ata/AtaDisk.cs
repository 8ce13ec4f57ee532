using L4;

namespace Emulator;

/// <summary>
/// An ATA disk (ATA/ATAPI-6, general feature set, 48-bit addresses) over a medium. This is the device's side of the cable: it keeps
/// its registers and moves data, and <see cref="AtaChannel"/> tells it what the host does. Commands end before the register access
/// that starts or feeds them returns, so BSY is seen during a software reset only.
/// </summary>
internal sealed partial class AtaDisk
{
    /// <summary>Bytes a sector.</summary>
    public const int SectorSize = 512;

    /// <summary>Most sectors that 48-bit addresses reach.</summary>
    public const ulong HighestSectorCount = 1ul << 48;

    private readonly EventLog _events;
    private readonly string _name;
    private readonly IDiskMedium _medium;
    private readonly DiskIdentity _identity;
    private readonly bool _isDevice1;

    /// <param name="name">Name for events, e.g. <c>ata0.0</c>.</param>
    /// <param name="medium">The data; owned by the machine.</param>
    /// <param name="identity">Strings for IDENTIFY DEVICE.</param>
    /// <param name="isDevice1">Whether it is jumpered as device 1 (slave).</param>
    /// <param name="events">Where aborted commands and bad accesses are reported.</param>
    public AtaDisk(string name, IDiskMedium medium, DiskIdentity identity, bool isDevice1, EventLog events)
    {
        _name = name;
        _medium = medium;
        _identity = identity;
        _isDevice1 = isDevice1;
        _events = events;
        SectorCount = (ulong)(medium.Length / SectorSize);
        _geometry = DiskGeometry.Default(SectorCount);
        EndReset();
    }

    /// <summary>Sectors on the medium.</summary>
    public ulong SectorCount { get; }

    /// <summary>Whether the device owns its registers, or waits for data to be moved: only Device Control may be written.</summary>
    public bool IsBusy => StatusBusy || StatusDataRequest;

    /// <summary>Whether the device has an interrupt to signal; INTRQ follows when it is selected and nIEN is zero.</summary>
    public bool InterruptPending { get; private set; }

    /// <summary>SRST went to one, or the power came: whatever was going on is forgotten.</summary>
    public void BeginReset()
    {
        EndTransfer();
        InterruptPending = false;
        StatusRegister = StatusBusyMask;
    }

    /// <summary>SRST went to zero: diagnostics passed, the signature is in the registers. The transfer mode stays, as it belongs to
    /// the cable's timing; other settings revert (SET FEATURES 66h, which would keep them, is not supported).</summary>
    public void EndReset()
    {
        _multipleCount = 0;
        _writeCache = true;
        _readLookAhead = true;
        _power = PowerState.Active;
        _geometry = DiskGeometry.Default(SectorCount);
        LeaveDiagnosticResult();
    }

    /// <summary>EXECUTE DEVICE DIAGNOSTIC, as every device on the cable does it. Device 0 signals the end for both.</summary>
    public void ExecuteDiagnostic()
    {
        if (StatusBusy)
            return;
        EndTransfer();
        LeaveDiagnosticResult();
        InterruptPending = !_isDevice1;
    }

    private partial void OnCommandWritten(uint old, uint written, uint accessed)
    {
        if (_power == PowerState.Sleep)
        {
            Report("command-while-asleep", $"command 0x{CommandRegister:x2}: ignored, only a reset wakes the device");
            return;
        }

        InterruptPending = false;
        ErrorRegister = 0;
        ShowIdle();
        switch (CommandCode)
        {
            case AtaCommand.ReadDmaExt: BeginDma(extended: true, toHost: true); break;
            case AtaCommand.ReadDma: BeginDma(extended: false, toHost: true); break;
            case AtaCommand.WriteDmaExt: BeginDma(extended: true, toHost: false); break;
            case AtaCommand.WriteDma: BeginDma(extended: false, toHost: false); break;
            case AtaCommand.ReadSectors: BeginPioIn(extended: false, 1); break;
            case AtaCommand.ReadSectorsExt: BeginPioIn(extended: true, 1); break;
            case AtaCommand.ReadMultiple: BeginPioIn(extended: false, _multipleCount); break;
            case AtaCommand.ReadMultipleExt: BeginPioIn(extended: true, _multipleCount); break;
            case AtaCommand.WriteSectors: BeginPioOut(extended: false, 1); break;
            case AtaCommand.WriteSectorsExt: BeginPioOut(extended: true, 1); break;
            case AtaCommand.WriteMultiple: BeginPioOut(extended: false, _multipleCount); break;
            case AtaCommand.WriteMultipleExt: BeginPioOut(extended: true, _multipleCount); break;
            case AtaCommand.ReadVerify: Verify(extended: false); break;
            case AtaCommand.ReadVerifyExt: Verify(extended: true); break;
            case AtaCommand.FlushCache or AtaCommand.FlushCacheExt: Flush(); break;
            case AtaCommand.IdentifyDevice: BeginIdentify(); break;
            case AtaCommand.SetFeatures: SetFeatures(); break;
            case AtaCommand.SetMultipleMode: SetMultipleMode(); break;
            case AtaCommand.InitializeDeviceParameters: InitializeDeviceParameters(); break;
            case AtaCommand.Recalibrate: Complete(); break;
            case AtaCommand.StandbyImmediate or AtaCommand.Standby: EnterPowerState(PowerState.Standby); break;
            case AtaCommand.IdleImmediate or AtaCommand.Idle: EnterPowerState(PowerState.Idle); break;
            case AtaCommand.Sleep: EnterPowerState(PowerState.Sleep); break;
            case AtaCommand.CheckPowerMode: CheckPowerMode(); break;
            case AtaCommand.Nop: Fail(ErrorAbortedMask); break;
            default: Abort("not supported"); break;
        }
    }

    private void LeaveDiagnosticResult()
    {
        Reset();
        Array.Clear(_older);
    }

    /// <summary>Ready, and nothing else.</summary>
    private void ShowIdle() => StatusRegister = StatusReadyMask | StatusSeekCompleteMask;

    private void Complete()
    {
        ShowIdle();
        InterruptPending = true;
    }

    private void Fail(uint error)
    {
        Complete();
        StatusError = true;
        ErrorRegister = error;
    }

    /// <summary>The medium refused a write or a flush. DF alone, because no bit of the Error register means "cannot be written".</summary>
    private void FailDevice(MediumFault fault)
    {
        Report("medium-write", $"command 0x{CommandRegister:x2}, byte {fault.Offset}: {fault.Reason}");
        Complete();
        StatusDeviceFault = true;
    }

    private void Abort(string why)
    {
        Report("command-aborted", $"command 0x{CommandRegister:x2} ({why}), features 0x{FeaturesValue:x2}, sector count 0x{SectorCountValue:x2}");
        Fail(ErrorAbortedMask);
    }

    private void Report(string kind, string text) => _events.Report(_name, kind, text);
}
