using System.Buffers.Binary;

namespace Emulator.Tests;

/// <summary>Checksums, segmentation and VLAN tags, both ways. Expected checksums are computed here, byte by byte.</summary>
public sealed class Intel82540OffloadTests : IDisposable
{
    private const uint Extended = 1u << 29;
    private const uint DataType = 1u << 20;
    private const uint Segment = 1u << 26;
    private const uint VlanMode = 1u << 30;
    private const uint InsertTag = 1u << 30;
    private const uint BothChecksums = 0x300;
    private const int Ip = 14;
    private const int Tcp = 34;
    private const int Payload = 54;

    private readonly Intel82540Guest _guest = new();

    private NicMachine Test => _guest.Test;

    public void Dispose() => _guest.Dispose();

    [Fact]
    public void A_legacy_descriptor_inserts_one_checksum()
    {
        _guest.Start();
        byte[] frame = NicMachine.FrameTo(NicMachine.Station, 101);
        frame[50] = frame[51] = 0;
        // CSO 50, IC; CSS 34.
        _guest.Transmit(frame, Intel82540Guest.Whole | 1u << 26 | 50 << 16, 34 << 8);
        byte[] sent = Test.Sent()!;
        Sum(sent.AsSpan(34)).ShouldBe((ushort)0xffff);
        sent.AsSpan(0, 50).SequenceEqual(frame.AsSpan(0, 50)).ShouldBeTrue();
    }

    [Fact]
    public void A_context_and_a_data_descriptor_insert_both_checksums()
    {
        _guest.Start();
        byte[] packet = TcpPacket(333);
        Seed(packet, 333 + 20);
        QueueContext(isTcp: true);
        _guest.Transmit(packet, Intel82540Guest.Whole | Extended | DataType, BothChecksums);
        byte[] sent = Test.Sent()!;
        ShouldBeGoodTcp(sent);
        sent[Payload..].ShouldBe(packet[Payload..]);
        Test.ShouldHaveReportedNothing();
    }

