using FsCheck;
using FsCheck.Fluent;

namespace Emulator.Tests;

/// <summary>RTL8139C: what both chips have, and C mode.</summary>
public sealed class Rtl8139Tests : IDisposable
{
    private static readonly byte[] s_broadcast = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    private readonly NicMachine _nic = Rtl8139Guest.Machine(NicModel.Rtl8139);
    private readonly Rtl8139Guest _guest;

    public Rtl8139Tests() => _guest = new Rtl8139Guest(_nic);

    public void Dispose() => _nic.Dispose();

    [Fact]
    public void A_driver_tells_the_chip_by_its_version_and_its_revision()
    {
        ((uint)_guest.Common.ReadTransmitConfiguration() & 0x7cc0_0000).ShouldBe(0x7400_0000u);
        _nic.Machine.ReadConfig(NicMachine.Card, 0, 4).ShouldBe(0x8139_10ecu);
        _nic.Machine.ReadConfig(NicMachine.Card, 8, 1).ShouldBe(0x10u);
        _nic.Machine.ReadPort((ushort)(NicMachine.PortBase + 0x5e), 1).ShouldBe(0x10u);
    }

    [Fact]
    public void The_eeprom_is_one_of_64_words_and_has_the_station_address()
    {
        _guest.ReadEeprom(0, 8).ShouldNotBe((ushort)0x8129);
        _guest.ReadEeprom(0, 6).ShouldBe((ushort)0x8129);
        for (int i = 0; i < 3; i++)
            _guest.ReadEeprom(7 + i, 6).ShouldBe((ushort)(NicMachine.Station[2 * i] | NicMachine.Station[2 * i + 1] << 8));
        for (int i = 0; i < 6; i++)
            _guest.Common.ReadStation(i).Value.ShouldBe((uint)NicMachine.Station[i]);
        _nic.ShouldHaveReportedNothing();
    }

    [Fact]
    public void Link_state_is_in_every_register_that_drivers_look_at()
    {
        _guest.Common.ReadPhyStatus().Link.ShouldBeFalse("latched");
        _guest.Common.ReadPhyStatus().ShouldSatisfyAllConditions(s => s.Link.ShouldBeTrue(), s => s.Negotiated.ShouldBeTrue());
        ((uint)_guest.Common.ReadPartner() & 0x4100).ShouldBe(0x4100u);
        _guest.Initialise();
        _guest.Common.ReadSignalConfiguration();
        _nic.Wire.IsPluggedIn = false;
        _nic.Serve();
        _nic.Interrupt.Level.ShouldBeTrue();
        (_guest.Status & 0x20).ShouldBe(0x20u);
        _guest.Common.ReadSignalConfiguration().ShouldSatisfyAllConditions(s => s.LinkChanged.ShouldBeTrue(), s => s.LinkGood.ShouldBeFalse());
        _guest.Common.ReadSignalConfiguration().LinkChanged.ShouldBeFalse();
        _guest.Common.ReadMediaStatus().LinkDown.ShouldBeTrue();
        _nic.Wire.IsPluggedIn = true;
        _nic.Serve();
        _guest.Common.ReadPhyStatus().Link.ShouldBeFalse("it was down");
        _guest.Common.ReadPhyStatus().Link.ShouldBeTrue();
    }

    [Fact]
    public void Configuration_may_be_written_in_its_mode_alone()
    {
        _guest.Common.WriteConfiguration1(new() { Bits = 0x21 });
        _guest.Common.ReadConfiguration1().Bits.ShouldBe(0x0cu);
        _nic.ShouldHaveReported("rtl8139", "write-protected", "CONFIG1");
        _guest.Common.WriteEepromControl(new() { Mode = 3 });
        _guest.Common.WriteConfiguration1(new() { Bits = 0x21 });
        _guest.Common.ReadConfiguration1().Bits.ShouldBe(0x21u);
    }

    [Fact]
    public void The_timer_interrupts_when_it_reaches_its_value()
    {
        _guest.Initialise();
        _guest.Common.WriteInterruptMask(new() { Enabled = 0x4000 });
        _guest.Common.WriteTimer(default);
        _guest.Common.WriteTimerInterrupt(new() { Count = 1000 });
        _nic.Serve().ShouldBe(_nic.Clock.Now + 30_000);
        _nic.Clock.Delay(30_000);
        _nic.Machine.Service(NicMachine.Card);
        _nic.Interrupt.Level.ShouldBeTrue();
        _guest.Common.ReadTimer().Count.ShouldBe(1000u);
    }

    [Fact]
    public void Four_slots_are_sent_in_turn_and_say_so()
    {
        _guest.Initialise();
        for (int i = 0; i < 40; i++)
        {
            byte[] frame = NicMachine.FrameTo(s_broadcast, 60 + i * 35, i);
            _guest.Transmit(i % 4, frame);
            _nic.Sent().ShouldBe(frame);
            _guest.Slots.ReadStatus(i % 4).ShouldSatisfyAllConditions(s => s.Sent.ShouldBeTrue(), s => s.Done.ShouldBeTrue(), s => s.CarrierLost.ShouldBeFalse());
            _nic.Interrupt.Level.ShouldBeTrue();
            _guest.Status.ShouldBe(0x04u);
            _guest.Acknowledge();
            _nic.Interrupt.Level.ShouldBeFalse();
        }

        ((uint)_guest.Common.ReadTransmitSummary()).ShouldBe(0xf00fu);
        _nic.ShouldHaveReportedNothing();
    }

