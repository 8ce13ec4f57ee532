using System.Buffers.Binary;

namespace Nddf.Links;

/// <summary>A link whose other side takes TCP packets longer than its MTU, and cuts them where they have to be cut.</summary>
internal interface ISegmentedLink : ILink
{
    /// <summary>Whether it still does: a host may refuse.</summary>
    bool TakesSegments { get; }

    /// <summary>Sends a TCP packet over IPv4. Does not wait.</summary>
    /// <param name="pieces">Where it lies. The first is the link's own, the second the headers, and each of the others the payload of one segment.</param>
    /// <param name="segmentBytes">Bytes of payload that each segment but the last has.</param>
    void SendSegments(Span<IoVector> pieces, int segmentBytes);
}

/// <summary>
/// Makes one packet of TCP segments over IPv4 that follow each other, where the link's other side takes such packets: the host then goes once through its
/// stack and acknowledges once. Frames stay in order and are cut again as they were. Nothing is copied but headers, and no payload is looked at: the
/// packet's checksum follows from those of its segments, so the host still finds what is damaged.
/// </summary>
/// <remarks>One thread. The memory of frames is read until <see cref="Flush"/>.</remarks>
internal sealed unsafe class SegmentMerger
{
    /// <summary>Segments of one packet: with the usual 1448 bytes they are what the length of an IPv4 packet can say.</summary>
    private const int MostSegments = 45;

    private const int OwnPieces = 2;

    private readonly ILink _link;
    private readonly ISegmentedLink? _segmented;
    private readonly byte[] _header = GC.AllocateArray<byte>(TcpSegment.LongestHeader, pinned: true);
    private readonly IoVector[] _pieces = GC.AllocateArray<IoVector>(OwnPieces + MostSegments, pinned: true);
    private TcpSegment _first;
    private byte* _frame;
    private int _frameBytes;
    private int _segments;
    private int _payloadBytes;
    private uint _payloadSum;
    private bool _pushes;
    private bool _isComplete;

    internal SegmentMerger(ILink link)
    {
        _link = link;
        _segmented = link as ISegmentedLink;
    }

    /// <summary>Sends a frame, or keeps it for those that follow.</summary>
    /// <param name="frame">Not on the managed heap, or pinned; not changed before <see cref="Flush"/>.</param>
    internal void Send(ReadOnlySpan<byte> frame)
    {
        if (_segmented is not { TakesSegments: true } || !TcpSegment.TryParse(frame, out var segment))
        {
            Flush();
            _link.Send(frame);
            return;
        }
        if (_segments > 0 && !Follows(frame, segment))
            Flush();
        fixed (byte* bytes = frame)
        {
            if (_segments == 0)
            {
                _frame = bytes;
                _frameBytes = frame.Length;
                _first = segment;
                (_payloadBytes, _payloadSum, _pushes) = (0, 0, false);
            }
            _pieces[OwnPieces + _segments++] = new IoVector(bytes + segment.HeaderBytes, (nuint)segment.PayloadBytes);
        }
        _payloadBytes += segment.PayloadBytes;
        _payloadSum += segment.PayloadSum;
        _pushes |= segment.Pushes;
        // The sum of a part at an odd offset would have to be turned round; such lengths are rare.
        _isComplete = segment.Pushes || segment.PayloadBytes < _first.PayloadBytes || segment.PayloadBytes % 2 != 0 || _segments == MostSegments;
    }

    /// <summary>Sends what was kept.</summary>
    internal void Flush()
    {
        int segments = _segments;
        _segments = 0;
        if (segments == 0)
            return;
        if (segments == 1)
        {
            _link.Send(new ReadOnlySpan<byte>(_frame, _frameBytes));
            return;
        }
        var header = _header.AsSpan(0, _first.HeaderBytes);
        new ReadOnlySpan<byte>(_frame, header.Length).CopyTo(header);
        TcpSegment.WriteHeader(header, _payloadBytes, _payloadSum, _pushes);
        fixed (byte* bytes = header)
            _pieces[1] = new IoVector(bytes, (nuint)header.Length);
        _segmented!.SendSegments(_pieces.AsSpan(0, OwnPieces + segments), _first.PayloadBytes);
    }

    private bool Follows(ReadOnlySpan<byte> frame, in TcpSegment segment) =>
        !_isComplete
        && segment.PayloadBytes <= _first.PayloadBytes
        && segment.HeaderBytes + _payloadBytes + segment.PayloadBytes <= ushort.MaxValue
        && segment.Sequence == unchecked(_first.Sequence + (uint)_payloadBytes)
        && segment.Identification == unchecked((ushort)(_first.Identification + _segments))
        && segment.HeaderBytes == _first.HeaderBytes
        && TcpSegment.HaveSameHeaders(frame, new ReadOnlySpan<byte>(_frame, _frameBytes), segment.HeaderBytes);
}

