namespace Emulator;

/// <summary>Sends the one frame that TPSR and TBCR name: DP8390D, section 5 "Packet transmission". It is sent inside the write of CR, or in
/// service when the wire was full.</summary>
internal sealed class Rtl8029Transmitter(Rtl8029 card, Rtl8029Memory memory, WireEnd wire)
{
    private bool _reportedLoopback;
    private bool _isStuck;

    /// <summary>Forgets what was under way.</summary>
    public void Reset()
    {
        _isStuck = false;
        card.Faults.TransmitterReset();
    }

    /// <summary>Sends what is to be sent.</summary>
    public void Run()
    {
        Rtl8029Page0 registers = card.Page0;
        if (!card.Command.CommandTransmit || !card.IsStarted || _isStuck || card.Faults.TransmitterStandsStill)
            return;
        // A loopback mode is how drivers keep the card off the wire; nothing comes back.
        if (registers.TransmitControlLoopback != 0)
        {
            if (!_reportedLoopback)
                card.ReportUnmodelled("TCR.LB with a frame to be sent", registers.TransmitControlLoopback);
            _reportedLoopback = true;
            Complete(sent: true);
            return;
        }

        int start = (int)registers.TransmitPagePage * Rtl8029Memory.PageSize;
        int length = (int)(registers.TransmitCountLowCount | registers.TransmitCountHighCount << 8);
        // Software that does not want a check sequence has put one there; the wire carries none.
        if (registers.TransmitControlInhibitCheckSequence)
            length -= EthernetFrame.CheckSequenceBytes;
        if (length < EthernetFrame.HeaderBytes || !Rtl8029Memory.IsPacketMemory(start, length))
        {
            card.Report("bad-transmit", $"a frame of {length} bytes at 0x{start:x4} is too short or not in packet memory");
            Complete(sent: false);
            return;
        }

        Span<byte> frame;
        while (!wire.TryReserve(length, out frame))
        {
            wire.Flush();
            // Whoever makes room asks for service.
            if (wire.MustWaitForRoom())
                return;
        }

        memory.At(start, length).CopyTo(frame);
        wire.Commit(length);
        wire.Flush();
        _isStuck = card.Faults.DoneIsNotWritten;
        if (!_isStuck)
            Complete(sent: true);
    }

    private void Complete(bool sent)
    {
        card.Command.CommandTransmit = false;
        card.Page0.TransmitStatusTransmitted = sent;
        card.Page0.TransmitStatusCarrierLost = !wire.IsLinkUp;
        if (sent)
            card.Page0.InterruptStatusTransmitted = true;
        else
            card.Page0.InterruptStatusTransmitError = true;
        card.UpdateInterrupt();
    }
}