    [Fact]
    public void A_slot_waits_for_those_before_it()
    {
        _guest.Initialise();
        _guest.Transmit(1, NicMachine.Frame(100, 1));
        _nic.Sent().ShouldBeNull();
        _guest.Transmit(0, NicMachine.Frame(100, 0));
        _nic.Sent().ShouldBe(NicMachine.Frame(100, 0));
        _nic.Sent().ShouldBe(NicMachine.Frame(100, 1));
    }

    [Fact]
    public void A_full_wire_keeps_slots_until_there_is_room()
    {
        _guest.Initialise();
        byte[] frame = NicMachine.Frame(1514, 1);
        int sent = 0;
        while (_guest.Slots.ReadStatus((sent + 3) % 4).Done)
            _guest.Transmit(sent++ % 4, frame);
        for (int i = 0; i < sent - 1; i++)
            _nic.Sent().ShouldBe(frame);
        _nic.Serve();
        _nic.Sent().ShouldBe(frame);
        _guest.Slots.ReadStatus((sent + 3) % 4).Sent.ShouldBeTrue();
    }

    [Theory]
    [InlineData(13)]
    [InlineData(0)]
    [InlineData(1793)]
    [InlineData(8191)]
    public void A_slot_with_what_is_no_frame_fails_and_the_next_one_works(int length)
    {
        _guest.Initialise();
        _guest.Slots.WriteStatus(0, new() { Size = (uint)length });
        _guest.Slots.ReadStatus(0).ShouldSatisfyAllConditions(s => s.Aborted.ShouldBeTrue(), s => s.Done.ShouldBeTrue());
        (_guest.Status & 0x0c).ShouldBe(0x08u);
        _nic.ShouldHaveReported("rtl8139", "bad-frame-length", $"{length} bytes");
        _guest.Transmit(1, NicMachine.Frame(60, 1));
        _nic.Sent().ShouldBe(NicMachine.Frame(60, 1));
    }

    [Fact]
    public void Memory_out_of_reach_is_a_system_error_and_not_the_end()
    {
        _guest.Initialise();
        _guest.Slots.WriteStart(0, new() { Address = 0xffff_fff0 });
        _guest.Slots.WriteStatus(0, new() { Size = 100 });
        (_guest.Status & 0x8008).ShouldBe(0x8008u);
        _nic.Memory.Refusals.ShouldBe(1);
        (_nic.Machine.ReadConfig(NicMachine.Card, 6, 2) & 0x2000).ShouldBe(0x2000u);
        _guest.Common.WriteReceiveBuffer(new() { Address = 0x1000 });
        _nic.Send(NicMachine.Frame(60, 1), NicMachine.Frame(60, 2));
        _nic.Memory.Refusals.ShouldBe(3);
        _guest.Common.ReadMissed().Count.ShouldBe(2u);
        _guest.Transmit(1, NicMachine.Frame(60, 1));
        _nic.Sent().ShouldBe(NicMachine.Frame(60, 1));
    }

