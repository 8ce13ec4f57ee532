using System.Buffers.Binary;

namespace Emulator.Tests;

/// <summary>RTL8139C+ in C+ mode.</summary>
public sealed class Rtl8139PlusTests : IDisposable
{
    private static readonly byte[] s_broadcast = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    private readonly NicMachine _nic = Rtl8139Guest.Machine(NicModel.Rtl8139CPlus);
    private readonly Rtl8139Guest _guest;

    public Rtl8139PlusTests() => _guest = new Rtl8139Guest(_nic);

    public void Dispose() => _nic.Dispose();

    [Fact]
    public void The_revision_says_that_it_is_one_and_c_mode_works_too()
    {
        _nic.Machine.ReadConfig(NicMachine.Card, 8, 1).ShouldBe(0x20u);
        ((uint)_guest.Common.ReadTransmitConfiguration() & 0x7cc0_0000).ShouldBe(0x7480_0000u);
        _guest.Initialise();
        _guest.Transmit(0, NicMachine.Frame(60, 1));
        _nic.Sent().ShouldBe(NicMachine.Frame(60, 1));
        _nic.Send(NicMachine.Frame(60, 2));
        _guest.Receive().ShouldBe(NicMachine.Frame(60, 2));
    }

    [Fact]
    public void A_frame_in_pieces_is_sent_as_one_and_its_descriptors_come_back()
    {
        _guest.InitialisePlus();
        byte[] frame = NicMachine.Frame(300, 1);
        _guest.Piece(0, frame[..14], Rtl8139Guest.First);
        _guest.Piece(1, frame[14..200], 0);
        _guest.Poll();
        _nic.Sent().ShouldBeNull("it has no end yet");
        _guest.Piece(2, frame[200..], Rtl8139Guest.Last | Rtl8139Guest.EndOfRing);
        _guest.Poll();
        _nic.Sent().ShouldBe(frame);
        for (int i = 0; i < 3; i++)
            (_guest.Descriptor(Rtl8139Guest.TransmitRing, i).Options & 0x80a0_0000).ShouldBe(0u);
        (_guest.Descriptor(Rtl8139Guest.TransmitRing, 2).Options & Rtl8139Guest.EndOfRing).ShouldBe(Rtl8139Guest.EndOfRing);
        (_guest.Status & 0x84).ShouldBe(0x84u);
        _nic.Interrupt.Level.ShouldBeTrue();
        _nic.ShouldHaveReportedNothing();
    }

    [Fact]
    public void The_ring_goes_round_and_short_frames_are_padded()
    {
        _guest.InitialisePlus();
        for (int i = 0; i < 20; i++)
        {
            byte[] frame = NicMachine.Frame(42, i);
            _guest.Piece(i % 4, frame, Rtl8139Guest.First | Rtl8139Guest.Last | (i % 4 == 3 ? Rtl8139Guest.EndOfRing : 0));
            _guest.Poll();
            _nic.Sent().ShouldBe([.. frame, .. new byte[18]]);
        }
    }

    [Fact]
    public void A_full_wire_keeps_descriptors_until_there_is_room()
    {
        _guest.InitialisePlus();
        byte[] frame = NicMachine.Frame(1000, 1);
        int sent = 0;
        do
        {
            _guest.Piece(0, frame, Rtl8139Guest.First | Rtl8139Guest.Last | Rtl8139Guest.EndOfRing);
            _guest.Poll();
            sent++;
        }
        while ((_guest.Descriptor(Rtl8139Guest.TransmitRing, 0).Options & Rtl8139Guest.Own) == 0);
        for (int i = 0; i < sent - 1; i++)
            _nic.Sent().ShouldBe(frame);
        _nic.Serve();
        _nic.Sent().ShouldBe(frame);
        (_guest.Descriptor(Rtl8139Guest.TransmitRing, 0).Options & Rtl8139Guest.Own).ShouldBe(0u);
    }

