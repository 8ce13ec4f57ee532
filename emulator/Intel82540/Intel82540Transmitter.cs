using System.Buffers.Binary;
using System.Runtime.InteropServices;
using L4Io;

namespace Emulator;

/// <summary>
/// Takes frames from the transmit ring to the wire: section 3.3 to 3.5. Works inside the write of the tail, and goes on in service when
/// the wire was full. Frames are sent whole: a frame whose last descriptor is not there yet waits.
/// </summary>
internal sealed class Intel82540Transmitter(Intel82540 card, Intel82540Registers registers, Intel82540Interrupts interrupts, WireEnd wire)
{
    private const int TagBytes = 4;

    /// <summary>Bytes of the longest frame that the device sends (section 3.3.3), without its check sequence.</summary>
    private const int LongestFrame = 16288 - EthernetFrame.CheckSequenceBytes;

    private readonly Intel82540Segmenter _segmenter = new(card, registers, wire);
    private TransmitContext _context;

    /// <summary>Forgets what was under way.</summary>
    public void Reset()
    {
        _context = default;
        _segmenter.Reset();
        card.Faults.TransmitterReset();
    }

    /// <summary>Sends what can be sent.</summary>
    public void Run()
    {
        if (!registers.TransmitControlEnable || !card.CanMaster || card.Faults.TransmitterStandsStill || registers.TransmitRingHeadIndex == registers.TransmitRingTailIndex)
            return;
        using var dma = card.UseDma();
        if (dma.Memory is { } memory)
            Run(memory);
    }

    private void Run(IDmaMemory memory)
    {
        uint head = registers.TransmitRingHeadIndex;
        uint tail = registers.TransmitRingTailIndex;
        ulong place = (ulong)registers.TransmitRingBaseHighAddress << 32 | (ulong)registers.TransmitRingBaseLowAddress << 4;
        if (!card.TryOpenRing("transmit", memory, place, registers.TransmitRingLengthBlocks, head, tail, out Span<byte> bytes))
            return;
        Span<TransmitDescriptor> ring = MemoryMarshal.Cast<byte, TransmitDescriptor>(bytes);
        int next = (int)head;
        uint reported = 0;
        bool isSilent = card.Faults.DoneIsNotWritten;
        bool full = false;
        while (next != (int)tail)
        {
            int count = CountFrame(ring, next, (int)tail, out int length);
            if (count == 0)
                break;
            if (!Send(ring, memory, next, count, length))
            {
                // Whoever makes room asks for service.
                wire.Flush();
                full = wire.MustWaitForRoom();
                if (full)
                    break;
                continue;
            }

            for (; count > 0; count--)
            {
                ref TransmitDescriptor descriptor = ref ring[next];
                if ((descriptor.Lower & TransmitDescriptor.ReportStatus) != 0 && !isSilent)
                {
                    descriptor.Upper |= TransmitDescriptor.Done;
                    reported |= (descriptor.Lower & TransmitDescriptor.DelayInterrupt) != 0 ? 2u : 1u;
                }
                next = next + 1 == ring.Length ? 0 : next + 1;
            }
        }

        registers.TransmitRingHeadIndex = (uint)next;
        wire.Flush();
        if (isSilent)
            return;
        uint causes = (reported & 1) != 0 ? Intel82540Registers.InterruptCauseTransmitDescriptorWrittenBackMask : 0;
        if (next == (int)tail)
            causes |= Intel82540Registers.InterruptCauseTransmitQueueEmptyMask;
        if (causes != 0)
            interrupts.Raise(causes);
        if ((reported & 2) != 0)
            interrupts.RaiseTransmittedLater();
    }

    /// <summary>How many descriptors the next frame has, and bytes; 0 when its end is not there yet. A context descriptor is alone.</summary>
    private int CountFrame(ReadOnlySpan<TransmitDescriptor> ring, int first, int tail, out int length)
    {
        length = 0;
        int index = first;
        long bytes = 0;
        for (int count = 1; ; count++)
        {
            TransmitDescriptor descriptor = ring[index];
            if (descriptor.IsContext && count == 1)
                return 1;
            bytes += descriptor.IsContext ? 0 : descriptor.Length;
            if ((descriptor.Lower & TransmitDescriptor.EndOfPacket) != 0 && !descriptor.IsContext)
            {
                // Longer ones are all too long.
                length = (int)Math.Min(bytes, int.MaxValue);
                return count;
            }
            index = index + 1 == ring.Length ? 0 : index + 1;
            if (count == ring.Length - 1)
            {
                card.Report("endless-frame", $"{count} transmit descriptors from {first} on, all the ring, are without an end of packet; they are dropped");
                return count;
            }
            if (index == tail)
                return 0;
        }
    }

