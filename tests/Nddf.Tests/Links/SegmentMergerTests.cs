using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using Nddf.Links;

namespace Nddf.Tests.Links;

/// <summary>Segments of TCP that become one packet, and what must not.</summary>
public sealed class SegmentMergerTests : IDisposable
{
    private const int Headers = 66;
    private const int Segment = 100;

    private readonly FakeLink _link = new();
    private readonly SegmentMerger _merger;

    // The merger has no reference that keeps frames alive: theirs is the memory of a queue.
    private readonly List<byte[]> _kept = [];

    public SegmentMergerTests() => _merger = new SegmentMerger(_link);

    public void Dispose() => _link.Dispose();

    [Fact]
    public void Segments_that_follow_each_other_become_one_packet_with_a_right_checksum()
    {
        byte[][] frames = [Frame(0), Frame(1), Frame(2), Frame(3, payload: 37, flags: 0x18, offset: 300)];

        Send(frames);

        var (packet, segmentBytes) = _link.Sent.ShouldHaveSingleItem();
        segmentBytes.ShouldBe(Segment);
        packet.Length.ShouldBe(Headers + 3 * Segment + 37);
        HasRightChecksums(packet).ShouldBeTrue();
        Cut(packet, segmentBytes).ShouldBe(frames);
    }

    [Fact]
    public void One_segment_alone_is_sent_as_it_came()
    {
        Send(Frame(0));
        Send(Frame(1));

        _link.Sent.Select(sent => sent.Packet).ShouldBe([Frame(0), Frame(1)]);
    }

    [Theory]
    [InlineData(0, "destination")]
    [InlineData(6, "source")]
    [InlineData(12, "type")]
    [InlineData(14, "version and length of the header")]
    [InlineData(15, "type of service")]
    [InlineData(19, "identification")]
    [InlineData(20, "fragment")]
    [InlineData(22, "time to live")]
    [InlineData(23, "protocol")]
    [InlineData(29, "source address")]
    [InlineData(33, "destination address")]
    [InlineData(35, "source port")]
    [InlineData(37, "destination port")]
    [InlineData(41, "sequence")]
    [InlineData(45, "acknowledgement")]
    [InlineData(46, "reserved bits")]
    [InlineData(49, "window")]
    [InlineData(53, "urgent pointer")]
    [InlineData(58, "options")]
    public void Segment_that_differs_in_its_headers_stays_apart(int at, string what)
    {
        byte[] other = Frame(1);
        other[at] ^= 1;
        WriteChecksums(other);

        Send(Frame(0), other, Frame(2));

        _link.Sent.Select(sent => sent.Packet).ShouldBe([Frame(0), other, Frame(2)], what);
    }

    [Theory]
    [InlineData(0x11, "FIN")]
    [InlineData(0x12, "SYN")]
    [InlineData(0x14, "RST")]
    [InlineData(0x30, "URG")]
    [InlineData(0x50, "ECE")]
    [InlineData(0x90, "CWR")]
    [InlineData(0x08, "no ACK")]
    public void Segment_with_other_flags_stays_apart(byte flags, string what)
    {
        byte[][] frames = [Frame(0), Frame(1, flags: flags), Frame(2)];

        Send(frames);

        _link.Sent.Select(sent => sent.Packet).ShouldBe(frames, what);
    }

    [Fact]
    public void Nothing_follows_what_pushes_is_shorter_or_has_an_odd_length()
    {
        Send(Frame(0, flags: 0x18), Frame(1));
        Send(Frame(0), Frame(1, payload: 50, offset: 100), Frame(2, payload: 50, offset: 150));
        Send(Frame(0, payload: 101), Frame(1, payload: 101));
        Send(Frame(0), Frame(1, payload: 102, offset: 100));

        _link.Sent.Select(sent => sent.Packet.Length).ShouldBe(
            [Headers + 100, Headers + 100, Headers + 150, Headers + 50, Headers + 101, Headers + 101, Headers + 100, Headers + 102]);
    }

