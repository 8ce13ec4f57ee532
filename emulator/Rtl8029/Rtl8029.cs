using L4;

namespace Emulator;

/// <summary>
/// RTL8029AS, an NE2000 on the PCI bus: a DP8390 with 16 KiB of packet memory, which software reaches through a data port only. Realtek's
/// data sheet "RTL8029AS", National's DP8390D. Not modelled, and reported when software asks for it: loopback, the send packet command,
/// big-endian words, the configuration EEPROM's pins.
/// </summary>
internal sealed class Rtl8029 : NetworkFunction
{
    /// <summary>PCI vendor.</summary>
    public const ushort VendorId = 0x10ec;

    /// <summary>PCI device.</summary>
    public const ushort DeviceId = 0x8029;

    private readonly Rtl8029Receiver _receiver;
    private readonly Rtl8029Transmitter _transmitter;
    private readonly Rtl8029RemoteDma _remote;

    public Rtl8029(NicSlot slot, NicDescription description)
        : base("ne2000", slot, description, VendorId, DeviceId, revision: 0)
    {
        Command = new Rtl8029Command(this);
        Page0 = new Rtl8029Page0(this);
        Page1 = new Rtl8029Page1(this);
        Page2 = new Rtl8029Page2(this);
        Page3 = new Rtl8029Page3(this);
        var memory = new Rtl8029Memory(this, description.Address);
        _receiver = new Rtl8029Receiver(this, memory, Wire);
        _transmitter = new Rtl8029Transmitter(this, memory, Wire);
        _remote = new Rtl8029RemoteDma(this, memory);
        Decode(0, new Rtl8029Ports(this, _remote));
    }

    /// <summary>The register of all pages.</summary>
    public Rtl8029Command Command { get; }

    /// <summary>Page 0.</summary>
    public Rtl8029Page0 Page0 { get; }

    /// <summary>Page 1.</summary>
    public Rtl8029Page1 Page1 { get; }

    /// <summary>Page 2.</summary>
    public Rtl8029Page2 Page2 { get; }

    /// <summary>Page 3.</summary>
    public Rtl8029Page3 Page3 { get; }

    /// <summary>Whether it was started and not stopped since.</summary>
    public bool IsStarted { get; private set; }

    /// <inheritdoc />
    public override void ResetFunction() => ResetController();

    /// <summary>CR was written.</summary>
    public void CommandWritten()
    {
        bool wasStarted = IsStarted;
        if (Command.CommandStop)
            IsStarted = false;
        else if (Command.CommandStart)
            IsStarted = true;
        if (IsStarted != wasStarted)
        {
            Page0.InterruptStatusReset = !IsStarted;
            ReceiverChanged();
        }

        _remote.Start(Command.CommandRemote);
        _transmitter.Run();
    }

    /// <summary>The reset port was accessed: DP8390D, section 11 "Initialization procedures", names what a reset changes.</summary>
    public void ResetController()
    {
        Command.Reset();
        Page0.InterruptStatusReset = true;
        Page0.InterruptMaskEnabled = 0;
        Page0.TransmitControlLoopback = 0;
        Page0.DataControlLongAddress = true;
        IsStarted = false;
        _remote.Abort();
        _transmitter.Reset();
        ReceiverChanged();
        UpdateInterrupt();
    }

    /// <summary>BNRY was written: there may be room in the ring.</summary>
    public void BoundaryWritten() => _receiver.RoomReturned();

    /// <summary>ISR was written. Drivers of this family take a few frames, acknowledge, and count on the next frame to tell of the rest: at 10 Mb/s
    /// it comes before they are done. Here a whole batch may have come at once, so the card tells of what is left itself.</summary>
    public void InterruptAcknowledged()
    {
        UpdateInterrupt();
        if (!Page0.InterruptStatusReceived && _receiver.HasUnread)
            RequestService();
    }

    /// <summary>ISR or IMR changed.</summary>
    public void UpdateInterrupt() => Interrupt.Set((Page0.InterruptStatusRegister & Page0.InterruptMaskEnabled) != 0);

    /// <summary>Something changed that decides whether frames are received.</summary>
    public void ReceiverChanged()
    {
        if (!IsStarted)
            _receiver.Stopped();
        Listen(IsStarted && Page0.TransmitControlLoopback == 0);
        _receiver.Run();
    }

    /// <inheritdoc />
    protected override long Serve()
    {
        ReceiverChanged();
        if (IsStarted && _receiver.HasUnread)
        {
            Page0.InterruptStatusReceived = true;
            UpdateInterrupt();
        }
        _transmitter.Run();
        return Clock.Never;
    }
}
