using System.Buffers.Binary;

namespace Emulator;

/// <summary>
/// Stores frames from the wire in the receive ring: DP8390D, section 6 "Packet reception". Without room a frame stays on the wire, which
/// stops its sender; with flow control off it is lost, and the receiver waits to be stopped and started (OVW). The check sequence is not
/// modelled: its place in the ring is left as it is.
/// </summary>
internal sealed class Rtl8029Receiver(Rtl8029 card, Rtl8029Memory memory, WireEnd wire)
{
    /// <summary>Frames that are taken in one go; then others have a turn, and the card asks to go on.</summary>
    private const int BatchLimit = 256;

    private const int HeaderBytes = 4;

    /// <summary>A tally counter interrupts from here on.</summary>
    private const uint TallyWarning = 0x80;

    private bool _isHeld;
    private bool _isOverrun;
    private bool _hasStored;

    /// <summary>Whether the ring holds frames that software has not released: BNRY follows one page behind the next one to be read.</summary>
    public bool HasUnread
    {
        get
        {
            if (!_hasStored)
                return false;
            int next = (int)card.Page0.BoundaryPage + 1;
            if (next >= (int)card.Page0.PageStopPage)
                next = (int)card.Page0.PageStartPage;
            return next != (int)card.Page1.CurrentPage;
        }
    }

    /// <summary>The card was stopped.</summary>
    public void Stopped()
    {
        _isOverrun = false;
        _isHeld = false;
        _hasStored = false;
    }

    /// <summary>Software released pages.</summary>
    public void RoomReturned()
    {
        if (_isHeld)
            Run();
    }

    /// <summary>Receives what can be received.</summary>
    public void Run()
    {
        if (!wire.IsListening)
            return;
        _isHeld = false;
        int budget = BatchLimit;
        bool any = false;
        while (budget > 0 && !_isHeld)
        {
            budget--;
            if (!wire.TryReceive(out ReadOnlySpan<byte> frame))
            {
                wire.Flush();
                if (wire.MustWaitForFrames())
                    break;
                continue;
            }

            any |= Accepts(frame) && Receive(frame);
            if (!_isHeld)
                wire.Release();
        }

        wire.Flush();
        if (budget == 0)
            card.RequestService();
        if (any)
            card.Page0.InterruptStatusReceived = true;
        card.UpdateInterrupt();
    }

    private bool Accepts(ReadOnlySpan<byte> frame)
    {
        Rtl8029Page0 registers = card.Page0;
        if (frame.Length < (registers.ReceiveControlAcceptRunts ? EthernetFrame.HeaderBytes : WireEnd.ShortestFrame))
            return false;
        if ((frame[0] & 1) == 0)
            return registers.ReceiveControlPromiscuous || IsForStation(frame);
        if (registers.ReceiveControlAcceptBroadcast && !frame[..6].ContainsAnyExcept(byte.MaxValue))
            return true;
        if (!registers.ReceiveControlAcceptMulticast)
            return false;
        int hash = MulticastHash.Of(frame);
        return (card.Page1.MulticastBits(hash / 8) >> hash % 8 & 1) != 0;
    }

    private bool IsForStation(ReadOnlySpan<byte> frame)
    {
        for (int i = 0; i < 6; i++)
        {
            if (frame[i] != card.Page1.StationValue(i))
                return false;
        }

        return true;
    }

    /// <summary>Stores a frame for this station. False when it is not stored: lost, or held.</summary>
    private bool Receive(ReadOnlySpan<byte> frame)
    {
        Rtl8029Page0 registers = card.Page0;
        bool isGroup = (frame[0] & 1) != 0;
        registers.ReceiveStatusGroup = isGroup;
        registers.ReceiveStatusDisabled = registers.ReceiveControlMonitor;
        registers.ReceiveStatusReceived = !registers.ReceiveControlMonitor;
        if (registers.ReceiveControlMonitor || _isOverrun)
        {
            Miss();
            return false;
        }

        int start = (int)registers.PageStartPage;
        int stop = (int)registers.PageStopPage;
        int current = (int)card.Page1.CurrentPage;
        // Drivers release pages by the page before the next one that they read; before the ring's first page that is one outside of it.
        int boundary = (int)registers.BoundaryPage == start - 1 ? stop - 1 : (int)registers.BoundaryPage;
        int size = stop - start;
        if (current < start || current >= stop || boundary < start || boundary >= stop
            || !Rtl8029Memory.IsPacketMemory(start * Rtl8029Memory.PageSize, size * Rtl8029Memory.PageSize))
        {
            card.Report("bad-ring", $"PSTART 0x{start:x}, PSTOP 0x{stop:x}, CURR 0x{current:x}, BNRY 0x{boundary:x}: no ring in packet memory; a frame is lost");
            Miss();
            return false;
        }

        int pages = (HeaderBytes + frame.Length + EthernetFrame.CheckSequenceBytes + (Rtl8029Memory.PageSize - 1)) / Rtl8029Memory.PageSize;
        // CURR never reaches BNRY: where both are the same nothing was received yet.
        int free = boundary - current + (boundary <= current ? size : 0);
        if (pages < free)
        {
            Store(frame, start, stop, current, pages);
            return true;
        }

        if (pages >= size)
        {
            card.Report("ring-too-small", $"a frame of {frame.Length} bytes needs {pages} pages, the ring has {size}; it is lost");
            Miss();
        }
        else if (card.Page3.Configuration2FlowControl)
        {
            _isHeld = true;
        }
        else
        {
            _isOverrun = true;
            registers.InterruptStatusOverwrite = true;
            Miss();
        }

        return false;
    }

    private void Store(ReadOnlySpan<byte> frame, int start, int stop, int current, int pages)
    {
        int next = current + pages;
        if (next >= stop)
            next -= stop - start;
        int address = current * Rtl8029Memory.PageSize;
        Span<byte> header = memory.At(address, HeaderBytes);
        header[0] = (byte)card.Page0.ReceiveStatusRegister;
        header[1] = (byte)next;
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], (ushort)(HeaderBytes + frame.Length));
        address += HeaderBytes;
        int first = Math.Min(frame.Length, stop * Rtl8029Memory.PageSize - address);
        frame[..first].CopyTo(memory.At(address, first));
        frame[first..].CopyTo(memory.At(start * Rtl8029Memory.PageSize, frame.Length - first));
        card.Page1.CurrentPage = (uint)next;
        _hasStored = true;
    }

    private void Miss()
    {
        Rtl8029Page0 registers = card.Page0;
        registers.IncrementMissedFramesCount();
        if (registers.MissedFramesCount >= TallyWarning)
            registers.InterruptStatusCounter = true;
    }
}
