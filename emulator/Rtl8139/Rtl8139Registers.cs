using Registers;

namespace Emulator;

/// <summary>What the blocks of registers have alike.</summary>
internal abstract class Rtl8139Block(Rtl8139 card, int place)
{
    /// <summary>The card.</summary>
    protected Rtl8139 Card { get; } = card;

    /// <summary>Reads a register.</summary>
    public abstract uint Read(int offset, int width);

    /// <summary>Writes a register.</summary>
    public abstract void Write(int offset, int width, uint value);

    protected void OnUndecodedRead(int offset, int width) => Card.Report("unknown-register", $"{width}-byte read at 0x{offset + place:x}");

    protected void OnUndecodedWrite(int offset, int width, uint value) =>
        Card.Report("unknown-register", $"{width}-byte write of 0x{value:x} at 0x{offset + place:x}");

    protected void OnReservedWrite(int offset, uint bits) => Card.Report("reserved-write", $"register 0x{offset + place:x}: reserved bits 0x{bits:x}");
}

/// <summary>Registers of both modes.</summary>
[RegisterFile("rtl8139.rdl", "common")]
internal sealed partial class Rtl8139Common(Rtl8139 card) : Rtl8139Block(card, 0)
{
    private const uint ConfigurationWritable = 3;

    private partial void OnCommandWritten(uint old, uint written, uint accessed) => Card.CommandWritten(old, written);

    private partial void OnReadPointerWritten(uint old, uint written, uint accessed) => Card.Receiver.BufferReleased();

    private partial void OnInterruptMaskWritten(uint old, uint written, uint accessed)
    {
        Card.Receiver.RoomReturned();
        Card.UpdateInterrupt();
    }

    private partial void OnInterruptStatusWritten(uint old, uint written, uint accessed)
    {
        Card.Receiver.Acknowledged();
        Card.UpdateInterrupt();
    }

    // CLRABT lets the slots go on.
    private partial void OnTransmitConfigurationWritten(uint old, uint written, uint accessed) => Card.Transmitter.Run();

    private partial void OnReceiveConfigurationWritten(uint old, uint written, uint accessed) => Card.Receiver.ConfigurationWritten();

    private partial uint LoadTimer(uint accessed) => Card.Timer;

    private partial void StoreTimer(uint value, uint accessed) => Card.RestartTimer();

    private partial void OnTimerInterruptWritten(uint old, uint written, uint accessed) => Card.TimerInterruptWritten();

    private partial void OnEepromControlWritten(uint old, uint written, uint accessed) => Card.EepromControlWritten();

    private partial uint LoadTransmitSummary(uint accessed) => Card.Slots.Summary;

    private partial void OnPhyStatusRead(uint accessed) => PhyStatusLink = Card.IsLinkUp;

    private partial void OnAdvertisementWritten(uint old, uint written, uint accessed) => Card.AdvertisementWritten();

    private partial void OnConfiguration1Written(uint old, uint written, uint accessed)
    {
        if (!MayConfigure("CONFIG1"))
            Configuration1Register = old;
    }

    private partial void OnConfiguration3Written(uint old, uint written, uint accessed)
    {
        if (!MayConfigure("CONFIG3"))
            Configuration3Register = old;
    }

    private partial void OnConfiguration4Written(uint old, uint written, uint accessed)
    {
        if (!MayConfigure("CONFIG4"))
            Configuration4Register = old;
    }

    private partial void OnConfiguration5Written(uint old, uint written, uint accessed)
    {
        if (!MayConfigure("CONFIG5"))
            Configuration5Register = old;
    }

    private partial void OnPhyControlWritten(uint old, uint written, uint accessed)
    {
        const uint Guarded = PhyControlDuplexMask | PhyControlNegotiateMask | PhyControlFastMask;
        if ((written & PhyControlResetMask) != 0)
            PhyControlRegister = Guarded;
        else if (((old ^ written) & Guarded) != 0 && !MayConfigure("BMCR"))
            PhyControlRegister = old;
    }

    private bool MayConfigure(string register)
    {
        if (EepromControlMode == ConfigurationWritable)
            return true;
        Card.Report("write-protected", $"{register} was written while 9346CR.EEM is {EepromControlMode}, not {ConfigurationWritable}");
        return false;
    }
}

/// <summary>Transmit slots of C mode.</summary>
[RegisterFile("rtl8139.rdl", "slots")]
internal sealed partial class Rtl8139Slots(Rtl8139 card) : Rtl8139Block(card, Rtl8139Decoder.TransmitBlock)
{
    /// <summary>Slots.</summary>
    public const int Count = 4;

    /// <summary>TSAD: OWN in bits 3:0, TABT in 7:4, TUN in 11:8, TOK in 15:12.</summary>
    public uint Summary
    {
        get
        {
            uint summary = 0;
            for (int i = 0; i < Count; i++)
                summary |= (StatusDone(i) ? 1u : 0u) << i | (StatusAborted(i) ? 1u : 0u) << (4 + i) | (StatusSent(i) ? 1u : 0u) << (12 + i);
            return summary;
        }
    }

    private partial void OnStatusWritten(int index, uint old, uint written, uint accessed)
    {
        SetStatusSent(index, false);
        SetStatusAborted(index, false);
        SetStatusCarrierLost(index, false);
        Card.Transmitter.Run();
    }
}

/// <summary>Registers of C+ mode.</summary>
[RegisterFile("rtl8139.rdl", "plus")]
internal sealed partial class Rtl8139Plus(Rtl8139 card) : Rtl8139Block(card, Rtl8139Decoder.TransmitBlock)
{
    private partial void OnDumpLowWritten(uint old, uint written, uint accessed)
    {
        if (!DumpLowDump)
            return;
        bool done = Card.Counters.Dump(Card, (ulong)DumpHighAddress << 32 | DumpLowRegister & DumpLowAddressMask);
        DumpLowDump = false;
        if (!done)
            Card.Raise(Card.AbortMaster());
    }

    private partial void OnTransmitRingWritten(int index, uint old, uint written, uint accessed) => Card.NormalRing.Reset();

    private partial void OnPriorityRingWritten(int index, uint old, uint written, uint accessed) => Card.PriorityRing.Reset();

    private partial void OnReceiveRingWritten(int index, uint old, uint written, uint accessed) => Card.Receiver.RingWritten();

    private partial void OnPollWritten(uint old, uint written, uint accessed)
    {
        if ((written & PollPriorityMask) != 0)
            Card.PriorityRing.Poll();
        if ((written & PollNormalMask) != 0)
            Card.NormalRing.Poll();
        if ((written & PollSoftwareMask) != 0)
            Card.Raise(Rtl8139Common.InterruptStatusSoftwareMask);
    }

    private partial void OnControlWritten(uint old, uint written, uint accessed) => Card.ReceiverChanged();
}
