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
    private readonly TaskFile _taskFile = new();
    private byte _status;
    private byte _error;

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

    /// <summary>Alternate Status: the status without side effects.</summary>
    public byte Status => _status;

    /// <summary>Whether the device owns its registers, or waits for data to be moved: only Device Control may be written.</summary>
    public bool IsBusy => (_status & (AtaStatus.Busy | AtaStatus.DataRequest)) != 0;

    /// <summary>Whether the device has an interrupt to signal; INTRQ follows when it is selected and nIEN is zero.</summary>
    public bool InterruptPending { get; private set; }

    /// <summary>Reads the Status register: this acknowledges the interrupt.</summary>
    public byte ReadStatus()
    {
        InterruptPending = false;
        return _status;
    }

    /// <summary>Reads a command block register other than Data and Status.</summary>
    public byte ReadRegister(int register, bool highOrderByte) => (_status & AtaStatus.Busy) != 0
        ? _status
        : register == AtaRegister.ErrorOrFeatures ? _error : _taskFile.Read(register, highOrderByte);

    /// <summary>Writes a command block register other than Data and Command.</summary>
    public void WriteRegister(int register, byte value)
    {
        if (IsBusy)
        {
            Report("register-write-while-busy", $"command block register {register}, value 0x{value:x2}, status 0x{_status:x2}: ignored");
            return;
        }

        _taskFile.Write(register, value);
    }

    /// <summary>SRST went to one, or the power came: whatever was going on is forgotten.</summary>
    public void BeginReset()
    {
        EndTransfer();
        InterruptPending = false;
        _status = AtaStatus.Busy;
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
        if ((_status & AtaStatus.Busy) != 0)
            return;
        EndTransfer();
        LeaveDiagnosticResult();
        InterruptPending = !_isDevice1;
    }

    /// <summary>The host writes the Command register while this device is selected.</summary>
    public void Execute(byte command)
    {
        if (IsBusy)
        {
            Report("command-while-busy", $"command 0x{command:x2}, status 0x{_status:x2}: ignored");
            return;
        }

        if (_power == PowerState.Sleep)
        {
            Report("command-while-asleep", $"command 0x{command:x2}: ignored, only a reset wakes the device");
            return;
        }

        InterruptPending = false;
        _command = command;
        _error = 0;
        _status = AtaStatus.Idle;
        switch (command)
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
            case AtaCommand.Nop: Fail(AtaError.Aborted); break;
            default: Abort("not supported"); break;
        }
    }

    private void LeaveDiagnosticResult()
    {
        _taskFile.SetSignature();
        _error = AtaError.DiagnosticsPassed;
        _status = AtaStatus.Idle;
    }

    private void Complete()
    {
        _status = AtaStatus.Idle;
        InterruptPending = true;
    }

    private void Fail(byte error)
    {
        _error = error;
        _status = AtaStatus.Idle | AtaStatus.Error;
        InterruptPending = true;
    }

    /// <summary>The medium refused a write or a flush. DF alone, because no bit of the Error register means "cannot be written".</summary>
    private void FailDevice(MediumFault fault)
    {
        Report("medium-write", $"command 0x{_command:x2}, byte {fault.Offset}: {fault.Reason}");
        _status = AtaStatus.Idle | AtaStatus.DeviceFault;
        InterruptPending = true;
    }

    private void Abort(string why)
    {
        Report("command-aborted", $"command 0x{_command:x2} ({why}), features 0x{_taskFile.Features:x2}, sector count 0x{_taskFile.SectorCount:x2}");
        Fail(AtaError.Aborted);
    }

    private void Report(string kind, string text) => _events.Report(_name, kind, text);
}
