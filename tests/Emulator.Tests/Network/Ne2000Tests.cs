using FsCheck;
using FsCheck.Fluent;

namespace Emulator.Tests;

public sealed class Ne2000Tests : IDisposable
{
    private static readonly byte[] s_broadcast = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    private readonly NicMachine _nic = Ne2000Guest.Machine();
    private readonly Ne2000Guest _guest;

    public Ne2000Tests() => _guest = new Ne2000Guest(_nic);

    public void Dispose() => _nic.Dispose();

    [Fact]
    public void A_driver_finds_the_chip_by_its_counter_that_a_read_clears_and_by_its_reset()
    {
        const ushort First = (ushort)NicMachine.PortBase;
        _nic.Machine.ReadPort(First, 1).ShouldBe(0x21u);
        _nic.Machine.WritePort(First, 1, 0x61);
        _nic.Machine.WritePort(First + 0x0d, 1, 0xff);
        _nic.Machine.WritePort(First, 1, 0x20);
        _nic.Machine.ReadPort(First + 0x0d, 1).ShouldBe(0u);
        _nic.Machine.WritePort(First + 0x1f, 1, _nic.Machine.ReadPort(First + 0x1f, 1));
        (_guest.Status & 0x80).ShouldBe(0x80u);
        (_guest.Page0.ReadIdentificationLow().Value, _guest.Page0.ReadIdentificationHigh().Value).ShouldBe(((uint)'P', (uint)'C'));
        _nic.ShouldHaveReportedNothing();
    }

    [Fact]
    public void The_station_address_is_in_the_prom_with_each_byte_twice()
    {
        _guest.Initialise();
        byte[] prom = _guest.Read(0, 32, 2);
        for (int i = 0; i < 6; i++)
            (prom[2 * i], prom[2 * i + 1]).ShouldBe((NicMachine.Station[i], NicMachine.Station[i]));
        prom[28..].ShouldAllBe(b => b == 0x57);
    }

