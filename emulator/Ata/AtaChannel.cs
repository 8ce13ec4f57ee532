using L4;

namespace Emulator;

/// <summary>
/// One ATA cable: the registers that the host sees, up to two disks, device selection, INTRQ. ATA/ATAPI-6, clause 7 for the registers
/// and clause 9 for resets and for a cable with one device only.
/// </summary>
internal sealed class AtaChannel
{
    /// <summary>Nobody drives the bus: DD7 has a pull-down resistor (clause 4, "Pull-up and pull-down resistors"), so that an empty
    /// cable never looks busy; the other lines float, high in practice.</summary>
    private const byte FloatingBus = 0x7f;

    private readonly EventLog _events;
    private readonly string _name;
    private readonly AtaDisk? _device0;
    private readonly AtaDisk? _device1;
    private IAtaHost? _host;
    private bool _device1Selected;
    private bool _interruptsDisabled;
    private bool _softwareReset;
    private bool _highOrderByte;
    private bool _interruptRequest;

    /// <param name="name">Name for events, e.g. <c>ata0</c>.</param>
    /// <param name="device0">The master, if there is one.</param>
    /// <param name="device1">The slave, if there is one.</param>
    /// <param name="events">Where bad accesses are reported.</param>
    public AtaChannel(string name, AtaDisk? device0, AtaDisk? device1, EventLog events)
    {
        _name = name;
        _device0 = device0;
        _device1 = device1;
        _events = events;
        CommandBlock = new CommandBlockPorts(this);
        ControlBlock = new ControlBlockPort(this);
    }

    /// <summary>The eight ports of the command block.</summary>
    public PortRange CommandBlock { get; }

    /// <summary>The port of Alternate Status and Device Control.</summary>
    public PortRange ControlBlock { get; }

    /// <summary>The device that DEV selects, if it is there.</summary>
    public AtaDisk? Selected => _device1Selected ? _device1 : _device0;

    /// <summary>Connects the host adapter, before the first access.</summary>
    public void Attach(IAtaHost host) => _host = host;

    private byte ReadRegister(int register)
    {
        AtaDisk? selected = Selected;
        if (register == AtaRegister.StatusOrCommand)
        {
            if (selected is null)
                return AbsentStatus;
            byte status = selected.ReadStatus();
            UpdateInterrupt();
            return status;
        }

        // Clause 9, "Device 0 only configurations": device 0 answers for the absent device 1, with Status 00h.
        AtaDisk? answering = selected ?? _device0;
        return answering?.ReadRegister(register, _highOrderByte) ?? FloatingBus;
    }

    private byte ReadAlternateStatus() => Selected?.Status ?? AbsentStatus;

    private byte AbsentStatus => _device1Selected && _device0 is not null ? (byte)0 : FloatingBus;

    private void WriteRegister(int register, byte value)
    {
        _highOrderByte = false;
        if (register == AtaRegister.StatusOrCommand)
        {
            Execute(value);
            return;
        }

        if (Selected is { IsBusy: true } busy)
        {
            busy.WriteRegister(register, value);
            return;
        }

        _device0?.WriteRegister(register, value);
        _device1?.WriteRegister(register, value);
        if (register == AtaRegister.Device)
        {
            _device1Selected = (value & AtaDevice.SelectDevice1) != 0;
            UpdateInterrupt();
        }
    }

    private void Execute(byte command)
    {
        if (command == AtaCommand.ExecuteDeviceDiagnostic)
        {
            _device1Selected = false;
            _device0?.ExecuteDiagnostic();
            _device1?.ExecuteDiagnostic();
            UpdateInterrupt();
            return;
        }

        if (Selected is not { } selected)
        {
            Report("command-without-device", $"command 0x{command:x2} for absent device {(_device1Selected ? 1 : 0)}: ignored");
            return;
        }

        selected.Execute(command);
        UpdateInterrupt();
        if (selected.DmaRequested)
            _host?.RequestDma();
    }