    [Theory]
    [InlineData(6)]
    [InlineData(17)]
    public void Checksums_are_made_and_checked(byte protocol)
    {
        _guest.InitialisePlus(checksums: true);
        byte[] frame = Packet(protocol, 101);
        uint options = protocol == 6 ? 5u << 16 : 6u << 16;
        _guest.Piece(0, frame, Rtl8139Guest.First | Rtl8139Guest.Last | Rtl8139Guest.EndOfRing | options);
        _guest.Poll();
        byte[] sent = _nic.Sent()!;
        Checksum(sent.AsSpan(14, 20), 0).ShouldBe((ushort)0);
        Checksum(sent.AsSpan(34), PseudoHeader(sent)).ShouldBe((ushort)0);

        _nic.Send(sent);
        uint expected = protocol == 6 ? 1u << 16 : 2u << 16;
        (_guest.Descriptor(Rtl8139Guest.ReceiveRing, 0).Options & 0x3_e000).ShouldBe(expected);
        sent[60] ^= 1;
        sent[22] ^= 1;
        _nic.Send(sent);
        (_guest.Descriptor(Rtl8139Guest.ReceiveRing, 1).Options & 0x3_e000).ShouldBe(expected | 1u << 15 | (protocol == 6 ? 1u << 13 : 1u << 14));
        _nic.ShouldHaveReportedNothing();
    }

    [Fact]
    public void A_checksum_that_the_frame_has_no_place_for_is_left_out_with_an_event()
    {
        _guest.InitialisePlus();
        _guest.Piece(0, NicMachine.Frame(60, 1), Rtl8139Guest.First | Rtl8139Guest.Last | Rtl8139Guest.EndOfRing | 1u << 16);
        _guest.Poll();
        _nic.Sent().ShouldBe(NicMachine.Frame(60, 1));
        _nic.ShouldHaveReported("rtl8139", "bad-checksum-request", "descriptor 0");
    }

    [Fact]
    public void Tags_are_inserted_and_taken_out()
    {
        _guest.InitialisePlus(vlan: true);
        byte[] frame = NicMachine.Frame(100, 1);
        const uint TagOnWire = 0x3412;
        _guest.Piece(0, frame, Rtl8139Guest.First | Rtl8139Guest.Last | Rtl8139Guest.EndOfRing, 1u << 17 | TagOnWire);
        _guest.Poll();
        byte[] sent = _nic.Sent()!;
        sent.ShouldBe([.. frame[..12], 0x81, 0x00, 0x12, 0x34, .. frame[12..]]);
        _nic.Send(sent);
        var (options, tag) = _guest.Descriptor(Rtl8139Guest.ReceiveRing, 0);
        (options & 0x1fff).ShouldBe(104u);
        tag.ShouldBe(1u << 16 | TagOnWire);
        _nic.Memory.At(Rtl8139Guest.ReceiveBuffer, 100).ToArray().ShouldBe(frame);
    }

    [Fact]
    public void Received_frames_fill_descriptors_and_wait_when_none_is_left()
    {
        _guest.InitialisePlus(receiveDescriptors: 4);
        _nic.Send([.. Enumerable.Range(0, 6).Select(i => NicMachine.Frame(100 + i, i))]);
        for (int i = 0; i < 4; i++)
        {
            uint options = _guest.Descriptor(Rtl8139Guest.ReceiveRing, i).Options;
            (options & 0xb000_0000).ShouldBe(Rtl8139Guest.First | Rtl8139Guest.Last);
            (options & 0x1fff).ShouldBe((uint)(104 + i));
            (options & 0x0710_0000).ShouldBe(1u << 25);
            _nic.Memory.At(Rtl8139Guest.ReceiveBuffer + (uint)i * 0x2000, 100 + i).ToArray().ShouldBe(NicMachine.Frame(100 + i, i));
        }

        (_guest.Status & 0x11).ShouldBe(0x11u);
        _guest.WriteDescriptor(Rtl8139Guest.ReceiveRing, 0, Rtl8139Guest.Own | 1536, 0, Rtl8139Guest.ReceiveBuffer);
        _guest.WriteDescriptor(Rtl8139Guest.ReceiveRing, 1, Rtl8139Guest.Own | 1536, 0, Rtl8139Guest.ReceiveBuffer + 0x2000);
        _guest.Acknowledge();
        for (int i = 0; i < 2; i++)
            _nic.Memory.At(Rtl8139Guest.ReceiveBuffer + (uint)i * 0x2000, 104 + i).ToArray().ShouldBe(NicMachine.Frame(104 + i, 4 + i));
        _guest.Common.ReadMissed().Count.ShouldBe(0u);
    }

