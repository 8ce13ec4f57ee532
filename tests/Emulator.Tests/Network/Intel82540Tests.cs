namespace Emulator.Tests;

public sealed class Intel82540Tests : IDisposable
{
    private static readonly byte[] s_broadcast = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

    private readonly Intel82540Guest _guest = new();

    private NicMachine Test => _guest.Test;

    public void Dispose() => _guest.Dispose();

    [Fact]
    public void The_eeprom_read_register_gives_the_station_address_and_a_valid_checksum()
    {
        ushort sum = 0;
        var words = new ushort[64];
        for (uint address = 0; address < 64; address++)
        {
            _guest[Intel82540Guest.EepromRead] = address << 8 | 1;
            (_guest[Intel82540Guest.EepromRead] & 0x10).ShouldBe(0x10u);
            words[address] = (ushort)(_guest[Intel82540Guest.EepromRead] >> 16);
            sum = unchecked((ushort)(sum + words[address]));
        }
        sum.ShouldBe((ushort)0xbaba);
        words[..3].ShouldBe(new ushort[] { 0x5452, 0x1200, 0x5634 });
        Test.ShouldHaveReportedNothing();
    }

    [Fact]
    public void The_eeprom_is_read_bit_by_bit()
    {
        ReadEepromByBits(1).ShouldBe((ushort)0x1200);
        ReadEepromByBits(2).ShouldBe((ushort)0x5634);
    }

    [Fact]
    public void The_eeprom_pins_do_nothing_before_they_are_granted()
    {
        _guest[Intel82540Guest.EepromControl] = 0x2;
        (_guest[Intel82540Guest.EepromControl] & 0x80).ShouldBe(0u);
        _guest[Intel82540Guest.EepromControl] = 0x40;
        (_guest[Intel82540Guest.EepromControl] & 0x80).ShouldBe(0x80u);
    }

    [Fact]
    public void An_eeprom_word_is_written_only_after_writes_were_enabled()
    {
        WriteEepromByBits(0x20, 0x1234);
        ReadEepromByBits(0x20).ShouldBe((ushort)0);
        Select();
        ShiftOut(0b1_0011_0000, 9);
        WriteEepromByBits(0x20, 0x1234);
        ReadEepromByBits(0x20).ShouldBe((ushort)0x1234);
    }

    [Fact]
    public void The_phy_is_a_marvell_with_a_gigabit_link()
    {
        _guest.ReadPhy(2).ShouldBe((ushort)0x0141);
        ((uint)_guest.ReadPhy(3) & 0xfff0).ShouldBe(0x0c20u);
        _guest[Intel82540Guest.Control] = Intel82540Guest.LinkUp;
        _guest.ReadPhy(1);
        ((uint)_guest.ReadPhy(1) & 0x24).ShouldBe(0x24u);
        ((uint)_guest.ReadPhy(17) & 0xec00).ShouldBe(0xac00u);
        Test.ShouldHaveReportedNothing();
    }

    [Fact]
    public void A_phy_that_is_not_there_is_an_error_and_reported()
    {
        _guest.ReadPhy(2, phy: 3);
        (_guest[Intel82540Guest.Mdi] & 1u << 30).ShouldNotBe(0u);
        Test.ShouldHaveReported("e1000", "phy-error", "PHY address 3");
    }

    [Fact]
    public void The_link_follows_the_wire_with_an_interrupt_and_a_latched_phy_bit()
    {
        _guest.Start();
        (_guest[Intel82540Guest.Status] & 2).ShouldBe(2u);
        _guest.ReadPhy(1);
        _guest[Intel82540Guest.MaskSet] = Intel82540Guest.LinkChange;
        Test.Wire.IsPluggedIn = false;
        Test.WantsService.ShouldBeTrue();
        Test.Serve();
        Test.Interrupt.Level.ShouldBeTrue();
        (_guest[Intel82540Guest.Cause] & Intel82540Guest.LinkChange).ShouldNotBe(0u);
        Test.Interrupt.Level.ShouldBeFalse();
        (_guest[Intel82540Guest.Status] & 2).ShouldBe(0u);
        Test.Wire.IsPluggedIn = true;
        Test.Serve();
        Test.Interrupt.Level.ShouldBeTrue();
        ((uint)_guest.ReadPhy(1) & 4).ShouldBe(0u, "the link was down since the last read");
        ((uint)_guest.ReadPhy(1) & 4).ShouldBe(4u);
    }

    [Fact]
    public void Causes_are_set_masked_and_cleared_by_a_read()
    {
        _guest[Intel82540Guest.CauseSet] = 0x80;
        Test.Interrupt.Level.ShouldBeFalse();
        _guest[Intel82540Guest.MaskSet] = 0x80;
        Test.Interrupt.Level.ShouldBeTrue();
        _guest[Intel82540Guest.MaskSet].ShouldBe(0x80u);
        _guest[Intel82540Guest.MaskClear] = 0x80;
        Test.Interrupt.Level.ShouldBeFalse();
        _guest[Intel82540Guest.MaskSet].ShouldBe(0u);
        _guest[Intel82540Guest.Cause].ShouldBe(0x80u);
        _guest[Intel82540Guest.Cause].ShouldBe(0u);
    }

