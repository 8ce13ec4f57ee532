namespace Emulator;

/// <summary>
/// RTL8139C and RTL8139C+, fast Ethernet cards: Realtek's data sheets "RTL8139C(L)" and "RTL8139C(L)+". In C mode frames go through four
/// transmit slots and one receive buffer; C+ mode, which only the second has, adds descriptor rings, checksums and VLAN tags. Not modelled,
/// and reported when software asks for it: loopback and large sends. A card that sleeps is not modelled.
/// </summary>
internal sealed class Rtl8139 : NetworkFunction
{
    /// <summary>PCI vendor.</summary>
    public const ushort VendorId = 0x10ec;

    /// <summary>PCI device.</summary>
    public const ushort DeviceId = 0x8139;

    // Drivers tell the two apart by the revision: from 20h on it is a C+.
    private const byte RevisionC = 0x10;
    private const byte RevisionPlus = 0x20;

    // HWVERID_B of TCR; HWVERID_A is the same.
    private const uint VersionPlus = 2;

    private const int PortsBase = 0;
    private const int MemoryBase = 1;

    // Next page no, acknowledged, pause, every mode of 10 and 100 Mb/s, IEEE 802.3.
    private const uint PartnerAbilities = 0x45e1;
    private const uint PartnerNegotiates = 1;
    private const uint PauseAbility = 1 << 10;

    private readonly MicrowireEeprom _eeprom;
    private readonly Rtl8139Timer _timer;

    /// <param name="slot">Where it is put.</param>
    /// <param name="description">Its wire and address.</param>
    /// <param name="isPlus">Whether it is an RTL8139C+.</param>
    public Rtl8139(NicSlot slot, NicDescription description, bool isPlus)
        : base("rtl8139", slot, description, VendorId, DeviceId, isPlus ? RevisionPlus : RevisionC)
    {
        IsPlus = isPlus;
        Common = new Rtl8139Common(this);
        Slots = new Rtl8139Slots(this);
        Plus = new Rtl8139Plus(this);
        _eeprom = new MicrowireEeprom(Rtl8139Eeprom.Contents(description.Address));
        _timer = new Rtl8139Timer(Clock);
        Transmitter = new Rtl8139SlotTransmitter(this, Wire);
        NormalRing = new Rtl8139RingTransmitter(this, Wire, isPriority: false);
        PriorityRing = new Rtl8139RingTransmitter(this, Wire, isPriority: true);
        Receiver = new Rtl8139Receiver(this, Wire);
        Common.RevisionValue = RevisionIdValue;
        Common.TransmitConfigurationVersionB = isPlus ? VersionPlus : 0;
        LoadEeprom();
        var decoder = new Rtl8139Decoder(this);
        Decode(PortsBase, new Rtl8139Ports(decoder));
        Decode(MemoryBase, new Rtl8139DeviceMemory(decoder));
    }

    /// <summary>Whether it is an RTL8139C+.</summary>
    public bool IsPlus { get; }

    /// <summary>Whether frames are sent from rings.</summary>
    public bool IsPlusTransmit => IsPlus && Plus.ControlTransmit;

    /// <summary>Whether frames are received into a ring.</summary>
    public bool IsPlusReceive => IsPlus && Plus.ControlReceive;

    /// <summary>Registers of both modes.</summary>
    public Rtl8139Common Common { get; }

    /// <summary>Transmit slots of C mode.</summary>
    public Rtl8139Slots Slots { get; }

    /// <summary>Registers of C+ mode.</summary>
    public Rtl8139Plus Plus { get; }

    /// <summary>The way to the wire in C mode.</summary>
    public Rtl8139SlotTransmitter Transmitter { get; }

    /// <summary>The way to the wire in C+ mode.</summary>
    public Rtl8139RingTransmitter NormalRing { get; }

    /// <summary>The way of frames in a hurry.</summary>
    public Rtl8139RingTransmitter PriorityRing { get; }

    /// <summary>The way from the wire.</summary>
    public Rtl8139Receiver Receiver { get; }

    /// <summary>What was sent and received.</summary>
    public Rtl8139Counters Counters { get; } = new();

    /// <summary>Whether the link is up.</summary>
    public bool IsLinkUp { get; private set; }

    /// <summary>TCTR.</summary>
    public uint Timer => _timer.Count;

    /// <summary>Something happened. To be called last: the driver's handler may run inside.</summary>
    public void Raise(uint causes)
    {
        Common.InterruptStatusRegister |= causes;
        UpdateInterrupt();
    }

    /// <summary>An access to memory was refused, and reported by who refused it. What the interrupt's cause is.</summary>
    public uint AbortMaster()
    {
        ReceivedMasterAbort();
        return Rtl8139Common.InterruptStatusSystemErrorMask;
    }