    /// <summary>Sends one frame, or takes a context; false when the wire is full.</summary>
    private bool Send(ReadOnlySpan<TransmitDescriptor> ring, IDmaMemory memory, int first, int count, int length)
    {
        TransmitDescriptor descriptor = ring[first];
        if (descriptor.IsContext)
        {
            _context = new TransmitContext(descriptor.Address, descriptor.Lower, descriptor.Upper);
            return true;
        }

        TransmitDescriptor last = ring[(first + count - 1) % ring.Length];
        bool isExtended = (descriptor.Lower & TransmitDescriptor.Extended) != 0;
        // The tag is inserted where the descriptor and the device as a whole say so (section 9.2.1).
        uint? tag = (last.Lower & TransmitDescriptor.InsertTag) != 0 && registers.ControlVlanMode ? last.Upper >> 16 : null;
        if (isExtended && (descriptor.Lower & TransmitDescriptor.Segment) != 0)
            return _segmenter.Send(ring, memory, new TransmitData(first, count, 0), length, _context, descriptor.Upper, tag);

        // Software that does not want the check sequence inserted has put one there; the wire carries none.
        if ((last.Lower & TransmitDescriptor.InsertCheckSequence) == 0)
            length -= EthernetFrame.CheckSequenceBytes;
        if (length is < EthernetFrame.HeaderBytes or > LongestFrame)
        {
            card.Report("bad-frame-length", $"a frame of {length} bytes, transmit descriptor {first}, is dropped");
            return true;
        }

        int room = tag is null ? 0 : TagBytes;
        if (!wire.TryReserve(Math.Max(length + room, WireEnd.ShortestFrame), out Span<byte> frame))
            return false;
        Span<byte> untagged = frame.Slice(room, length);
        if (!new TransmitData(first, count, 0).Read(ring, memory, untagged))
        {
            card.ReceivedMasterAbort();
            return true;
        }
        if (isExtended)
            InsertChecksums(untagged, descriptor.Upper);
        else if ((last.Lower & TransmitDescriptor.InsertChecksum) != 0)
            InsertChecksum(untagged, (int)(last.Upper >> 8 & 0xff), 0, (int)(last.Lower >> 16 & 0xff), isUdp: false);
        if (tag is { } value)
            InsertTag(frame, registers.VlanTypeEtherType, value);
        length += room;
        if (length < WireEnd.ShortestFrame && registers.TransmitControlPadShort)
        {
            frame[length..].Clear();
            length = WireEnd.ShortestFrame;
        }
        Intel82540Statistics.CountTransmitted(registers, frame[..length]);
        wire.Commit(length);
        return true;
    }

    /// <summary>Moves the addresses to the frame's start and puts a tag behind them.</summary>
    internal static void InsertTag(Span<byte> frame, uint type, uint tag)
    {
        frame.Slice(TagBytes, 12).CopyTo(frame);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(frame[14..], (ushort)tag);
    }

    private void InsertChecksums(Span<byte> frame, uint options)
    {
        if ((options & TransmitDescriptor.InsertIpChecksum) != 0)
            InsertChecksum(frame, _context.IpStart, _context.IpEnd, _context.IpChecksum, isUdp: false);
        if ((options & TransmitDescriptor.InsertTransportChecksum) != 0)
            InsertChecksum(frame, _context.TransportStart, _context.TransportEnd, _context.TransportChecksum, !_context.IsTcp);
    }

    /// <summary>Puts the checksum of a part into the frame; the field's old value is part of the sum.</summary>
    /// <param name="frame">The frame, without a tag.</param>
    /// <param name="start">First byte of the part.</param>
    /// <param name="last">Last byte, 0 for the frame's.</param>
    /// <param name="field">Where it goes.</param>
    /// <param name="isUdp">A checksum of zero would say that there is none.</param>
    private void InsertChecksum(Span<byte> frame, int start, int last, int field, bool isUdp)
    {
        int end = last == 0 ? frame.Length : Math.Min(last + 1, frame.Length);
        if (start >= end || field + 2 > frame.Length)
        {
            card.Report("bad-checksum-offset", $"a checksum of bytes {start} to {last} at {field} of a frame of {frame.Length} bytes is left out");
            return;
        }
        ushort checksum = InternetChecksum.Complement(InternetChecksum.Sum(frame[start..end]));
        if (checksum == 0 && isUdp)
            checksum = ushort.MaxValue;
        BinaryPrimitives.WriteUInt16LittleEndian(frame[field..], checksum);
    }
}
