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
        CommandBlock = new AtaCommandBlock(name, this, events);
        ControlBlock = new AtaControlBlock(name, this, events);
    }

    /// <summary>The eight ports of the command block.</summary>
    public AtaCommandBlock CommandBlock { get; }

    /// <summary>The port of Alternate Status and Device Control.</summary>
    public AtaControlBlock ControlBlock { get; }

    /// <summary>The device that DEV selects, if it is there.</summary>
    public AtaDisk? Selected => _device1Selected ? _device1 : _device0;

    /// <summary>Connects the host adapter, before the first access.</summary>
    public void Attach(IAtaHost host) => _host = host;

    /// <summary>The selected device's Status, without an effect on the interrupt.</summary>
    public byte AlternateStatus => Selected is { } selected ? (byte)selected.StatusRegister
        : _device1Selected && _device0 is not null ? (byte)0 : FloatingBus;

    /// <summary>Reads a register of the command block other than Data.</summary>
    public byte ReadRegister(int offset)
    {
        if (Selected is null && offset == AtaDisk.StatusOffset)
            return AlternateStatus;

        // Clause 9, "Device 0 only configurations": device 0 answers for the absent device 1, with Status 00h.
        byte value = (Selected ?? _device0)?.ReadRegister(offset, ControlBlock.DeviceControlHighOrderByte) ?? FloatingBus;
        UpdateInterrupt();
        return value;
    }

    /// <summary>Writes a register of the command block other than Data.</summary>
    public void WriteRegister(int offset, byte value)
    {
        ControlBlock.DeviceControlHighOrderByte = false;
        if (offset == AtaDisk.CommandOffset)
        {
            Execute(value);
            return;
        }

        if (Selected is { IsBusy: true } busy)
        {
            busy.WriteRegister(offset, value);
            return;
        }

        _device0?.WriteRegister(offset, value);
        _device1?.WriteRegister(offset, value);
        if (offset == AtaDisk.DeviceOffset)
        {
            _device1Selected = (value & AtaDisk.DeviceDevice1Mask) != 0;
            UpdateInterrupt();
        }
    }

    /// <summary>SRST went to one.</summary>
    public void BeginReset()
    {
        _device0?.BeginReset();
        _device1?.BeginReset();
    }

    /// <summary>SRST went to zero.</summary>
    public void EndReset()
    {
        _device1Selected = false;
        _device0?.EndReset();
        _device1?.EndReset();
    }

    /// <summary>RESET- was asserted and released (clause 9.2): as a software reset, and Device Control is cleared too.</summary>
    public void ResetHardware()
    {
        ControlBlock.Reset();
        BeginReset();
        EndReset();
        UpdateInterrupt();
    }

    private void Execute(byte command)
    {
        if (command == (byte)AtaDisk.AtaCommand.ExecuteDeviceDiagnostic)
        {
            _device1Selected = false;
            _device0?.ExecuteDiagnostic();
            _device1?.ExecuteDiagnostic();
            UpdateInterrupt();
            return;
        }

        if (Selected is not { } selected)
        {
            _events.Report(_name, "command-without-device", $"command 0x{command:x2} for absent device {(_device1Selected ? 1 : 0)}: ignored");
            return;
        }

        selected.WriteRegister(AtaDisk.CommandOffset, command);
        UpdateInterrupt();
        if (selected.DmaRequested)
            _host?.RequestDma();
    }

    /// <summary>INTRQ is driven by the selected device, while nIEN is zero; otherwise it is released and reads low.</summary>
    public void UpdateInterrupt()
    {
        bool request = !ControlBlock.DeviceControlInterruptDisable && Selected is { InterruptPending: true };
        if (request == _interruptRequest)
            return;
        _interruptRequest = request;
        _host?.SetInterruptRequest(request);
    }
}