    private void WriteDeviceControl(byte value)
    {
        if ((value & AtaDeviceControl.Reserved) != 0)
            Report("reserved-write", $"Device Control value 0x{value:x2}: reserved bits 0x{value & AtaDeviceControl.Reserved:x2}");
        _interruptsDisabled = (value & AtaDeviceControl.InterruptDisable) != 0;
        _highOrderByte = (value & AtaDeviceControl.HighOrderByte) != 0;
        bool reset = (value & AtaDeviceControl.SoftwareReset) != 0;
        if (reset && !_softwareReset)
        {
            _device0?.BeginReset();
            _device1?.BeginReset();
        }
        else if (!reset && _softwareReset)
        {
            _device1Selected = false;
            _device0?.EndReset();
            _device1?.EndReset();
        }

        _softwareReset = reset;
        UpdateInterrupt();
    }

    /// <summary>INTRQ is driven by the selected device, while nIEN is zero; otherwise it is released and reads low.</summary>
    public void UpdateInterrupt()
    {
        bool request = !_interruptsDisabled && Selected is { InterruptPending: true };
        if (request == _interruptRequest)
            return;
        _interruptRequest = request;
        _host?.SetInterruptRequest(request);
    }

    private void Report(string kind, string text) => _events.Report(_name, kind, text);

    private void ReportWidth(string access, int register, int width) =>
        Report("bad-width", $"{width}-byte {access} of register {register}, which is 1 byte wide");

    private sealed class CommandBlockPorts(AtaChannel channel) : PortRange(channel._name + "-command", AtaRegister.Count)
    {
        public override uint Read(int offset, int width)
        {
            if (offset != AtaRegister.Data)
            {
                if (width == 1)
                    return channel.ReadRegister(offset);
                channel.ReportWidth("read", offset, width);
                return LittleEndian.AllOnes(width);
            }

            Span<byte> data = stackalloc byte[4];
            ReadBlock(offset, width, data[..width]);
            return LittleEndian.Load(data, width);
        }

        public override void Write(int offset, int width, uint value)
        {
            if (offset != AtaRegister.Data)
            {
                if (width == 1)
                    channel.WriteRegister(offset, unchecked((byte)value));
                else
                    channel.ReportWidth("write", offset, width);
                return;
            }

            Span<byte> data = stackalloc byte[4];
            LittleEndian.Store(data, width, value);
            WriteBlock(offset, width, data[..width]);
        }

        public override void ReadBlock(int offset, int width, Span<byte> destination)
        {
            if (offset != AtaRegister.Data)
            {
                base.ReadBlock(offset, width, destination);
                return;
            }

            // A byte access would take half a word away (clause 7, Data register: 16 bits unless an 8-bit transfer was negotiated).
            if (width == 1 || channel.Selected is not { } selected)
            {
                channel.Report("bad-data-access", $"{width}-byte read of the Data register, {(width == 1 ? "which is 2 bytes wide" : "no device selected")}");
                destination.Fill(0xff);
                return;
            }

            selected.ReadData(destination);
            channel.UpdateInterrupt();
        }

        public override void WriteBlock(int offset, int width, ReadOnlySpan<byte> source)
        {
            if (offset != AtaRegister.Data)
            {
                base.WriteBlock(offset, width, source);
                return;
            }

            if (width == 1 || channel.Selected is not { } selected)
            {
                channel.Report("bad-data-access", $"{width}-byte write of the Data register, {(width == 1 ? "which is 2 bytes wide" : "no device selected")}");
                return;
            }

            selected.WriteData(source);
            channel.UpdateInterrupt();
        }
    }

    private sealed class ControlBlockPort(AtaChannel channel) : PortRange(channel._name + "-control", 1)
    {
        public override uint Read(int offset, int width)
        {
            if (width == 1)
                return channel.ReadAlternateStatus();
            channel.ReportWidth("read", offset, width);
            return LittleEndian.AllOnes(width);
        }

        public override void Write(int offset, int width, uint value)
        {
            if (width == 1)
                channel.WriteDeviceControl(unchecked((byte)value));
            else
                channel.ReportWidth("write", offset, width);
        }
    }
}
