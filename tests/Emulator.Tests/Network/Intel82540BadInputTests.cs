using FsCheck;
using FsCheck.Fluent;
using L4Io;

namespace Emulator.Tests;

public sealed class Intel82540BadInputTests : IDisposable
{
    private readonly Intel82540Guest _guest = new();

    private NicMachine Test => _guest.Test;

    public void Dispose() => _guest.Dispose();

    [Fact]
    public void A_transmit_buffer_outside_the_dma_windows_is_not_sent_and_its_descriptor_comes_back()
    {
        _guest.Start();
        _guest.Queue(0xdead_0000, Intel82540Guest.Whole | 100);
        _guest.Kick();
        Test.Sent().ShouldBeNull();
        Test.Memory.Refusals.ShouldBe(1);
        _guest.TransmitStatus(0).ShouldBe(1u);
        MasterAborted().ShouldBeTrue();
        _guest.Transmit(NicMachine.FrameTo(NicMachine.Station, 100));
        Test.Sent()!.Length.ShouldBe(100);
    }

    [Fact]
    public void A_receive_buffer_that_may_not_be_written_costs_the_frame()
    {
        _guest.Start();
        Test.Memory.Windows.Clear();
        Test.Memory.Windows.Add((new(TestDmaMemory.Base, 0x4_0000), DmaAccess.Read | DmaAccess.Write));
        Test.Memory.Windows.Add((new(TestDmaMemory.Base + 0x4_0000, 0x4_0000), DmaAccess.Read));
        Test.Send(NicMachine.FrameTo(NicMachine.Station, 100));
        Test.Memory.Refusals.ShouldBe(1);
        (_guest.Report(0).Status & 3, _guest.Report(0).Errors & 0x80).ShouldBe((3, 0x80));
        MasterAborted().ShouldBeTrue();
    }

    [Fact]
    public void Rings_outside_the_dma_windows_are_refused()
    {
        _guest.Start();
        _guest[0x3800] = 0xf000_0000;
        _guest.Transmit(NicMachine.FrameTo(NicMachine.Station, 100));
        _guest[0x3804] = 0xffff_ffff;
        _guest.Kick();
        _guest[0x2800] = 0xf000_0000;
        Test.Send(NicMachine.FrameTo(NicMachine.Station, 100));
        Test.Memory.Refusals.ShouldBe(4, "each ring twice: service tries both");
        Test.Sent().ShouldBeNull();
    }

    [Theory]
    [InlineData(0x3808u, 0u)]
    [InlineData(0x3810u, 32u)]
    [InlineData(0x3810u, 0xffffu)]
    [InlineData(0x3818u, 0x1000u)]
    public void A_transmit_ring_with_its_head_or_tail_outside_is_reported(uint register, uint value)
    {
        _guest.Start();
        _guest.Transmit(NicMachine.FrameTo(NicMachine.Station, 100));
        Test.Sent().ShouldNotBeNull();
        _guest[register] = value;
        if (register != Intel82540Guest.TransmitTail)
            _guest[Intel82540Guest.TransmitTail] = 5;
        Test.Sent().ShouldBeNull();
        Test.ShouldHaveReported("e1000", "bad-ring", "transmit ring");
    }

    [Fact]
    public void A_ring_of_the_absurd_greatest_length_is_refused_as_a_whole()
    {
        _guest.Start();
        _guest[0x3808] = 0xf_ff80;
        _guest.Transmit(NicMachine.FrameTo(NicMachine.Station, 100));
        Test.Memory.Refusals.ShouldBe(1);
        Test.Sent().ShouldBeNull();
    }

