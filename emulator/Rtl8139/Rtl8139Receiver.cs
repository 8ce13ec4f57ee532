using L4Io;

namespace Emulator;

/// <summary>Where a frame went.</summary>
internal enum Rtl8139Stored
{
    /// <summary>To the driver's memory.</summary>
    Done,

    /// <summary>Nowhere, and it never will.</summary>
    Lost,

    /// <summary>There is no room for it now.</summary>
    NoRoom,
}

/// <summary>
/// Takes frames from the wire, to the receive buffer of C mode or to the ring of C+ mode. With flow control, which both ends of the wire
/// negotiate unless ANAR says otherwise, a frame without room stays on the wire; else it is lost.
/// </summary>
internal sealed class Rtl8139Receiver(Rtl8139 card, WireEnd wire)
{
    /// <summary>Frames that are taken in one go; then others have a turn, and the card asks to go on.</summary>
    private const int BatchLimit = 256;

    private readonly Rtl8139ReceiveBuffer _buffer = new(card);
    private readonly Rtl8139ReceiveRing _ring = new(card);
    private bool _isHeld;

    /// <summary>Begins anew.</summary>
    public void Reset()
    {
        _buffer.Reset();
        _ring.Reset();
        _isHeld = false;
    }

    /// <summary>RDSAR was written.</summary>
    public void RingWritten() => _ring.Reset();

    /// <summary>RCR was written.</summary>
    public void ConfigurationWritten()
    {
        _buffer.UpdateEmpty();
        RoomReturned();
    }

    /// <summary>CAPR was written.</summary>
    public void BufferReleased()
    {
        _buffer.UpdateEmpty();
        RoomReturned();
    }

    /// <summary>There may be room again. In C+ mode memory alone says so: drivers that return descriptors also write ISR or IMR.</summary>
    public void RoomReturned()
    {
        if (_isHeld)
            Run();
    }

    /// <summary>ISR was written. In C mode ROK comes back while there are frames in the buffer: Debian's 8139too acknowledges after each frame, ends its
    /// turn after 64 of them, and begins the next turn only if it sees ROK. A card whose wire is slower than its driver has no such rest.</summary>
    public void Acknowledged()
    {
        RoomReturned();
        if (!card.IsPlusReceive && card.Common.CommandReceiveEnable && !card.Common.CommandEmpty)
            card.Common.InterruptStatusRegister |= Rtl8139Common.InterruptStatusReceivedMask;
    }

    /// <summary>Receives what can be received.</summary>
    public void Run()
    {
        if (!wire.IsListening)
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
        uint causes = 0;
        _isHeld = false;
        int budget = BatchLimit;
        while (budget > 0 && !_isHeld)
        {
            budget--;
            if (!wire.TryReceive(out ReadOnlySpan<byte> frame))
            {
                wire.Flush();
                if (wire.MustWaitForFrames())
                    return causes;
                continue;
            }

            if (Accepts(frame))
                Receive(memory, frame, ref causes);
            if (!_isHeld)
                wire.Release();
        }

        if (budget == 0)
            card.RequestService();
        return causes;
    }

    private void Receive(IDmaMemory memory, ReadOnlySpan<byte> frame, ref uint causes)
    {
        Rtl8139Stored stored = card.IsPlusReceive ? _ring.Store(memory, frame, ref causes) : _buffer.Store(memory, frame, ref causes);
        switch (stored)
        {
            case Rtl8139Stored.Done:
                card.Counters.CountReceived(frame);
                causes |= Rtl8139Common.InterruptStatusReceivedMask;
                return;
            case Rtl8139Stored.NoRoom when card.Common.MediaStatusTransmitFlowControl:
                _isHeld = true;
                // Software is to hear that frames wait: for descriptors in C+ mode. In C mode it may have acknowledged the last frame that
                // found room and left others in the buffer; without flow control the next frame would tell it, but that one is held.
                causes |= card.IsPlusReceive ? Rtl8139Common.InterruptStatusReceiveOverflowMask : Rtl8139Common.InterruptStatusReceivedMask;
                return;
            case Rtl8139Stored.NoRoom:
                causes |= Rtl8139Common.InterruptStatusReceiveOverflowMask;
                break;
        }

        card.Common.IncrementMissedCount();
        card.Counters.CountMissed();
    }

    private bool Accepts(ReadOnlySpan<byte> frame)
    {
        Rtl8139Common registers = card.Common;
        if (frame.Length < (registers.ReceiveConfigurationAcceptRunts ? EthernetFrame.HeaderBytes : WireEnd.ShortestFrame))
            return false;
        if ((frame[0] & 1) == 0)
            return registers.ReceiveConfigurationAcceptAll || registers.ReceiveConfigurationAcceptStation && IsForStation(frame);
        if (!frame[..6].ContainsAnyExcept(byte.MaxValue))
            return registers.ReceiveConfigurationAcceptBroadcast;
        if (!registers.ReceiveConfigurationAcceptMulticast)
            return false;
        int hash = MulticastHash.Of(frame);
        return (registers.MulticastBits(hash / 8) >> hash % 8 & 1) != 0;
    }

    private bool IsForStation(ReadOnlySpan<byte> frame)
    {
        for (int i = 0; i < 6; i++)
        {
            if (frame[i] != card.Common.StationValue(i))
                return false;
        }

        return true;
    }
}
