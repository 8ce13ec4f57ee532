using L4Io;

namespace Emulator;

/// <summary>Sends the four slots of C mode in turn. It works inside the write of TSD, and goes on in service when the wire was full.</summary>
internal sealed class Rtl8139SlotTransmitter(Rtl8139 card, WireEnd wire)
{
    /// <summary>Bytes of the longest frame of a slot.</summary>
    private const int LongestFrame = 1792;

    private int _next;
    private bool _isStuck;
    private bool _reportedLoopback;

    private enum Outcome
    {
        Sent,
        Failed,
        Waits,
    }

    /// <summary>Begins with the first slot.</summary>
    public void Reset()
    {
        _next = 0;
        _isStuck = false;
    }

    /// <summary>Sends what can be sent.</summary>
    public void Run()
    {
        if (_isStuck || card.Faults.TransmitterStandsStill || card.IsPlusTransmit || !card.Common.CommandTransmitEnable || card.Slots.StatusDone(_next) || !card.CanMaster)
            return;
        uint causes = 0;
        using (var dma = card.UseDma())
        {
            if (dma.Memory is { } memory)
                causes = Run(memory);
        }

        wire.Flush();
        if (causes != 0)
            card.Raise(causes);
    }

    private uint Run(IDmaMemory memory)
    {
        Rtl8139Slots slots = card.Slots;
        uint causes = 0;
        for (int i = 0; i < Rtl8139Slots.Count && !slots.StatusDone(_next); i++)
        {
            Outcome outcome = Send(memory, ref causes);
            if (outcome == Outcome.Waits)
                break;
            _isStuck = card.Faults.DoneIsNotWritten;
            if (_isStuck)
                break;
            bool isSent = outcome == Outcome.Sent;
            slots.SetStatusSent(_next, isSent);
            slots.SetStatusAborted(_next, !isSent);
            slots.SetStatusCarrierLost(_next, !card.IsLinkUp);
            slots.SetStatusDone(_next, true);
            causes |= isSent ? Rtl8139Common.InterruptStatusTransmittedMask : Rtl8139Common.InterruptStatusTransmitErrorMask;
            _next = (_next + 1) % Rtl8139Slots.Count;
        }

        return causes;
    }

    private Outcome Send(IDmaMemory memory, ref uint causes)
    {
        if (card.Common.TransmitConfigurationLoopback != 0)
        {
            if (!_reportedLoopback)
                card.Report("unmodelled-write", $"TCR.LBK {card.Common.TransmitConfigurationLoopback}: a frame in loopback is dropped");
            _reportedLoopback = true;
            return Outcome.Sent;
        }

        int length = (int)card.Slots.StatusSize(_next);
        // Software that does not want a check sequence has put one there; the wire carries none.
        if (card.Common.TransmitConfigurationInhibitCheckSequence)
            length -= EthernetFrame.CheckSequenceBytes;
        if (length is < EthernetFrame.HeaderBytes or > LongestFrame)
        {
            card.Report("bad-frame-length", $"a frame of {length} bytes, transmit slot {_next}, is dropped");
            card.Counters.CountSendError();
            return Outcome.Failed;
        }

        if (!memory.TryAccess(card.Slots.StartAddress(_next), length, DmaAccess.Read, out Span<byte> source))
        {
            causes |= card.AbortMaster();
            card.Counters.CountSendError();
            return Outcome.Failed;
        }

        Span<byte> frame;
        while (!wire.TryReserve(length, out frame))
        {
            wire.Flush();
            // Whoever makes room asks for service.
            if (wire.MustWaitForRoom())
                return Outcome.Waits;
        }

        source.CopyTo(frame);
        wire.Commit(length);
        card.Counters.CountSent();
        return Outcome.Sent;
    }
}