    [Fact]
    public void A_ring_without_an_end_of_packet_is_dropped_as_a_whole()
    {
        _guest.Start();
        for (int i = 0; i < Intel82540Guest.RingLength - 1; i++)
            _guest.Queue(Intel82540Guest.Buffers, 100);
        _guest.Kick();
        Test.ShouldHaveReported("e1000", "endless-frame", "31 transmit descriptors");
        Test.Sent().ShouldBeNull();
        _guest[Intel82540Guest.TransmitHead].ShouldBe(31u);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(13)]
    [InlineData(16285)]
    [InlineData(65535)]
    public void A_frame_that_is_too_short_or_too_long_is_dropped(int length)
    {
        _guest.Start();
        _guest.Queue(Intel82540Guest.Buffers, Intel82540Guest.Whole | (uint)length);
        _guest.Kick();
        Test.Sent().ShouldBeNull();
        _guest.TransmitStatus(0).ShouldBe(1u);
        Test.ShouldHaveReported("e1000", "bad-frame-length", "descriptor 0");
    }

    [Fact]
    public void A_checksum_outside_the_frame_is_left_out()
    {
        _guest.Start();
        byte[] frame = NicMachine.FrameTo(NicMachine.Station, 100);
        _guest.Transmit(frame, Intel82540Guest.Whole | 1u << 26 | 99 << 16, 34 << 8);
        Test.Sent().ShouldBe(frame);
        Test.ShouldHaveReported("e1000", "bad-checksum-offset", "at 99");
    }

    [Fact]
    public void Runts_and_giants_from_the_wire_are_counted_and_dropped()
    {
        _guest.Start();
        Test.Send(NicMachine.FrameTo(NicMachine.Station, 59));
        Test.Send(NicMachine.FrameTo(NicMachine.Station, 1519));
        Test.Send(new byte[1]);
        _guest[Intel82540Guest.ReceiveHead].ShouldBe(0u);
        _guest[0x40a4].ShouldBe(2u, "RUC");
        _guest[0x40ac].ShouldBe(1u, "ROC");
    }

    [Fact]
    public void A_long_frame_takes_several_buffers()
    {
        _guest.Start(0x8002 | 1 << 5);
        byte[] frame = NicMachine.FrameTo(NicMachine.Station, 9000);
        Test.Send(frame);
        byte[] stored = [.. Enumerable.Range(0, 5).SelectMany(i => _guest.ReceivedIn((uint)i, _guest.Report((uint)i).Length))];
        stored[..9000].ShouldBe(frame);
        stored.Length.ShouldBe(9004);
        Enumerable.Range(0, 5).Select(i => _guest.Report((uint)i).Status & 3).ShouldBe([1, 1, 1, 1, 3]);
    }

    [Fact]
    public void Frames_without_descriptors_wait_on_the_wire_until_there_are_some()
    {
        _guest.Start();
        for (int i = 0; i < 40; i++)
            Test.Send(NicMachine.FrameTo(NicMachine.Station, 100, i));
        _guest[Intel82540Guest.ReceiveHead].ShouldBe(31u);
        (_guest[Intel82540Guest.Cause] & Intel82540Guest.FewDescriptors).ShouldNotBe(0u);
        _guest[0x40a0].ShouldBeGreaterThan(0u, "RNBC");
        _guest[Intel82540Guest.ReceiveTail] = 20;
        _guest[Intel82540Guest.ReceiveHead].ShouldBe(8u);
        _guest.ReceivedIn(7, 100).ShouldBe(NicMachine.FrameTo(NicMachine.Station, 100, 39));
    }

    [Fact]
    public void A_frame_larger_than_all_buffers_together_does_not_block_the_wire()
    {
        _guest.Start(0x8002 | 1 << 5 | 3 << 16);
        Test.Send(NicMachine.FrameTo(NicMachine.Station, 9000));
        Test.ShouldHaveReported("e1000", "ring-too-small", "36 buffers");
        Test.Send(NicMachine.FrameTo(NicMachine.Station, 100));
        _guest[Intel82540Guest.ReceiveHead].ShouldBe(1u);
    }

    [Fact]
    public void A_card_that_nobody_serves_does_not_stop_the_other_end()
    {
        _guest.Start();
        Test.Machine.ConnectService(NicMachine.Card, null);
        for (int i = 0; i < 1000; i++)
            Test.Peer.TrySend(NicMachine.FrameTo(NicMachine.Station, 1500)).ShouldBeTrue();
        Test.Peer.FramesLost.ShouldBe(1000);
    }

