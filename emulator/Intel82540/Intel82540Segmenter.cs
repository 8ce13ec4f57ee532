using System.Buffers.Binary;
using L4Io;

namespace Emulator;

/// <summary>
/// TCP segmentation: section 3.5. A packet of up to 64 KiB with one header leaves as segments, each with a copy of the header in which
/// lengths, sequence number, identification, flags and checksums are its own. When the wire is full it stops between two segments, and
/// goes on with the same packet.
/// </summary>
internal sealed class Intel82540Segmenter(Intel82540 card, Intel82540Registers registers, WireEnd wire)
{
    private const int TagBytes = 4;
    private const int Ipv6Header = 40;

    /// <summary>PAYLEN has 20 bits.</summary>
    private const int LongestPayload = 0xf_ffff;

    private const byte TcpFin = 1 << 0;
    private const byte TcpPush = 1 << 3;

    private readonly byte[] _header = new byte[256];
    private TransmitData _data;
    private int _sent;
    private int _segments;
    private bool _isUnderWay;

    /// <summary>Forgets the packet that was under way.</summary>
    public void Reset() => _isUnderWay = false;

    /// <summary>Sends a packet, or what is left of it; false when the wire is full.</summary>
    /// <param name="ring">The descriptors.</param>
    /// <param name="memory">The memory that the device reaches.</param>
    /// <param name="data">The packet.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="context">Its offsets.</param>
    /// <param name="options">The upper part of its first descriptor.</param>
    /// <param name="tag">The tag to insert.</param>
    public bool Send(ReadOnlySpan<TransmitDescriptor> ring, IDmaMemory memory, TransmitData data, int length, TransmitContext context, uint options, uint? tag)
    {
        int headerLength = context.HeaderLength;
        int payload = length - headerLength;
        int room = tag is null ? 0 : TagBytes;
        if (!IsSane(context, payload, room))
        {
            card.Report("bad-segmentation", $"a packet of {length} bytes, transmit descriptor {data.Index}, with a header of {headerLength} and segments of {context.SegmentSize} is dropped");
            registers.IncrementStatisticsSegmentationFailuresCount();
            return true;
        }

        Span<byte> header = _header.AsSpan(0, headerLength);
        if (!_isUnderWay)
        {
            _data = data;
            _sent = 0;
            _segments = 0;
            if (!_data.Read(ring, memory, header))
            {
                card.ReceivedMasterAbort();
                return true;
            }
            _isUnderWay = true;
            registers.IncrementStatisticsSegmentationContextsCount();
        }

        while (_sent < payload)
        {
            int bytes = Math.Min(context.SegmentSize, payload - _sent);
            int size = headerLength + bytes;
            if (!wire.TryReserve(Math.Max(size + room, WireEnd.ShortestFrame), out Span<byte> frame))
                return false;
            Span<byte> untagged = frame.Slice(room, size);
            header.CopyTo(untagged);
            if (!_data.Read(ring, memory, untagged[headerLength..]))
            {
                card.ReceivedMasterAbort();
                break;
            }
            Finish(untagged, context, options, isLast: bytes == payload - _sent);
            if (tag is { } value)
                Intel82540Transmitter.InsertTag(frame, registers.VlanTypeEtherType, value);
            size += room;
            if (size < WireEnd.ShortestFrame)
            {
                frame[size..].Clear();
                size = WireEnd.ShortestFrame;
            }
            Intel82540Statistics.CountTransmitted(registers, frame[..size]);
            wire.Commit(size);
            _sent += bytes;
            _segments++;
        }

        _isUnderWay = false;
        return true;
    }

    /// <summary>All fields that are written lie inside the header.</summary>
    private static bool IsSane(TransmitContext context, int payload, int room)
    {
        int header = context.HeaderLength;
        int ip = context.IpStart + (context.IsIpv4 ? 20 : Ipv6Header);
        int transport = context.TransportStart + (context.IsTcp ? 20 : 8);
        return payload is > 0 and <= LongestPayload && context.SegmentSize > 0 && header + context.SegmentSize + room <= Wire.LongestFrame
            && context.IpStart >= 14 && ip <= header && transport <= header
            && context.IpChecksum + 2 <= header && context.TransportChecksum + 2 <= header;
    }

    private void Finish(Span<byte> frame, TransmitContext context, uint options, bool isLast)
    {
        Span<byte> ip = frame[context.IpStart..];
        if (context.IsIpv4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)ip.Length);
            ushort identification = BinaryPrimitives.ReadUInt16BigEndian(ip[4..]);
            BinaryPrimitives.WriteUInt16BigEndian(ip[4..], unchecked((ushort)(identification + _segments)));
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(ip[4..], (ushort)(ip.Length - Ipv6Header));
        }

        Span<byte> transport = frame[context.TransportStart..];
        if (context.IsTcp)
        {
            uint sequence = BinaryPrimitives.ReadUInt32BigEndian(transport[4..]);
            BinaryPrimitives.WriteUInt32BigEndian(transport[4..], unchecked(sequence + (uint)_sent));
            if (!isLast)
                transport[13] &= unchecked((byte)~(TcpFin | TcpPush));
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(transport[4..], (ushort)transport.Length);
        }

        if ((options & TransmitDescriptor.InsertIpChecksum) != 0)
        {
            int end = context.IpEnd == 0 ? frame.Length : Math.Min(context.IpEnd + 1, frame.Length);
            Store(frame[context.IpChecksum..], InternetChecksum.Sum(frame[context.IpStart..Math.Max(end, context.IpStart)]));
        }
        if ((options & TransmitDescriptor.InsertTransportChecksum) == 0)
            return;
        // The field holds the sum of the pseudo header without the length, which differs from segment to segment.
        ulong length = BinaryPrimitives.ReverseEndianness((ushort)transport.Length);
        Store(frame[context.TransportChecksum..], InternetChecksum.Sum(transport) + length);
    }

    private static void Store(Span<byte> field, ulong sum)
    {
        // All ones are zero as well, and zero means no checksum in UDP.
        ushort checksum = InternetChecksum.Complement(sum);
        BinaryPrimitives.WriteUInt16LittleEndian(field, checksum == 0 ? ushort.MaxValue : checksum);
    }
}