    [Theory]
    [InlineData(0u, false)]
    [InlineData(0u, true)]
    [InlineData(2u, true)]
    [InlineData(3u, true)]
    public void Frames_go_through_the_buffer_many_times_whole_and_in_order(uint length, bool noWrap)
    {
        _guest.Initialise(length, noWrap && length != 3);
        for (int i = 0; i < 200; i++)
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
    public void Frames_for_which_there_is_no_room_wait_on_the_wire_until_software_moves_its_pointer()
    {
        _guest.Initialise();
        byte[][] frames = [.. Enumerable.Range(0, 40).Select(i => NicMachine.Frame(1000, i))];
        _nic.Send(frames);
        foreach (byte[] frame in frames)
            _guest.Receive().ShouldBe(frame);
        _guest.Receive().ShouldBeNull();
        (_guest.Status & 0x10).ShouldBe(0u);
    }

    [Fact]
    public void While_frames_wait_on_the_wire_an_acknowledge_does_not_silence_the_card()
    {
        _guest.Initialise();
        _nic.Send([.. Enumerable.Range(0, 40).Select(i => NicMachine.Frame(1000, i))]);
        _guest.Receive().ShouldBe(NicMachine.Frame(1000, 0));
        _guest.Acknowledge();
        // As a driver that ends its turn with frames left in the buffer: nothing but this cause makes it come back.
        (_guest.Status & 1).ShouldBe(1u);
    }

    [Fact]
    public void While_frames_are_left_in_the_buffer_an_acknowledge_does_not_silence_the_card()
    {
        _guest.Initialise();
        _nic.Send(NicMachine.Frame(100, 1), NicMachine.Frame(100, 2));
        _guest.Receive().ShouldBe(NicMachine.Frame(100, 1));
        _guest.Acknowledge();
        (_guest.Status & 1).ShouldBe(1u);
        _guest.Receive().ShouldBe(NicMachine.Frame(100, 2));
        _guest.Acknowledge();
        (_guest.Status & 1).ShouldBe(0u);
    }

    [Fact]
    public void Without_flow_control_they_are_lost_and_counted()
    {
        _guest.Common.WriteAdvertisement(new() { Bits = 0x01e1 });
        _guest.Initialise();
        _nic.Send([.. Enumerable.Range(0, 10).Select(i => NicMachine.Frame(1000, i))]);
        (_guest.Status & 0x10).ShouldBe(0x10u);
        _guest.Common.ReadMissed().Count.ShouldBe(2u);
        _guest.Common.WriteMissed(default);
        _guest.Common.ReadMissed().Count.ShouldBe(0u);
        for (int i = 0; i < 8; i++)
            _guest.Receive().ShouldBe(NicMachine.Frame(1000, i));
        _guest.Receive().ShouldBeNull();
    }

    [Fact]
    public void Only_frames_for_this_station_pass()
    {
        _guest.Initialise();
        byte[] other = [0x02, 1, 2, 3, 4, 5];
        byte[] group = [0x01, 0x00, 0x5e, 0x00, 0x00, 0x01];
        _nic.Send(NicMachine.FrameTo(other, 60, 1), NicMachine.FrameTo(group, 60, 2), NicMachine.FrameTo(s_broadcast, 60, 3), NicMachine.Frame(59, 4), NicMachine.Frame(5000, 5));
        _guest.Receive().ShouldBe(NicMachine.FrameTo(s_broadcast, 60, 3));
        _guest.Receive().ShouldBeNull();
        _nic.ShouldHaveReported("rtl8139", "bad-frame-length", "5000 bytes");
        _guest.Common.WriteReceiveConfiguration(new() { AcceptAll = true, AcceptMulticast = true });
        _guest.Common.WriteMulticast(3, new() { Bits = 0x80 });
        _nic.Send(NicMachine.FrameTo(other, 60, 1), NicMachine.FrameTo(group, 60, 2));
        _guest.Receive().ShouldBe(NicMachine.FrameTo(other, 60, 1));
        _guest.Receive().ShouldBe(NicMachine.FrameTo(group, 60, 2));
    }

    [Fact]
    public void The_registers_of_the_plus_are_not_there()
    {
        _nic.Machine.WriteMemory(NicMachine.MemoryBase + 0xe0, 2, 3);
        _nic.ShouldHaveReported("rtl8139", "unknown-register", "0xe0");
        _nic.Machine.ReadMemory(NicMachine.MemoryBase + 0x10, 8).ShouldBe(0x0000_2000_0000_2000ul);
    }

    [Theory]
    [InlineData(NicModel.Rtl8139)]
    [InlineData(NicModel.Rtl8139CPlus)]
    public void Random_accesses_never_throw(NicModel model)
    {
        var accesses = Gen.ArrayOf(from act in Gen.Choose(0, 9)
                                   from offset in Gen.Choose(0, 255)
                                   from width in Gen.Elements(1, 2, 4, 8)
                                   from value in Gen.Choose(int.MinValue, int.MaxValue)
                                   select (act, offset, width, value), 300);
        Prop.ForAll(accesses.ToArbitrary(), steps =>
        {
            using var nic = Rtl8139Guest.Machine(model);
            var guest = new Rtl8139Guest(nic);
            if (model == NicModel.Rtl8139)
                guest.Initialise(promiscuous: true);
            else
                guest.InitialisePlus();
            foreach (var (act, offset, width, value) in steps)
                Do(nic, act, offset, width, unchecked((uint)value));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));
    }

    private static void Do(NicMachine nic, int act, int offset, int width, uint value)
    {
        ulong register = NicMachine.MemoryBase + (uint)(offset & ~(width - 1));
        switch (act)
        {
            case <= 3:
                nic.Machine.WriteMemory(register, width, value);
                break;
            case 4:
                nic.Machine.ReadMemory(register, width);
                break;
            case 5:
                // Addresses that lead somewhere.
                nic.Machine.WriteMemory(NicMachine.MemoryBase + (ulong)(0x20 + (offset & 0x10)), 4, TestDmaMemory.Base + (value & 0x7_ff00));
                break;
            case 6:
                new Random(offset).NextBytes(nic.Memory.At(TestDmaMemory.Base + (value & 0x7_0000), 2048));
                break;
            case 7:
                nic.Machine.WriteMemory(NicMachine.MemoryBase + 0x37, 1, 0x0c);
                nic.Machine.WriteMemory(NicMachine.MemoryBase + 0xd9, 1, 0xc0);
                break;
            default:
                nic.Send(NicMachine.Frame(offset * 7 + 14, offset));
                break;
        }

        nic.Serve();
        while (nic.Sent() is not null)
            continue;
    }
}