    [Fact]
    public void Damaged_payload_makes_the_packets_checksum_wrong_and_damaged_ip_header_stays_apart()
    {
        byte[] payload = Frame(1);
        payload[Headers + 5] ^= 0x10;
        Send(Frame(0), payload);
        HasRightChecksums(_link.Sent.ShouldHaveSingleItem().Packet).ShouldBeFalse();

        _link.Sent.Clear();
        byte[] header = Frame(1);
        header[24] ^= 0x10;
        Send(Frame(0), header);
        _link.Sent.Select(sent => sent.Packet).ShouldBe([Frame(0), header]);
    }

    [Fact]
    public void Packet_has_at_most_what_its_length_can_say()
    {
        byte[][] frames = [.. Enumerable.Range(0, 200).Select(n => Frame(n, payload: 1448))];

        Send(frames);

        _link.Sent.ShouldAllBe(sent => sent.Packet.Length <= ushort.MaxValue);
        _link.Sent.Count.ShouldBeLessThan(6);
        _link.Sent.SelectMany(sent => Cut(sent.Packet, sent.SegmentBytes)).ShouldBe(frames);
    }

    [Fact]
    public void Acknowledgements_and_padding_are_left_as_they_are()
    {
        byte[] acknowledgement = [.. Frame(0, payload: 0)];
        byte[] padded = [.. Frame(1, payload: 10), .. new byte[6]];

        Send(acknowledgement, padded, Frame(2, payload: 10));

        _link.Sent[0].Packet.ShouldBe(acknowledgement);
        // Padding is no payload.
        Cut(_link.Sent[1].Packet, _link.Sent[1].SegmentBytes).ShouldBe([Frame(1, payload: 10), Frame(2, payload: 10)]);
    }

    [Fact]
    public void Link_that_takes_none_gets_frames()
    {
        _link.TakesSegments = false;
        Send(Frame(0), Frame(1));

        _link.Sent.Select(sent => sent.Packet).ShouldBe([Frame(0), Frame(1)]);
    }

    [Fact]
    public void Frames_leave_in_order_and_as_they_were() => Prop.ForAll<byte[]>(choices =>
    {
        var frames = new List<byte[]>();
        int offset = 0;
        for (int i = 0; i < choices.Length; i++)
        {
            int payload = choices[i] % 5 == 0 ? choices[i] : Segment;
            frames.Add(Frame(i, payload, (byte)(choices[i] % 7 == 0 ? 0x18 : 0x10), offset));
            offset += choices[i] % 11 == 0 ? 1 : payload;
        }
        _link.Sent.Clear();
        Send([.. frames]);
        _link.Sent.ShouldAllBe(sent => HasRightChecksums(sent.Packet));
        _link.Sent.SelectMany(sent => Cut(sent.Packet, sent.SegmentBytes)).ShouldBe(frames);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Bytes_of_any_kind_leave_as_they_came() => Prop.ForAll<byte[], ushort, byte>((bytes, at, value) =>
    {
        byte[] changed = Frame(0);
        changed[at % changed.Length] = value;
        _link.Sent.Clear();
        foreach (byte[] frame in new[] { bytes, changed, changed[..(at % changed.Length)] })
        {
            Send(frame);
            _link.Sent[^1].Packet.ShouldBe(frame);
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Merging_allocates_nothing()
    {
        _link.KeepsNothing = true;
        byte[][] frames = [.. Enumerable.Range(0, 64).Select(n => Pinned(Frame(n, payload: 1448)))];
        Allocations.ShouldSettleAtNone(() =>
        {
            for (int round = 0; round < 100; round++)
            {
                foreach (byte[] frame in frames)
                    _merger.Send(frame);
                _merger.Flush();
            }
        });
    }

    private void Send(params byte[][] frames)
    {
        foreach (byte[] frame in frames)
            _merger.Send(Pinned(frame));
        _merger.Flush();
    }

    private byte[] Pinned(byte[] bytes)
    {
        byte[] pinned = GC.AllocateArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(pinned, 0);
        _kept.Add(pinned);
        return pinned;
    }

    /// <summary>A segment with the option of timestamps.</summary>
    private static byte[] Frame(int number, int payload = Segment, byte flags = 0x10, int offset = -1)
    {
        byte[] frame = new byte[Headers + payload];
        byte[] start = [0x52, 0x54, 0, 0, 0, 2, 0x52, 0x54, 0, 0, 0, 1, 8, 0, 0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 6, 0, 0, 198, 18, 77, 1, 198, 18, 77, 2, 0x12, 0x34, 0x14, 0x51];
        start.CopyTo(frame, 0);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(16), (ushort)(frame.Length - 14));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(18), unchecked((ushort)(0xfffe + number)));
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(38), unchecked(0xffff_ff00 + (uint)(offset < 0 ? number * payload : offset)));
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(42), 0x1234_5678);
        frame[46] = 0x80;
        frame[47] = flags;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(48), 502);
        byte[] options = [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8];
        options.CopyTo(frame, 54);
        for (int i = 0; i < payload; i++)
            frame[Headers + i] = unchecked((byte)(number * 31 + i * 7));
        WriteChecksums(frame);
        return frame;
    }