    [Fact]
    public void Accesses_that_are_no_registers_are_reported()
    {
        Test.Machine.ReadMemory(NicMachine.MemoryBase + 0x1_fff0, 4).ShouldBe(0u);
        Test.Machine.WriteMemory(NicMachine.MemoryBase + 2, 2, 1);
        Test.Machine.ReadMemory(NicMachine.MemoryBase, 8);
        Test.Machine.WritePort(NicMachine.PortBase, 4, 0x2_0000);
        Test.Machine.ReadPort(NicMachine.PortBase + 4, 4);
        Test.Events.Count("e1000", "unknown-register").ShouldBe(4);
    }

    [Fact]
    public void Random_accesses_never_throw_and_a_reset_makes_the_card_work()
    {
        uint[] registers =
        [
            0x0, 0x10, 0x14, 0x18, 0x20, 0xc4, 0xc8, 0xd0, 0xd8, 0x100, 0x400, 0x2800, 0x2804, 0x2808, 0x2810, 0x2818, 0x2820, 0x282c, 0x2c00,
            0x3800, 0x3804, 0x3808, 0x3810, 0x3818, 0x3820, 0x382c, 0x5000, 0x5200, 0x5404, 0x5600, 0x38,
        ];
        var accesses = Gen.ArrayOf(
            from act in Gen.Choose(0, 9)
            from place in Gen.Choose(0, 1023)
            from value in Gen.Frequency((2, Gen.Choose(0, 255)), (1, Gen.Choose(int.MinValue, int.MaxValue)))
            select (act, place, value), 120);
        Prop.ForAll(accesses.ToArbitrary(), steps =>
        {
            using var guest = new Intel82540Guest();
            guest.Start();
            foreach (var (act, place, value) in steps)
                Do(guest, registers[place % registers.Length], act, place, unchecked((uint)value));
            guest[Intel82540Guest.Control] = 1u << 26;
            guest.Test.Peer.DiscardReceived();
            guest.Test.Peer.Flush();
            guest.Start();
            guest[0x3810] = 0;
            guest.Queue(Intel82540Guest.Buffers, Intel82540Guest.Whole | 100);
            guest.Descriptor(0, Intel82540Guest.Buffers, Intel82540Guest.Whole | 100);
            guest[Intel82540Guest.TransmitTail] = 1;
            guest.Test.Sent()!.Length.ShouldBe(100);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
    }

    private static void Do(Intel82540Guest guest, uint register, int act, int place, uint value)
    {
        switch (act)
        {
            case 0:
                _ = guest[register];
                break;
            case 1:
                guest.Test.Peer.TrySend(NicMachine.FrameTo(NicMachine.Station, 60 + place));
                guest.Test.Peer.Flush();
                break;
            case 2:
                guest.Test.Serve();
                break;
            case 3:
            case 4:
                ulong address = place % 5 == 0 ? value : Intel82540Guest.Buffers + (uint)place;
                guest.Descriptor((uint)place % Intel82540Guest.RingLength, address, value << 8, value);
                guest.Descriptor((uint)place % Intel82540Guest.RingLength, address, (uint)place << 22 | (value & 0x3fff));
                guest[Intel82540Guest.TransmitTail] = ((uint)place + 1) % Intel82540Guest.RingLength;
                break;
            case 5:
                guest[Intel82540Guest.ReceiveTail] = (uint)place % Intel82540Guest.RingLength;
                break;
            case 6:
                guest.Test.Machine.WriteMemory(NicMachine.MemoryBase + (uint)place * 4, 4, value);
                break;
            default:
                guest[register] = value;
                break;
        }
    }

    private bool MasterAborted() => (Test.Machine.ReadConfig(NicMachine.Card, 0x06, 2) & 1u << 13) != 0;
}