/// <summary>What is to be known of a frame with a TCP segment over IPv4 (RFC 791, section 3.1; RFC 9293, section 3.1).</summary>
/// <param name="HeaderBytes">Bytes before the payload, from the destination's hardware address on.</param>
/// <param name="PayloadBytes">Bytes of payload: at least one.</param>
/// <param name="Identification">Of the IP packet.</param>
/// <param name="Sequence">Of the first byte.</param>
/// <param name="Pushes">PSH.</param>
/// <param name="PayloadSum">The ones' complement sum of the payload, if the checksum is right.</param>
internal readonly record struct TcpSegment(int HeaderBytes, int PayloadBytes, ushort Identification, uint Sequence, bool Pushes, uint PayloadSum)
{
    internal const int LongestHeader = TcpAt + 60;

    private const int TypeAt = 12;
    private const int IpAt = FrameRing.HeaderBytes;
    private const int LengthAt = IpAt + 2;
    private const int IdentificationAt = IpAt + 4;
    private const int FragmentAt = IpAt + 6;
    private const int ProtocolAt = IpAt + 9;
    private const int IpChecksumAt = IpAt + 10;
    private const int AddressesAt = IpAt + 12;
    private const int TcpAt = IpAt + 20;
    private const int SequenceAt = TcpAt + 4;
    private const int AcknowledgementAt = TcpAt + 8;
    private const int OffsetAt = TcpAt + 12;
    private const int FlagsAt = TcpAt + 13;
    private const int WindowAt = TcpAt + 14;
    private const int ChecksumAt = TcpAt + 16;
    private const int UrgentAt = TcpAt + 18;

    private const ushort IpType = 0x0800;
    private const byte VersionWithoutOptions = 0x45;
    private const byte TcpProtocol = 6;
    private const int MoreOrOffset = 0x3fff;
    private const int Acknowledges = 0x10;
    private const int PushFlag = 0x08;
    private const ushort AllOnes = 0xffff;

    /// <summary>False for what cannot be put together with others: not TCP over IPv4, options of IP, fragments, flags other than ACK and PSH, no payload, or an IP
    /// header that is damaged.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> frame, out TcpSegment segment)
    {
        segment = default;
        if (frame.Length <= TcpAt + 20 || BinaryPrimitives.ReadUInt16BigEndian(frame[TypeAt..]) != IpType || frame[IpAt] != VersionWithoutOptions
            || frame[ProtocolAt] != TcpProtocol || (BinaryPrimitives.ReadUInt16BigEndian(frame[FragmentAt..]) & MoreOrOffset) != 0
            || (frame[FlagsAt] & ~PushFlag) != Acknowledges || (frame[OffsetAt] & 0xf) != 0)
            return false;
        int header = TcpAt + 4 * (frame[OffsetAt] >> 4);
        int end = IpAt + BinaryPrimitives.ReadUInt16BigEndian(frame[LengthAt..]);
        if (header < TcpAt + 20 || end <= header || end > frame.Length || Fold(Sum(frame[IpAt..TcpAt])) != AllOnes)
            return false;
        // Everything together, the checksum included, is minus nothing: so the payload is minus the rest.
        uint rest = PseudoHeader(frame, end - TcpAt) + Sum(frame[TcpAt..header]);
        segment = new TcpSegment(header, end - header, BinaryPrimitives.ReadUInt16BigEndian(frame[IdentificationAt..]),
            BinaryPrimitives.ReadUInt32BigEndian(frame[SequenceAt..]), (frame[FlagsAt] & PushFlag) != 0, (uint)(AllOnes - Fold(rest)));
        return true;
    }

    /// <summary>Whether two frames differ in nothing but length, identification, sequence, PSH and checksums, as far as their headers go.</summary>
    internal static bool HaveSameHeaders(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other, int headerBytes) =>
        one[..LengthAt].SequenceEqual(other[..LengthAt])
        && one[FragmentAt..IpChecksumAt].SequenceEqual(other[FragmentAt..IpChecksumAt])
        && one[AddressesAt..SequenceAt].SequenceEqual(other[AddressesAt..SequenceAt])
        && one[AcknowledgementAt..FlagsAt].SequenceEqual(other[AcknowledgementAt..FlagsAt])
        && one[WindowAt..ChecksumAt].SequenceEqual(other[WindowAt..ChecksumAt])
        && one[UrgentAt..headerBytes].SequenceEqual(other[UrgentAt..headerBytes]);

    /// <summary>Makes the headers of a segment those of a packet with more payload.</summary>
    internal static void WriteHeader(Span<byte> header, int payloadBytes, uint payloadSum, bool pushes)
    {
        BinaryPrimitives.WriteUInt16BigEndian(header[LengthAt..], (ushort)(header.Length - IpAt + payloadBytes));
        header[IpChecksumAt..AddressesAt].Clear();
        WriteChecksum(header[IpChecksumAt..], Sum(header[IpAt..TcpAt]));
        if (pushes)
            header[FlagsAt] |= PushFlag;
        header[ChecksumAt..UrgentAt].Clear();
        WriteChecksum(header[ChecksumAt..], PseudoHeader(header, header.Length - TcpAt + payloadBytes) + Sum(header[TcpAt..]) + payloadSum);
    }

    /// <summary>RFC 9293, section 3.1.</summary>
    private static uint PseudoHeader(ReadOnlySpan<byte> header, int length) =>
        Sum(header[AddressesAt..TcpAt]) + ((uint)TcpProtocol << 8) + BinaryPrimitives.ReverseEndianness((ushort)length);

    /// <summary>A sum of words as they lie in memory: their order makes no difference (RFC 1071, section 2(B)). Headers have an even number of bytes.</summary>
    private static uint Sum(ReadOnlySpan<byte> words)
    {
        uint sum = 0;
        for (int at = 0; at < words.Length; at += sizeof(ushort))
            sum += BinaryPrimitives.ReadUInt16LittleEndian(words[at..]);
        return sum;
    }

    private static ushort Fold(uint sum)
    {
        sum = (sum & AllOnes) + (sum >> 16);
        return (ushort)((sum & AllOnes) + (sum >> 16));
    }

    private static void WriteChecksum(Span<byte> place, uint sum) => BinaryPrimitives.WriteUInt16LittleEndian(place, (ushort)(AllOnes - Fold(sum)));
}
