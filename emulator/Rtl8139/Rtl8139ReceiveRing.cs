using System.Buffers.Binary;
using L4Io;

namespace Emulator;

/// <summary>The receive ring of C+ mode: RTL8139C(L)+, "Receive descriptors". The check sequence is not modelled; its place is zeros.</summary>
internal sealed class Rtl8139ReceiveRing(Rtl8139 card)
{
    private const int AddressBytes = 12;
    private const int TagBytes = 4;
    private const ushort TagType = 0x8100;

    /// <summary>Bytes that the length in a descriptor can say.</summary>
    private const int LongestFrame = 0x1fff;

    private const uint SizeMask = 0x1fff;
    private const uint Multicast = 1 << 26;
    private const uint Station = 1 << 25;
    private const uint Broadcast = 1 << 24;
    private const uint Failed = 1 << 20;
    private const uint TagAvailable = 1 << 16;

    private readonly byte[] _untagged = new byte[Wire.LongestFrame];
    private int _index;

    /// <summary>Begins at the ring's start.</summary>
    public void Reset() => _index = 0;

    /// <summary>Stores a frame.</summary>
    public Rtl8139Stored Store(IDmaMemory memory, ReadOnlySpan<byte> frame, ref uint causes)
    {
        uint tag = 0;
        uint report = Destination(frame);
        if (card.Plus.ControlReceiveVlan && BinaryPrimitives.ReadUInt16BigEndian(frame[AddressBytes..]) == TagType && frame.Length > AddressBytes + TagBytes)
        {
            // The descriptor has the tag's bytes as they are on the wire.
            tag = TagAvailable | BinaryPrimitives.ReadUInt16LittleEndian(frame[(AddressBytes + 2)..]);
            frame[..AddressBytes].CopyTo(_untagged);
            frame[(AddressBytes + TagBytes)..].CopyTo(_untagged.AsSpan(AddressBytes));
            frame = _untagged.AsSpan(0, frame.Length - TagBytes);
        }

        int length = frame.Length + EthernetFrame.CheckSequenceBytes;
        if (length > LongestFrame)
        {
            card.Report("bad-frame-length", $"a frame of {frame.Length} bytes came, {LongestFrame - EthernetFrame.CheckSequenceBytes} are the most; it is lost");
            return Rtl8139Stored.Lost;
        }

        ulong ring = (ulong)card.Plus.ReceiveRingAddress(1) << 32 | card.Plus.ReceiveRingAddress(0);
        if (!TryCount(memory, ring, length, out int count))
        {
            causes |= card.AbortMaster();
            return Rtl8139Stored.Lost;
        }

        switch (count)
        {
            case 0:
                return Rtl8139Stored.NoRoom;
            case > Rtl8139Descriptor.LongestRing:
                card.Report("ring-too-small", $"a frame of {frame.Length} bytes does not fit all buffers of the receive ring; it is lost");
                return Rtl8139Stored.Lost;
        }

        if (card.Plus.ControlReceiveChecksum)
            report |= Rtl8139Checksums.Report(frame);
        Fill(memory, ring, frame, count, report, tag, ref causes);
        return Rtl8139Stored.Done;
    }

    /// <summary>How many descriptors a frame needs: 0 when not so many are the device's, more than a ring has when no ring would do. False
    /// when the device may not access one.</summary>
    private bool TryCount(IDmaMemory memory, ulong ring, int length, out int count)
    {
        int index = _index;
        int left = length;
        for (count = 0; count < Rtl8139Descriptor.LongestRing && left > 0; count++)
        {
            if (!Rtl8139Descriptor.TryFind(memory, ring, index, out Span<Rtl8139Descriptor> descriptor))
                return false;
            if ((descriptor[0].Options & Rtl8139Descriptor.Own) == 0)
            {
                count = 0;
                return true;
            }

            left -= (int)(descriptor[0].Options & SizeMask);
            index = descriptor[0].Next(index);
            // Once around, all of them the device's, and still not enough.
            if (index == _index && left > 0)
            {
                count = Rtl8139Descriptor.LongestRing + 1;
                return true;
            }
        }

        if (left > 0)
            count = Rtl8139Descriptor.LongestRing + 1;
        return true;
    }

    private void Fill(IDmaMemory memory, ulong ring, ReadOnlySpan<byte> frame, int count, uint report, uint tag, ref uint causes)
    {
        int length = frame.Length + EthernetFrame.CheckSequenceBytes;
        int offset = 0;
        for (int i = 0; i < count; i++)
        {
            if (!Rtl8139Descriptor.TryFind(memory, ring, _index, out Span<Rtl8139Descriptor> found))
                return;
            ref Rtl8139Descriptor descriptor = ref found[0];
            int bytes = Math.Min((int)(descriptor.Options & SizeMask), length - offset);
            if (memory.TryAccess(descriptor.Address, bytes, DmaAccess.Write, out Span<byte> buffer))
            {
                Rtl8139ReceiveBuffer.CopyWithCheckSequence(frame, offset, buffer);
            }
            else
            {
                // The frame is lost; software gets its descriptors back, with an error in the last one.
                causes |= card.AbortMaster();
                report |= Failed;
            }

            offset += bytes;
            bool isLast = i == count - 1;
            uint options = descriptor.Options & Rtl8139Descriptor.EndOfRing | (i == 0 ? Rtl8139Descriptor.FirstSegment : 0);
            int next = descriptor.Next(_index);
            descriptor.Tag = tag;
            descriptor.Options = options | (isLast ? Rtl8139Descriptor.LastSegment | report | (uint)length : (uint)bytes);
            _index = next;
        }
    }

    private static uint Destination(ReadOnlySpan<byte> frame)
    {
        if ((frame[0] & 1) == 0)
            return Station;
        return frame[..6].ContainsAnyExcept(byte.MaxValue) ? Multicast : Broadcast;
    }
}