    [Fact]
    public void A_byte_access_in_word_mode_moves_a_word_so_that_a_driver_reads_each_byte_once()
    {
        _guest.Initialise();
        _guest.SetUpRemote(0, 32, Ne2000Guest.ReadOperation);
        byte[] station = [.. Enumerable.Range(0, 16).Select(_ => _guest.ReadByte())];
        station[..6].ShouldBe(NicMachine.Station);
        (_guest.Status & 0x40).ShouldBe(0x40u);
        _nic.ShouldHaveReportedNothing();
        _guest.ReadByte().ShouldBe((byte)0xff);
        _guest.ReadByte();
        _nic.Events.Count("ne2000", "remote-dma-idle").ShouldBe(1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Remote_dma_moves_blocks_of_any_width_and_wraps_at_the_end_of_the_ring(int width)
    {
        _guest.Initialise();
        if (width == 1)
            _guest.Page0.WriteDataControl(new() { Normal = true });
        byte[] data = NicMachine.Frame(600, 1);
        int address = (Ne2000Guest.StopPage << 8) - 256;
        _guest.Write(address, data, width);
        _guest.Read(address, 600, width).ShouldBe(data);
        _guest.Read(Ne2000Guest.FirstPage << 8, 344, width).ShouldBe(data[256..]);
        _nic.ShouldHaveReportedNothing();
    }

    [Fact]
    public void A_count_of_zero_is_complete_at_once_and_an_abort_ends_what_is_under_way()
    {
        _guest.Initialise();
        _guest.SetUpRemote(0x4000, 0, Ne2000Guest.ReadOperation);
        (_guest.Status & 0x40).ShouldBe(0x40u);
        _guest.SetUpRemote(0x4000, 8, Ne2000Guest.ReadOperation);
        _guest.Command();
        _guest.ReadByte();
        _nic.ShouldHaveReported("ne2000", "remote-dma-idle", "read");
    }

    [Theory]
    [InlineData(0x2000, 16)]
    [InlineData(0x3ff0, 32)]
    [InlineData(0xfff0, 64)]
    public void Remote_dma_where_no_memory_is_is_reported_and_reads_as_ones(int address, int length)
    {
        _guest.Initialise();
        _guest.Write(address, new byte[length]);
        _guest.Read(address, 16, 2).ShouldAllBe(b => b == 0xff);
        _nic.Events.Recent.ShouldAllBe(e => e.Source == "ne2000" && e.Kind == "bad-address");
        foreach (string what in new[] { "remote write", "remote read" })
            _nic.Events.Recent.ShouldContain(e => e.Text.Contains(what, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(61)]
    [InlineData(1514)]
    public void A_frame_is_sent_and_the_interrupt_tells(int length)
    {
        _guest.Initialise();
        byte[] frame = NicMachine.FrameTo(s_broadcast, length, length);
        _guest.Transmit(frame);
        _nic.Sent().ShouldBe(frame);
        _nic.Interrupt.Level.ShouldBeTrue();
        (_guest.Status & 0x02).ShouldBe(0x02u);
        _guest.Common.ReadCommand().Transmit.ShouldBeFalse();
        _guest.Page0.ReadTransmitStatus().ShouldSatisfyAllConditions(s => s.Transmitted.ShouldBeTrue(), s => s.CarrierLost.ShouldBeFalse());
        _guest.Acknowledge();
        _nic.Interrupt.Level.ShouldBeFalse();
        _nic.ShouldHaveReportedNothing();
    }

    [Fact]
    public void A_frame_that_is_sent_on_a_cable_without_plug_is_lost_and_its_carrier_too()
    {
        _guest.Initialise();
        _nic.Wire.IsPluggedIn = false;
        _nic.Serve();
        _guest.Transmit(NicMachine.Frame(60, 1));
        _nic.Sent().ShouldBeNull();
        _guest.Page0.ReadTransmitStatus().CarrierLost.ShouldBeTrue();
    }

    [Fact]
    public void A_full_wire_keeps_the_frame_and_the_transmit_bit_until_there_is_room()
    {
        _guest.Initialise();
        byte[] frame = NicMachine.Frame(1514, 1);
        int sent = 0;
        while (!_guest.Common.ReadCommand().Transmit)
        {
            _guest.Transmit(frame);
            sent++;
        }

        _guest.Acknowledge();
        for (int i = 0; i < sent - 1; i++)
            _nic.Sent().ShouldBe(frame);
        _nic.Serve();
        _nic.Sent().ShouldBe(frame);
        _nic.Sent().ShouldBeNull();
        (_guest.Status & 0x02).ShouldBe(0x02u);
    }

    [Theory]
    [InlineData(0x40, 13)]
    [InlineData(0x40, 0)]
    [InlineData(0x00, 60)]
    [InlineData(0x7f, 300)]
    [InlineData(0xff, 65535)]
    public void A_transmission_of_what_is_no_frame_fails_with_an_event(int page, int length)
    {
        _guest.Initialise();
        _guest.Start(page, length);
        (_guest.Status & 0x0a).ShouldBe(0x08u);
        _nic.Sent().ShouldBeNull();
        _nic.ShouldHaveReported("ne2000", "bad-transmit", $"{length} bytes");
    }

    [Fact]
    public void Frames_go_through_the_ring_many_times_whole_and_in_order()
    {
        _guest.Initialise();
        for (int i = 0; i < 300; i++)
        {
            byte[] frame = NicMachine.Frame(60 + i * 37 % 1455, i);
            _nic.Send(frame);
            _nic.Interrupt.Level.ShouldBeTrue();
            _guest.Receive().ShouldBe(frame);
            _guest.Receive().ShouldBeNull();
            _guest.Acknowledge();
        }

        _nic.ShouldHaveReportedNothing();
    }

    [Fact]
    public void Frames_for_which_there_is_no_room_wait_on_the_wire_until_software_releases_pages()
    {
        _guest.Initialise();
        byte[][] frames = [.. Enumerable.Range(0, 40).Select(i => NicMachine.Frame(1000, i))];
        _nic.Send(frames);
        foreach (byte[] frame in frames)
            _guest.Receive().ShouldBe(frame);
        _guest.Receive().ShouldBeNull();
        (_guest.Status & 0x10).ShouldBe(0u);
        _guest.Page0.ReadMissedFrames().Count.ShouldBe(0u);
    }

    [Fact]
    public void Without_flow_control_the_ring_overflows_and_the_receiver_waits_to_be_restarted()
    {
        _guest.Initialise();
        _guest.Command(page: 3);
        _guest.Page3.WriteEepromControl(new() { Mode = 3 });
        _guest.Page3.WriteConfiguration2(default);
        _guest.Page3.WriteEepromControl(default);
        _guest.Command();
        _nic.Send([.. Enumerable.Range(0, 20).Select(i => NicMachine.Frame(1000, i))]);
        (_guest.Status & 0x10).ShouldBe(0x10u);
        int received = 0;
        while (_guest.Receive() is { } frame)
            frame.ShouldBe(NicMachine.Frame(1000, received++));
        received.ShouldBe(14);
        _guest.Page0.ReadMissedFrames().Count.ShouldBe(6u);
        _guest.Page0.ReadMissedFrames().Count.ShouldBe(0u);
        _nic.Send(NicMachine.Frame(60, 1));
        _guest.Receive().ShouldBeNull();
        _guest.Command(stop: true);
        _guest.Command();
        _nic.Send(NicMachine.Frame(60, 1));
        _guest.Receive().ShouldBe(NicMachine.Frame(60, 1));
        _nic.ShouldHaveReportedNothing();
    }

    [Fact]
    public void Configuration_is_write_protected_until_the_mode_allows_it()
    {
        _guest.Initialise();
        _guest.Command(page: 3);
        _guest.Page3.WriteConfiguration3(new() { FullDuplex = true });
        _guest.Page3.ReadConfiguration3().FullDuplex.ShouldBeFalse();
        _nic.ShouldHaveReported("ne2000", "write-protected", "CONFIG3");
        _guest.Page3.WriteEepromControl(new() { Mode = 3 });
        _guest.Page3.WriteConfiguration3(new() { FullDuplex = true });
        _guest.Page3.ReadConfiguration3().FullDuplex.ShouldBeTrue();
    }

    [Fact]
    public void Only_frames_for_this_station_pass()
    {
        _guest.Initialise();
        byte[] other = [0x02, 1, 2, 3, 4, 5];
        byte[] group = [0x01, 0x00, 0x5e, 0x00, 0x00, 0x01];
        _nic.Send(NicMachine.FrameTo(other, 60, 1), NicMachine.FrameTo(group, 60, 2), NicMachine.FrameTo(s_broadcast, 60, 3), NicMachine.Frame(59, 4));
        _guest.Receive().ShouldBe(NicMachine.FrameTo(s_broadcast, 60, 3));
        _guest.Receive().ShouldBeNull();

        _guest.Page0.WriteReceiveControl(new() { Promiscuous = true });
        _nic.Send(NicMachine.FrameTo(other, 60, 1), NicMachine.FrameTo(group, 60, 2), NicMachine.FrameTo(s_broadcast, 60, 3));
        _guest.Receive().ShouldBe(NicMachine.FrameTo(other, 60, 1));
        _guest.Receive().ShouldBeNull();

        // The check sequence's register after 01:00:5e:00:00:01 is 7fa32d9bh: its upper six bits.
        const int Hash = 31;
        _guest.Page0.WriteReceiveControl(new() { AcceptMulticast = true, AcceptRunts = true });
        _nic.Send(NicMachine.FrameTo(group, 60, 2));
        _guest.Receive().ShouldBeNull();
        _guest.Command(page: 1);
        _guest.Page1.WriteMulticast(Hash / 8, new() { Bits = 1u << Hash % 8 });
        _guest.Command();
        _nic.Send(NicMachine.FrameTo(group, 60, 2), NicMachine.Frame(20, 4));
        _guest.Receive().ShouldBe(NicMachine.FrameTo(group, 60, 2));
        _guest.Receive().ShouldBe(NicMachine.Frame(20, 4));
    }

    [Fact]
    public void In_monitor_mode_frames_are_counted_and_not_stored()
    {
        _guest.Initialise();
        _guest.Page0.WriteReceiveControl(new() { Monitor = true });
        for (int i = 0; i < 250; i++)
            _nic.Send(NicMachine.Frame(60, i));
        _guest.Receive().ShouldBeNull();
        (_guest.Status & 0x20).ShouldBe(0x20u);
        _guest.Page0.ReadMissedFrames().Count.ShouldBe(0xc0u);
    }

    [Theory]
    [InlineData(0x46, 0x80, 0x20, 0x7f)]
    [InlineData(0x46, 0x80, 0x46, 0x80)]
    [InlineData(0x46, 0x46, 0x46, 0x46)]
    [InlineData(0x60, 0x50, 0x55, 0x55)]
    [InlineData(0x00, 0xff, 0x46, 0x45)]
    public void A_ring_that_is_none_loses_the_frame_with_an_event(int start, int stop, int current, int boundary)
    {
        _guest.Initialise();
        _guest.Page0.WritePageStart(new() { Page = (uint)start });
        _guest.Page0.WritePageStop(new() { Page = (uint)stop });
        _guest.Page0.WriteBoundary(new() { Page = (uint)boundary });
        _guest.Command(page: 1);
        _guest.Page1.WriteCurrent(new() { Page = (uint)current });
        _guest.Command();
        _nic.Send(NicMachine.Frame(60, 1));
        _nic.ShouldHaveReported("ne2000", "bad-ring", "no ring");
        (_guest.Status & 0x01).ShouldBe(0u);
    }

    [Fact]
    public void A_frame_that_is_longer_than_the_ring_is_lost_instead_of_waiting_for_ever()
    {
        _guest.Initialise();
        _nic.Send(NicMachine.Frame(16000, 1), NicMachine.Frame(60, 2));
        _nic.ShouldHaveReported("ne2000", "ring-too-small", "16000 bytes");
        _guest.Receive().ShouldBe(NicMachine.Frame(60, 2));
    }

    [Fact]
    public void Random_accesses_never_throw()
    {
        var accesses = Gen.ArrayOf(from act in Gen.Choose(0, 9)
                                   from port in Gen.Choose(0, 31)
                                   from width in Gen.Elements(1, 1, 1, 2, 4)
                                   from value in Gen.Choose(0, 255)
                                   select (act, port, width, value), 300);
        Prop.ForAll(accesses.ToArbitrary(), steps =>
        {
            using var nic = Ne2000Guest.Machine();
            var guest = new Ne2000Guest(nic);
            guest.Initialise(promiscuous: true);
            foreach (var (act, port, width, value) in steps)
                Do(nic, act, (ushort)(NicMachine.PortBase + (uint)port), width, (uint)value);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));
    }

    private static void Do(NicMachine nic, int act, ushort port, int width, uint value)
    {
        switch (act)
        {
            case <= 3:
                nic.Machine.WritePort(port, width, value);
                break;
            case 4:
                nic.Machine.ReadPort(port, width);
                break;
            case 5:
                nic.Machine.ReadPortBlock(port, width, new byte[width * (int)value]);
                break;
            case 6:
                nic.Machine.WritePortBlock(port, width, new byte[width * (int)value]);
                break;
            case 7:
                // Started, whatever page.
                nic.Machine.WritePort((ushort)NicMachine.PortBase, 1, value & 0xfe | 0x02);
                break;
            default:
                nic.Send(NicMachine.Frame((int)value * 7 + 14, (int)value));
                break;
        }

        nic.Serve();
        while (nic.Sent() is not null)
            continue;
    }
}
