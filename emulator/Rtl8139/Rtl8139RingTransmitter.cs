using System.Buffers.Binary;
using L4Io;

namespace Emulator;

/// <summary>
/// Sends the frames of one transmit ring of C+ mode: RTL8139C(L)+, "Transmit descriptors". It works inside the write of TPPoll, and goes on in
/// service when the wire was full. A frame whose last descriptor is not there yet waits.
/// </summary>
internal sealed class Rtl8139RingTransmitter(Rtl8139 card, WireEnd wire, bool isPriority)
{
    private const int AddressBytes = 12;
    private const int TagBytes = 4;

    private const uint LargeSend = 1 << 27;
    private const uint ErrorSummary = 1 << 23;
    private const uint LinkFailure = 1 << 21;
    private const uint LengthMask = 0xffff;
    private const uint InsertTag = 1 << 17;
    private const ushort TagType = 0x8100;

    /// <summary>What is kept of a descriptor when it goes back to software.</summary>
    private const uint KeptOptions = Rtl8139Descriptor.EndOfRing | Rtl8139Descriptor.FirstSegment | Rtl8139Descriptor.LastSegment | LengthMask;

    private readonly Rtl8139Descriptor[] _frame = new Rtl8139Descriptor[Rtl8139Descriptor.LongestRing];
    private int _index;
    private bool _isPolled;

    private enum Step
    {
        /// <summary>A frame is complete, or what can only be dropped.</summary>
        Ready,

        /// <summary>The ring is empty, or a frame is not complete.</summary>
        Empty,

        /// <summary>A descriptor is out of reach.</summary>
        Refused,
    }

    /// <summary>Begins at the ring's start.</summary>
    public void Reset()
    {
        _index = 0;
        _isPolled = false;
    }

    /// <summary>TPPoll: there are frames.</summary>
    public void Poll()
    {
        _isPolled = true;
        Continue();
    }

    /// <summary>Goes on with what was polled.</summary>
    public void Continue()
    {
        if (!_isPolled || card.Faults.TransmitterStandsStill || !card.IsPlusTransmit || !card.Common.CommandTransmitEnable || !card.CanMaster)
            return;
        uint causes = 0;
        using (var dma = card.UseDma())
        {
            if (dma.Memory is { } memory)
                causes = Run(memory);
        }

        wire.Flush();
        if (causes != 0 && !card.Faults.DoneIsNotWritten)
            card.Raise(causes);
    }

    private uint Run(IDmaMemory memory)
    {
        Rtl8139Plus registers = card.Plus;
        ulong ring = isPriority
            ? (ulong)registers.PriorityRingAddress(1) << 32 | registers.PriorityRingAddress(0)
            : (ulong)registers.TransmitRingAddress(1) << 32 | registers.TransmitRingAddress(0);
        uint causes = 0;
        // Every step gives descriptors back, and no more than a ring of them are the device's.
        for (int sent = 0; sent < Rtl8139Descriptor.LongestRing; sent++)
        {
            switch (Collect(memory, ring, out int count, out int length))
            {
                case Step.Empty:
                    _isPolled = false;
                    return causes | Rtl8139Common.InterruptStatusTransmitUnavailableMask;
                case Step.Refused:
                    _isPolled = false;
                    return causes | card.AbortMaster();
            }

            if (!TrySend(memory, count, length, ref causes, out bool isSent))
                return causes;
            GiveBack(memory, ring, count, isSent);
            causes |= isSent ? Rtl8139Common.InterruptStatusTransmittedMask : Rtl8139Common.InterruptStatusTransmitErrorMask;
            if (isSent)
                card.Counters.CountSent();
            else
                card.Counters.CountSendError();
        }

        return causes;
    }