    [Fact]
    public void Throttling_holds_the_second_interrupt_back_until_its_time()
    {
        _guest[Intel82540Guest.Throttling] = 100;
        _guest[Intel82540Guest.MaskSet] = 0x80;
        _guest[Intel82540Guest.CauseSet] = 0x80;
        Test.Interrupt.RisingEdges.ShouldBe(1);
        _ = _guest[Intel82540Guest.Cause];
        _guest[Intel82540Guest.CauseSet] = 0x80;
        Test.Interrupt.Level.ShouldBeFalse();
        Test.WantsService.ShouldBeTrue();
        Test.ServeAtDeadline();
        Test.Clock.Now.ShouldBe(25_600);
        Test.Interrupt.RisingEdges.ShouldBe(2);
    }

    [Fact]
    public void The_reset_bit_resets_the_card_also_through_its_ports()
    {
        _guest.Start();
        _guest[Intel82540Guest.MaskSet] = 0x80;
        Test.Machine.WritePort(NicMachine.PortBase, 4, Intel82540Guest.Control);
        Test.Machine.ReadPort(NicMachine.PortBase + 4, 4).ShouldBe(Intel82540Guest.LinkUp | 1);
        Test.Machine.WritePort(NicMachine.PortBase + 4, 4, 1u << 26);
        _guest[Intel82540Guest.MaskSet].ShouldBe(0u);
        _guest[Intel82540Guest.ReceiveControl].ShouldBe(0u);
        _guest[0x5400].ShouldBe(0x1200_5452u);
        _guest[0x5404].ShouldBe(0x8000_5634u);
        Test.Wire.Left.IsListening.ShouldBeFalse();
        Test.ShouldHaveReportedNothing();
    }

    [Fact]
    public void A_frame_goes_to_the_wire_and_its_descriptor_comes_back_with_an_interrupt()
    {
        _guest.Start();
        _guest[Intel82540Guest.MaskSet] = Intel82540Guest.Written;
        byte[] frame = NicMachine.FrameTo(s_broadcast, 200);
        _guest.Transmit(frame);
        Test.Sent().ShouldBe(frame);
        _guest.TransmitStatus(0).ShouldBe(1u);
        _guest[Intel82540Guest.TransmitHead].ShouldBe(1u);
        Test.Interrupt.Level.ShouldBeTrue();
        _guest[0x4080].ShouldBe(1u, "GPTC");
        _guest[0x4080].ShouldBe(0u, "a read clears it");
        _guest[0x4090].ShouldBe(204u, "GOTCL");
        Test.ShouldHaveReportedNothing();
    }

    [Fact]
    public void A_short_frame_is_padded_and_one_in_several_buffers_is_put_together()
    {
        _guest.Start();
        byte[] frame = NicMachine.FrameTo(s_broadcast, 40);
        frame.CopyTo(Test.Memory.At(Intel82540Guest.Buffers, 40));
        _guest.Queue(Intel82540Guest.Buffers, 10);
        _guest.Kick();
        Test.Sent().ShouldBeNull();
        _guest.Queue(Intel82540Guest.Buffers + 10, 0);
        _guest.Queue(Intel82540Guest.Buffers + 10, Intel82540Guest.Whole | 30);
        _guest.Kick();
        byte[] sent = Test.Sent()!;
        sent.Length.ShouldBe(60);
        sent[..40].ShouldBe(frame);
        sent[40..].ShouldAllBe(b => b == 0);
    }

    [Fact]
    public void A_received_frame_lies_in_its_buffer_with_a_report_and_an_interrupt()
    {
        _guest.Start();
        _guest[Intel82540Guest.MaskSet] = Intel82540Guest.Received;
        byte[] frame = NicMachine.FrameTo(NicMachine.Station, 100);
        Test.Send(frame);
        var (length, _, status, errors, _) = _guest.Report(0);
        (length, status & 3, errors).ShouldBe((104, 3, (byte)0), "four bytes for the check sequence");
        _guest.ReceivedIn(0, 100).ShouldBe(frame);
        _guest[Intel82540Guest.ReceiveHead].ShouldBe(1u);
        Test.Interrupt.Level.ShouldBeTrue();
        Test.ShouldHaveReportedNothing();
    }

    private void Select()
    {
        _guest[Intel82540Guest.EepromControl] = 0x40;
        _guest[Intel82540Guest.EepromControl] = 0x42;
    }

    private void ShiftOut(uint bits, int count)
    {
        for (int i = count - 1; i >= 0; i--)
        {
            uint pins = 0x42 | (bits >> i & 1) << 2;
            _guest[Intel82540Guest.EepromControl] = pins;
            _guest[Intel82540Guest.EepromControl] = pins | 1;
            _guest[Intel82540Guest.EepromControl] = pins;
        }
    }

    private ushort ReadEepromByBits(uint address)
    {
        Select();
        ShiftOut(0b110_000000 | address, 9);
        uint value = 0;
        for (int i = 0; i < 16; i++)
        {
            _guest[Intel82540Guest.EepromControl] = 0x43;
            value = value << 1 | _guest[Intel82540Guest.EepromControl] >> 3 & 1;
            _guest[Intel82540Guest.EepromControl] = 0x42;
        }
        return (ushort)value;
    }

    private void WriteEepromByBits(uint address, uint value)
    {
        Select();
        ShiftOut(0b101_000000 | address, 9);
        ShiftOut(value, 16);
        Select();
    }
}