    [Fact]
    public void A_large_packet_leaves_as_segments_with_headers_of_their_own()
    {
        _guest.Start();
        const int Length = 10_000;
        const int Mss = 1460;
        byte[] packet = TcpPacket(Length);
        packet[Tcp + 13] = 0x19; // ACK, PSH, FIN
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(Ip + 2), 0);
        Seed(packet, 0);
        QueueContext(isTcp: true, Segment, Mss, Length);
        packet.CopyTo(Test.Memory.At(Intel82540Guest.Buffers, packet.Length));
        const uint Command = Extended | DataType | Segment | 1u << 25;
        _guest.Queue(Intel82540Guest.Buffers, Command | Payload, BothChecksums);
        _guest.Queue(Intel82540Guest.Buffers + Payload, Command | 4000);
        _guest.Queue(Intel82540Guest.Buffers + Payload + 4000, Command | Intel82540Guest.Whole | 6000);
        _guest.Kick();
        int at = 0;
        for (int index = 0; at < Length; index++)
        {
            byte[] segment = Test.Sent()!;
            int bytes = Math.Min(Mss, Length - at);
            segment.Length.ShouldBe(Payload + bytes);
            ShouldBeGoodTcp(segment);
            BinaryPrimitives.ReadUInt16BigEndian(segment.AsSpan(Ip + 2)).ShouldBe((ushort)(40 + bytes));
            BinaryPrimitives.ReadUInt16BigEndian(segment.AsSpan(Ip + 4)).ShouldBe((ushort)(0x1000 + index));
            BinaryPrimitives.ReadUInt32BigEndian(segment.AsSpan(Tcp + 4)).ShouldBe(unchecked(0xffff_f000u + (uint)at));
            segment[Tcp + 13].ShouldBe(at + bytes == Length ? (byte)0x19 : (byte)0x10);
            segment.AsSpan(Payload).SequenceEqual(packet.AsSpan(Payload + at, bytes)).ShouldBeTrue();
            at += bytes;
        }
        Test.Sent().ShouldBeNull();
        _guest[Intel82540Guest.TransmitHead].ShouldBe(4u);
        Test.ShouldHaveReportedNothing();
    }

    [Fact]
    public void A_packet_whose_segments_fill_the_wire_goes_on_when_there_is_room()
    {
        _guest.Start();
        const int Length = 60_000;
        byte[] packet = TcpPacket(Length);
        Seed(packet, 0);
        QueueContext(isTcp: true, Segment, 10, Length);
        packet.CopyTo(Test.Memory.At(Intel82540Guest.Buffers, packet.Length));
        _guest.Queue(Intel82540Guest.Buffers, Extended | DataType | Segment | Intel82540Guest.Whole | (uint)packet.Length, BothChecksums);
        _guest.Kick();
        _guest.TransmitStatus(1).ShouldBe(0u, "the wire is full");
        var received = new List<byte>();
        int stops = 0;
        while (received.Count < Length)
        {
            while (Test.Peer.TryReceive(out ReadOnlySpan<byte> frame))
            {
                received.AddRange(frame.Slice(Payload, Math.Min(10, Length - received.Count)));
                Test.Peer.Release();
            }
            Test.Peer.Flush();
            Test.Serve();
            (++stops).ShouldBeLessThan(1000);
        }
        stops.ShouldBeGreaterThan(1);
        received.ShouldBe(packet[Payload..]);
        _guest.TransmitStatus(1).ShouldBe(1u);
    }

    [Fact]
    public void A_segmentation_that_makes_no_sense_is_dropped_and_reported()
    {
        _guest.Start();
        byte[] packet = TcpPacket(500);
        QueueContext(isTcp: true, Segment, 0, 500);
        _guest.Transmit(packet, Intel82540Guest.Whole | Extended | DataType | Segment, BothChecksums);
        Test.Sent().ShouldBeNull();
        _guest.TransmitStatus(1).ShouldBe(1u);
        Test.ShouldHaveReported("e1000", "bad-segmentation", "segments of 0");
    }

    [Fact]
    public void A_tag_is_inserted_behind_the_addresses_where_the_device_may()
    {
        _guest.Start();
        byte[] frame = NicMachine.FrameTo(NicMachine.Station, 200);
        _guest.Transmit(frame, Intel82540Guest.Whole | InsertTag, 0x2007u << 16);
        Test.Sent().ShouldBe(frame, "VME is off");
        _guest[Intel82540Guest.Control] |= VlanMode;
        _guest.Transmit(frame, Intel82540Guest.Whole | InsertTag, 0x2007u << 16);
        Test.Sent().ShouldBe([.. frame[..12], 0x81, 0x00, 0x20, 0x07, .. frame[12..]]);
    }

    [Fact]
    public void A_tag_is_stripped_into_the_report()
    {
        _guest.Start();
        _guest[Intel82540Guest.Control] |= VlanMode;
        byte[] frame = NicMachine.FrameTo(NicMachine.Station, 200);
        Test.Send([.. frame[..12], 0x81, 0x00, 0x20, 0x07, .. frame[12..]]);
        var (length, _, status, _, tag) = _guest.Report(0);
        (length, status & 0xb, tag).ShouldBe((204, 0xb, (ushort)0x2007));
        _guest.ReceivedIn(0, 200).ShouldBe(frame);
    }

    [Fact]
    public void The_vlan_filter_passes_only_tags_of_its_table()
    {
        _guest.Start(0x8002 | 1 << 18);
        _guest[0x5600 + 4 * (7 >> 5)] = 1u << 7;
        byte[] frame = NicMachine.FrameTo(NicMachine.Station, 200);
        Test.Send([.. frame[..12], 0x81, 0x00, 0x00, 0x08, .. frame[12..]]);
        Test.Send([.. frame[..12], 0x81, 0x00, 0x00, 0x07, .. frame[12..]]);
        Test.Send(frame);
        _guest[Intel82540Guest.ReceiveHead].ShouldBe(2u);
    }

    [Theory]
    [InlineData(false, 0x60, 0x00)]
    [InlineData(true, 0x60, 0x20)]
    public void Received_tcp_checksums_are_looked_at(bool isDamaged, int status, int errors)
    {
        _guest.Start();
        _guest[0x5000] = 0x300;
        byte[] packet = GoodTcpPacket(301);
        if (isDamaged)
            packet[100] ^= 1;
        Test.Send(packet);
        var report = _guest.Report(0);
        (report.Status & 0x64, (int)report.Errors, report.Checksum).ShouldBe((status, errors, Complement(packet)));
    }

    [Fact]
    public void A_damaged_ip_header_is_found_and_padding_does_not_count()
    {
        _guest.Start();
        _guest[0x5000] = 0x300;
        byte[] packet = GoodTcpPacket(1);
        packet = [.. packet, 0xaa, 0xbb, 0xcc, 0xdd, 0xee];
        Test.Send(packet);
        (_guest.Report(0).Status & 0x64, (int)_guest.Report(0).Errors, _guest.Report(0).Checksum).ShouldBe((0x60, 0, Complement(packet)));
        packet[Ip + 8]++;
        Test.Send(packet);
        ((int)_guest.Report(1).Errors).ShouldBe(0x40);
    }

    [Fact]
    public void Frames_that_are_no_ip_have_a_packet_checksum_alone()
    {
        _guest.Start();
        _guest[0x5000] = 0x300 | 14;
        byte[] frame = NicMachine.FrameTo(NicMachine.Station, 77);
        Test.Send(frame);
        (_guest.Report(0).Status & 0x64).ShouldBe(0x04);
        _guest.Report(0).Checksum.ShouldBe(Complement(frame.AsSpan(14)));
    }

    private void QueueContext(bool isTcp, uint command = 0, uint segmentSize = 0, uint payload = 0)
    {
        // IP from 14 to 33, checksum at 24; TCP from 34 to the end, checksum at 50.
        const ulong Offsets = 14ul | 24ul << 8 | 33ul << 16 | 34ul << 32 | 50ul << 40;
        _guest.Queue(Offsets, Extended | command | 1u << 25 | (isTcp ? 1u << 24 : 0) | payload, segmentSize << 16 | Payload << 8);
    }

    /// <summary>An IPv4 packet with a TCP header and random data; both checksums are zero.</summary>
    private static byte[] TcpPacket(int payload)
    {
        byte[] packet = NicMachine.FrameTo(NicMachine.Station, Payload + payload, seed: payload);
        packet.AsSpan(12, Payload - 12).Clear();
        packet[12] = 0x08;
        packet[Ip] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(Ip + 2), (ushort)(40 + payload));
        packet[Ip + 4] = 0x10;
        packet[Ip + 8] = 64;
        packet[Ip + 9] = 6;
        new byte[] { 10, 0, 0, 1, 10, 0, 0, 2, 0x12, 0x34, 0, 80, 0xff, 0xff, 0xf0, 0 }.CopyTo(packet, Ip + 12);
        packet[Tcp + 12] = 0x50;
        packet[Tcp + 13] = 0x10;
        return packet;
    }

    private static byte[] GoodTcpPacket(int payload)
    {
        byte[] packet = TcpPacket(payload);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(Ip + 10), Complement(packet.AsSpan(Ip, 20)));
        Seed(packet, payload + 20);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(Tcp + 16), Complement(packet.AsSpan(Tcp)));
        return packet;
    }

    /// <summary>What drivers leave in the checksum field: the sum of the pseudo header.</summary>
    private static void Seed(byte[] packet, int length) =>
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(Tcp + 16), Sum([.. packet[(Ip + 12)..(Ip + 20)], 0, 6, (byte)(length >> 8), (byte)(length & 0xff)]));

    private static void ShouldBeGoodTcp(byte[] frame)
    {
        int length = BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(Ip + 2)) - 20;
        Sum(frame.AsSpan(Ip, 20)).ShouldBe((ushort)0xffff);
        Sum([.. frame[(Ip + 12)..(Ip + 20)], 0, 6, (byte)(length >> 8), (byte)(length & 0xff), .. frame[Tcp..(Tcp + length)]]).ShouldBe((ushort)0xffff);
    }

    private static ushort Complement(ReadOnlySpan<byte> bytes) => (ushort)(Sum(bytes) ^ 0xffff);

    /// <summary>RFC 1071, in the order of the network.</summary>
    private static ushort Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            sum += (i & 1) == 0 ? (uint)bytes[i] << 8 : bytes[i];
            sum = (sum & 0xffff) + (sum >> 16);
        }
        return (ushort)sum;
    }
}