    [Fact]
    public void A_long_frame_goes_into_several_descriptors()
    {
        _guest.InitialisePlus(bufferSize: 500);
        byte[] frame = NicMachine.Frame(1400, 1);
        _nic.Send(frame);
        uint[] options = [.. Enumerable.Range(0, 4).Select(i => _guest.Descriptor(Rtl8139Guest.ReceiveRing, i).Options)];
        (options[0] & 0xb000_1fff).ShouldBe(Rtl8139Guest.First | 500);
        (options[1] & 0xb000_1fff).ShouldBe(500u);
        (options[2] & 0xb000_1fff).ShouldBe(Rtl8139Guest.Last | 1404);
        (options[3] & Rtl8139Guest.Own).ShouldBe(Rtl8139Guest.Own);
        _nic.Memory.At(Rtl8139Guest.ReceiveBuffer + 0x4000, 400).ToArray().ShouldBe(frame[1000..]);
    }

    [Fact]
    public void Counters_are_dumped_to_memory()
    {
        _guest.InitialisePlus();
        _guest.Piece(0, NicMachine.Frame(60, 1), Rtl8139Guest.First | Rtl8139Guest.Last | Rtl8139Guest.EndOfRing);
        _guest.Poll();
        _nic.Send(NicMachine.Frame(60, 1), NicMachine.Frame(60, 2), NicMachine.FrameTo(s_broadcast, 60, 3));
        const uint Dump = TestDmaMemory.Base + 0x6000;
        _guest.Plus.WriteDumpLow((Rtl8139PlusBlock.DumpLowValue)(Dump | 8));
        _guest.Plus.ReadDumpLow().Dump.ShouldBeFalse();
        ulong At(uint offset) => BinaryPrimitives.ReadUInt64LittleEndian(_nic.Memory.At(Dump + offset, 8));
        (At(0), At(8), At(16), At(40), At(48)).ShouldBe((1ul, 3ul, 0ul, 2ul, 1ul));
        _guest.Plus.WriteDumpLow((Rtl8139PlusBlock.DumpLowValue)8u);
        (_guest.Status & 0x8000).ShouldBe(0x8000u);
    }

    [Theory]
    [InlineData(0u, 60)]
    [InlineData(Rtl8139Guest.Last, 60)]
    [InlineData(Rtl8139Guest.First | Rtl8139Guest.Last, 10)]
    [InlineData(Rtl8139Guest.First | Rtl8139Guest.Last | 1u << 27, 1000)]
    public void What_is_no_frame_is_dropped_with_an_error_and_the_next_one_is_sent(uint flags, int length)
    {
        _guest.InitialisePlus();
        _guest.Piece(0, NicMachine.Frame(Math.Max(length, 14), 1)[..length], flags);
        _guest.Piece(1, NicMachine.Frame(60, 2), Rtl8139Guest.First | Rtl8139Guest.Last | Rtl8139Guest.EndOfRing);
        _guest.Poll();
        (_guest.Descriptor(Rtl8139Guest.TransmitRing, 0).Options & 0x8080_0000).ShouldBe(0x0080_0000u);
        _nic.Sent().ShouldBe(NicMachine.Frame(60, 2));
        (_guest.Status & 0x0c).ShouldBe(0x0cu);
        _nic.Events.Recent.Count.ShouldBe(1);
    }

    [Fact]
    public void A_ring_of_pieces_without_an_end_is_dropped()
    {
        _guest.InitialisePlus();
        for (int i = 0; i < 8; i++)
            _guest.Piece(i, NicMachine.Frame(60, i), i == 0 ? Rtl8139Guest.First : i == 7 ? Rtl8139Guest.EndOfRing : 0);
        _guest.Poll();
        _nic.Sent().ShouldBeNull();
        _nic.ShouldHaveReported("rtl8139", "bad-frame", "no frame");
        (_guest.Status & 0x08).ShouldBe(0x08u);
    }