    /// <summary>Copies the descriptors of the next frame.</summary>
    private Step Collect(IDmaMemory memory, ulong ring, out int count, out int length)
    {
        length = 0;
        int index = _index;
        for (count = 0; count < Rtl8139Descriptor.LongestRing; index = _frame[count++].Next(index))
        {
            if (!Rtl8139Descriptor.TryFind(memory, ring, index, out Span<Rtl8139Descriptor> descriptor))
                return Step.Refused;
            _frame[count] = descriptor[0];
            uint options = descriptor[0].Options;
            if ((options & Rtl8139Descriptor.Own) == 0)
                return Step.Empty;
            bool isFirst = (options & Rtl8139Descriptor.FirstSegment) != 0;
            if (isFirst != (count == 0))
            {
                // In front of a first segment is a frame without an end; anything else without a start.
                count = Math.Max(count, 1);
                length = -1;
                return Step.Ready;
            }

            length += (int)(options & LengthMask);
            if ((options & Rtl8139Descriptor.LastSegment) == 0)
                continue;
            count++;
            return Step.Ready;
        }

        length = -1;
        return Step.Ready;
    }

    /// <summary>Sends what was collected. False when the wire is full.</summary>
    private bool TrySend(IDmaMemory memory, int count, int length, ref uint causes, out bool isSent)
    {
        isSent = false;
        uint options = _frame[0].Options;
        int room = (_frame[0].Tag & InsertTag) != 0 ? TagBytes : 0;
        if (length is < EthernetFrame.HeaderBytes or > Wire.LongestFrame - TagBytes)
        {
            card.Report("bad-frame", length < 0
                ? $"{count} transmit descriptors from {_index} on are no frame with a first and a last one; they are dropped"
                : $"a frame of {length} bytes, transmit descriptor {_index}, is dropped");
            return true;
        }

        if ((options & LargeSend) != 0)
        {
            card.Report("unmodelled-write", $"a large send of {length} bytes, transmit descriptor {_index}, is dropped");
            return true;
        }

        int total = Math.Max(length + room, WireEnd.ShortestFrame);
        Span<byte> frame;
        while (!wire.TryReserve(total, out frame))
        {
            wire.Flush();
            // Whoever makes room asks for service.
            if (wire.MustWaitForRoom())
                return false;
        }

        Span<byte> untagged = frame.Slice(room, length);
        if (!Gather(memory, count, untagged))
        {
            causes |= card.AbortMaster();
            return true;
        }

        if (!Rtl8139Checksums.Insert(untagged, options))
            card.Report("bad-checksum-request", $"transmit descriptor {_index}, options 0x{options:x8}: the frame has no such checksum");
        if (room != 0)
        {
            frame.Slice(room, AddressBytes).CopyTo(frame);
            BinaryPrimitives.WriteUInt16BigEndian(frame[AddressBytes..], TagType);
            // The descriptor has the tag's bytes as they are on the wire.
            BinaryPrimitives.WriteUInt16LittleEndian(frame[(AddressBytes + 2)..], (ushort)(_frame[0].Tag & ushort.MaxValue));
        }

        frame[(length + room)..].Clear();
        wire.Commit(total);
        isSent = true;
        return true;
    }

    private bool Gather(IDmaMemory memory, int count, Span<byte> destination)
    {
        for (int i = 0; i < count; i++)
        {
            int bytes = (int)(_frame[i].Options & LengthMask);
            if (!memory.TryAccess(_frame[i].Address, bytes, DmaAccess.Read, out Span<byte> source))
                return false;
            source.CopyTo(destination);
            destination = destination[bytes..];
        }

        return true;
    }

    private void GiveBack(IDmaMemory memory, ulong ring, int count, bool isSent)
    {
        uint status = (isSent ? 0 : ErrorSummary) | (card.IsLinkUp ? 0 : LinkFailure | ErrorSummary);
        for (int i = 0; i < count; i++)
        {
            // It was there a moment ago; a window that went meanwhile has nobody who would miss the status.
            if (!card.Faults.DoneIsNotWritten && Rtl8139Descriptor.TryFind(memory, ring, _index, out Span<Rtl8139Descriptor> descriptor))
                descriptor[0].Options = _frame[i].Options & KeptOptions | status;
            _index = _frame[i].Next(_index);
        }
    }
}