    private static List<byte[]> Cut(byte[] packet, int segmentBytes)
    {
        if (segmentBytes == 0)
            return [packet];
        var frames = new List<byte[]>();
        for (int at = Headers; at < packet.Length; at += segmentBytes)
        {
            byte[] frame = [.. packet[..Headers], .. packet[at..Math.Min(packet.Length, at + segmentBytes)]];
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(16), (ushort)(frame.Length - 14));
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(18), unchecked((ushort)(BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(18)) + frames.Count)));
            BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(38), unchecked(BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(38)) + (uint)(at - Headers)));
            if (at + segmentBytes < packet.Length)
                frame[47] &= 0xf7;
            WriteChecksums(frame);
            frames.Add(frame);
        }
        return frames;
    }

    private static bool HasRightChecksums(byte[] frame)
    {
        byte[] right = [.. frame];
        WriteChecksums(right);
        return right.AsSpan().SequenceEqual(frame);
    }

    /// <summary>The plain way: over everything, byte by byte.</summary>
    private static void WriteChecksums(byte[] frame)
    {
        frame.AsSpan(24, 2).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(24), Checksum(frame[14..34]));
        frame.AsSpan(50, 2).Clear();
        int length = frame.Length - 34;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(50), Checksum([.. frame[26..34], 0, 6, (byte)(length >> 8), (byte)(length & 0xff), .. frame[34..]]));
    }

    private static ushort Checksum(byte[] bytes)
    {
        uint sum = 0;
        for (int i = 0; i < bytes.Length; i++)
            sum += (uint)bytes[i] << (i % 2 == 0 ? 8 : 0);
        while (sum > 0xffff)
            sum = (sum >> 16) + (sum & 0xffff);
        return (ushort)(0xffff - sum);
    }

    private sealed class FakeLink : ISegmentedLink
    {
        public bool TakesSegments { get; set; } = true;

        public bool KeepsNothing { get; set; }

        public List<(byte[] Packet, int SegmentBytes)> Sent { get; } = [];

        public string Name => "fake";

        public string? End => null;

        public ulong Lost => 0;

        public void Send(ReadOnlySpan<byte> frame)
        {
            if (!KeepsNothing)
                Sent.Add((frame.ToArray(), 0));
        }

        public unsafe void SendSegments(Span<IoVector> pieces, int segmentBytes)
        {
            if (KeepsNothing)
                return;
            var packet = new List<byte>();
            foreach (var piece in pieces[1..])
                packet.AddRange(new ReadOnlySpan<byte>(piece.Address, (int)piece.Length));
            Sent.Add(([.. packet], segmentBytes));
        }

        public int Receive(Span<byte> buffer) => 0;

        public void Wait()
        {
        }

        public void Wake()
        {
        }

        public void Dispose()
        {
        }
    }
}