    [Fact]
    public void Rings_and_buffers_out_of_reach_are_system_errors()
    {
        _guest.InitialisePlus();
        _guest.WriteDescriptor(Rtl8139Guest.TransmitRing, 0, Rtl8139Guest.Own | Rtl8139Guest.First | Rtl8139Guest.Last | 60, 0, ulong.MaxValue - 10);
        _guest.Poll();
        (_guest.Status & 0x8008).ShouldBe(0x8008u);
        _guest.WriteDescriptor(Rtl8139Guest.ReceiveRing, 0, Rtl8139Guest.Own | 1536, 0, 0x10);
        _nic.Send(NicMachine.Frame(60, 1));
        (_guest.Descriptor(Rtl8139Guest.ReceiveRing, 0).Options & 0x8010_0000).ShouldBe(0x0010_0000u);
        _guest.Acknowledge();
        _guest.Plus.WriteTransmitRing(1, new() { Address = 0xffff_ffff });
        _guest.Poll();
        _guest.Plus.WriteReceiveRing(0, new() { Address = 0xffff_ff00 });
        _nic.Send(NicMachine.Frame(60, 1));
        (_guest.Status & 0x8000).ShouldBe(0x8000u);
    }

    [Fact]
    public void Buffers_without_any_room_lose_the_frame_instead_of_keeping_it_for_ever()
    {
        _guest.InitialisePlus(receiveDescriptors: 3, bufferSize: 0);
        _nic.Send(NicMachine.Frame(60, 1));
        _nic.ShouldHaveReported("rtl8139", "ring-too-small", "60 bytes");
        _guest.Common.ReadMissed().Count.ShouldBe(1u);
    }

    [Fact]
    public void Steady_traffic_allocates_nothing()
    {
        _guest.InitialisePlus();
        byte[] frame = NicMachine.Frame(1000, 1);
        void Round()
        {
            _guest.Piece(0, frame, Rtl8139Guest.First | Rtl8139Guest.Last | Rtl8139Guest.EndOfRing);
            _guest.Poll();
            _nic.Peer.TryReceive(out _);
            _nic.Peer.Release();
            _nic.Peer.TrySend(frame);
            _nic.Peer.Flush();
            _nic.Machine.Service(NicMachine.Card);
            for (int i = 0; i < 8; i++)
                _guest.WriteDescriptor(Rtl8139Guest.ReceiveRing, i, Rtl8139Guest.Own | (i == 7 ? Rtl8139Guest.EndOfRing : 0) | 1536, 0, Rtl8139Guest.ReceiveBuffer);
            _guest.Acknowledge();
        }

        Allocations.ShouldSettleAtNone(() =>
        {
            for (int i = 0; i < 100; i++)
                Round();
        });
    }

    private static byte[] Packet(byte protocol, int payload)
    {
        byte[] frame = NicMachine.Frame(14 + 20 + 20 + payload, 1);
        frame[12] = 0x08;
        frame[13] = 0x00;
        frame[14] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(16), (ushort)(frame.Length - 14));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(20), 0);
        frame[23] = protocol;
        return frame;
    }

    private static uint PseudoHeader(byte[] frame)
    {
        uint sum = frame[23] + (uint)(frame.Length - 34);
        for (int i = 26; i < 34; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(i));
        return sum;
    }

    /// <summary>The Internet checksum, the slow way (RFC 1071).</summary>
    private static ushort Checksum(ReadOnlySpan<byte> bytes, uint sum)
    {
        for (int i = 0; i < bytes.Length; i++)
            sum += (uint)bytes[i] << (i % 2 == 0 ? 8 : 0);
        while (sum > ushort.MaxValue)
            sum = (sum & ushort.MaxValue) + (sum >> 16);
        return (ushort)(sum ^ ushort.MaxValue);
    }
}