    /// <summary>ISR or IMR changed.</summary>
    public void UpdateInterrupt() => Interrupt.Set((Common.InterruptStatusRegister & Common.InterruptMaskEnabled) != 0);

    /// <summary>CR was written.</summary>
    public void CommandWritten(uint old, uint written)
    {
        if ((written & Rtl8139Common.CommandResetMask) != 0)
        {
            ResetController();
            return;
        }

        uint rising = ~old & written;
        if ((rising & Rtl8139Common.CommandTransmitEnableMask) != 0)
            ResetTransmitters();
        if ((rising & Rtl8139Common.CommandReceiveEnableMask) != 0)
            Receiver.Reset();
        if (((old ^ written) & Rtl8139Common.CommandReceiveEnableMask) != 0)
            ReceiverChanged();
        Transmit();
    }

    /// <summary>9346CR was written.</summary>
    public void EepromControlWritten()
    {
        const uint Reload = 1;
        const uint Programming = 2;
        switch (Common.EepromControlMode)
        {
            case Reload:
                LoadEeprom();
                Common.EepromControlMode = 0;
                break;
            case Programming:
                _eeprom.SetPins(Common.EepromControlSelect, Common.EepromControlClock, Common.EepromControlDataIn);
                Common.EepromControlDataOut = _eeprom.DataOut;
                break;
            default:
                _eeprom.SetPins(select: false, clock: false, dataIn: false);
                break;
        }
    }

    /// <summary>ANAR was written.</summary>
    public void AdvertisementWritten() => Common.MediaStatusTransmitFlowControl = (Common.AdvertisementBits & PauseAbility) != 0;

    /// <summary>The counter starts again at zero.</summary>
    public void RestartTimer()
    {
        _timer.Restart();
        RequestService();
    }

    /// <summary>TimerInt was written.</summary>
    public void TimerInterruptWritten()
    {
        _timer.SetAlarm(Common.TimerInterruptCount);
        RequestService();
    }

    /// <summary>Something changed that decides whether frames are received.</summary>
    public void ReceiverChanged()
    {
        Listen(Common.CommandReceiveEnable && CanMaster);
        Receiver.Run();
    }

    /// <inheritdoc />
    protected override long Serve()
    {
        UpdateLink();
        ReceiverChanged();
        Transmit();
        if (_timer.Expire())
            Raise(Rtl8139Common.InterruptStatusTimeOutMask);
        return _timer.Deadline;
    }

    private void Transmit()
    {
        if (IsPlusTransmit)
        {
            PriorityRing.Continue();
            NormalRing.Continue();
        }
        else
        {
            Transmitter.Run();
        }
    }

    /// <inheritdoc />
    public override void ResetFunction()
    {
        ResetController();
        LoadEeprom();
    }

    private void ResetTransmitters()
    {
        Transmitter.Reset();
        NormalRing.Reset();
        PriorityRing.Reset();
        Faults.TransmitterReset();
    }

    /// <summary>CR.RST: what is not named keeps its value, such as the addresses and the configuration.</summary>
    private void ResetController()
    {
        Common.CommandTransmitEnable = false;
        Common.CommandReceiveEnable = false;
        Common.InterruptMaskEnabled = 0;
        Common.InterruptStatusRegister = 0;
        Common.ReceiveConfigurationRegister = 0;
        Common.TransmitConfigurationInhibitCheckSequence = false;
        Common.TransmitConfigurationLoopback = 0;
        Common.TimerInterruptCount = 0;
        Slots.Reset();
        Plus.ControlRegister = 0;
        ResetTransmitters();
        Receiver.Reset();
        TimerInterruptWritten();
        ReceiverChanged();
        UpdateInterrupt();
    }

    private void LoadEeprom()
    {
        for (int i = 0; i < 6; i++)
            Common.SetStationValue(i, (uint)_eeprom[Rtl8139Eeprom.StationWord + i / 2] >> 8 * (i % 2) & 0xff);
    }

    private void UpdateLink()
    {
        bool up = Wire.IsLinkUp;
        if (up == IsLinkUp)
            return;
        IsLinkUp = up;
        Common.MediaStatusLinkDown = !up;
        Common.SignalConfigurationLinkGood = up;
        Common.SignalConfigurationLinkChanged = true;
        Common.PhyStatusNegotiated = up;
        Common.PartnerBits = up ? PartnerAbilities : 0;
        Common.ExpansionBits = up ? PartnerNegotiates : 0;
        // A link that came up is seen only after it was seen down.
        if (!up)
            Common.PhyStatusLink = false;
        Raise(Rtl8139Common.InterruptStatusLinkChangeMask);
    }
}
