namespace Emulator.Tests;

public sealed class ResetAndSelectionTests
{
    private static void ShouldShowSignature(IdeGuest guest)
    {
        guest.Error.ShouldBe((byte)0x01);
        guest.SectorCount.ShouldBe((byte)1);
        guest.Lba24.ShouldBe(1u);
    }

    [Fact]
    public void Power_on_leaves_the_signature()
    {
        using var test = TestMachine.With(new MemoryMedium(8));
        ShouldShowSignature(test.Primary);
        test.Primary.Read(6).ShouldBe((byte)0);
        test.Primary.Status.ShouldBe(IdeGuest.Idle);
        test.Interrupt14.RisingEdges.ShouldBe(0);
    }

    [Fact]
    public void Software_reset_shows_busy_and_then_the_signature_of_both_devices()
    {
        using var test = TestMachine.With(new MemoryMedium(8), new MemoryMedium(8));
        test.Primary.Command28(0x20, 0x765, 3, device: 1);
        test.Primary.Control(0x04);
        test.Primary.AlternateStatus.ShouldBe((byte)0x80);
        test.Primary.Status.ShouldBe((byte)0x80);
        test.Primary.Control(0x00);
        test.Primary.Read(6).ShouldBe((byte)0, "device 0 is selected");
        ShouldShowSignature(test.Primary);
        test.Primary.Write(6, 0xb0);
        test.Primary.Status.ShouldBe(IdeGuest.Idle);
        ShouldShowSignature(test.Primary);
        test.Interrupt14.Level.ShouldBeFalse("a reset signals nothing");
    }

    [Fact]
    public void Registers_are_not_written_during_software_reset()
    {
        using var test = TestMachine.With(new MemoryMedium(8));
        test.Primary.Control(0x04);
        test.Primary.Write(2, 0x55);
        test.Primary.Control(0x00);
        test.Primary.SectorCount.ShouldBe((byte)1);
        test.ShouldHaveReported("ata0.0", "register-write-while-busy", "register 2, value 0x55");
    }

    [Fact]
    public void Software_reset_ends_a_pio_transfer()
    {
        using var test = TestMachine.With(new MemoryMedium(8));
        test.Primary.Command28(0x20, 0, 2);
        test.Primary.AlternateStatus.ShouldBe(IdeGuest.Requesting);
        test.Interrupt14.Level.ShouldBeTrue();
        test.Primary.SoftwareReset();
        test.Interrupt14.Level.ShouldBeFalse();
        test.Primary.Status.ShouldBe(IdeGuest.Idle);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Diagnostics_run_on_both_devices_and_device_0_interrupts(int selected)
    {
        using var test = TestMachine.With(new MemoryMedium(8), new MemoryMedium(8));
        test.Primary.Select(selected);
        test.Primary.Command(0x90);
        test.Primary.ShouldInterruptWithStatus(IdeGuest.Idle);
        ShouldShowSignature(test.Primary);
        test.Primary.Read(6).ShouldBe((byte)0);
        test.Primary.Write(6, 0x10);
        ShouldShowSignature(test.Primary);
        test.Interrupt14.RisingEdges.ShouldBe(1);
    }

    [Fact]
    public void Registers_of_a_present_device_keep_what_is_written()
    {
        using var test = TestMachine.With(new MemoryMedium(8));
        test.Primary.Write(6, 0xa0);
        test.Primary.Write(2, 0x55);
        test.Primary.Write(3, 0xaa);
        test.Primary.Read(2).ShouldBe((byte)0x55);
        test.Primary.Read(3).ShouldBe((byte)0xaa);
        test.Primary.Read(6).ShouldBe((byte)0xa0);
    }

    [Fact]
    public void Device_0_answers_for_an_absent_slave_with_status_zero()
    {
        using var test = TestMachine.With(new MemoryMedium(8));
        test.Primary.Write(6, 0xb0);
        test.Primary.Write(2, 0x55);
        test.Primary.Read(2).ShouldBe((byte)0x55);
        test.Primary.Status.ShouldBe((byte)0);
        test.Primary.AlternateStatus.ShouldBe((byte)0);
    }

    [Fact]
    public void A_command_for_an_absent_slave_is_ignored_and_reported()
    {
        using var test = TestMachine.With(new MemoryMedium(8));
        test.Primary.Select(1);
        test.Primary.Write(7, 0xec);
        test.Primary.Status.ShouldBe((byte)0);
        test.Interrupt14.RisingEdges.ShouldBe(0);
        test.ShouldHaveReported("ata0", "command-without-device", "command 0xec for absent device 1");
    }

    [Fact]
    public void An_absent_master_floats_and_the_slave_answers()
    {
        using var test = TestMachine.With(null, new MemoryMedium(8));
        test.Primary.Status.ShouldBe((byte)0x7f);
        test.Primary.Write(2, 0x55);
        test.Primary.Read(2).ShouldBe((byte)0x7f);
        test.Primary.Select(1);
        test.Primary.Status.ShouldBe(IdeGuest.Idle);
    }

    [Fact]
    public void An_empty_channel_never_looks_busy_and_reports_no_probe()
    {
        using var test = TestMachine.With(new MemoryMedium(8));
        for (int device = 0; device < 2; device++)
        {
            test.Secondary.Select(device);
            test.Secondary.Write(2, 0x55);
            test.Secondary.Read(2).ShouldBe((byte)0x7f);
            test.Secondary.Status.ShouldBe((byte)0x7f);
            test.Secondary.AlternateStatus.ShouldBe((byte)0x7f);
        }

        test.Secondary.SoftwareReset();
        test.ShouldHaveReportedNothing();
    }

    [Fact]
    public void Two_devices_have_registers_and_data_of_their_own()
    {
        var master = new MemoryMedium(8, seed: 1);
        var slave = new MemoryMedium(8, seed: 2);
        using var test = TestMachine.With(master, slave);
        test.Primary.Command28(0x20, 3, 1, device: 1);
        test.Primary.ShouldInterruptWithStatus(IdeGuest.Requesting);
        test.Primary.ReadData(512).ShouldBe(slave.Sectors(3, 1).ToArray());
        test.Primary.Command28(0x20, 3, 1);
        test.Primary.ReadData(512).ShouldBe(master.Sectors(3, 1).ToArray());
        test.Primary.Status.ShouldBe(IdeGuest.Idle);
        test.Primary.Select(1);
        test.Primary.Read(6).ShouldBe((byte)0xf0);
    }

    [Fact]
    public void The_interrupt_of_a_device_that_is_not_selected_is_released()
    {
        using var test = TestMachine.With(new MemoryMedium(8), new MemoryMedium(8));
        test.Primary.Command28(0xe7, 0, 0);
        test.Interrupt14.Level.ShouldBeTrue();
        test.Primary.Select(1);
        test.Interrupt14.Level.ShouldBeFalse();
        test.Primary.Select(0);
        test.Primary.ShouldInterruptWithStatus(IdeGuest.Idle);
    }

    [Fact]
    public void While_interrupts_are_disabled_the_line_stays_low_and_the_interrupt_pending()
    {
        using var test = TestMachine.With(new MemoryMedium(8));
        test.Primary.Control(0x02);
        test.Primary.Command(0xe7);
        test.Primary.AlternateStatus.ShouldBe(IdeGuest.Idle);
        test.Interrupt14.Level.ShouldBeFalse();
        test.Primary.BusMasterStatus.ShouldBe((byte)0);
        test.Primary.Control(0x00);
        test.Primary.ShouldInterruptWithStatus(IdeGuest.Idle);
        test.Primary.Control(0x02);
        test.Primary.Command(0xe7);
        test.Primary.Status.ShouldBe(IdeGuest.Idle);
        test.Primary.Control(0x00);
        test.Interrupt14.Level.ShouldBeFalse("it was acknowledged while nIEN was one");
    }

    [Fact]
    public void Bit_3_of_device_control_is_accepted_and_reserved_bits_are_reported()
    {
        using var test = TestMachine.With(new MemoryMedium(8));
        test.Primary.Control(0x08);
        test.ShouldHaveReportedNothing();
        test.Primary.Control(0x48);
        test.ShouldHaveReported("ata0", "reserved-write", "reserved bits 0x40");
    }

    [Fact]
    public void Hob_shows_the_older_bytes_until_a_register_is_written()
    {
        using var test = TestMachine.With(new MemoryMedium(8));
        foreach (int register in new[] { 2, 3, 4, 5 })
        {
            test.Primary.Write(register, (byte)(0x10 + register));
            test.Primary.Write(register, (byte)(0x20 + register));
        }

        test.Primary.Control(0x80);
        foreach (int register in new[] { 2, 3, 4, 5 })
            test.Primary.Read(register).ShouldBe((byte)(0x10 + register));
        test.Primary.Write(1, 0);
        foreach (int register in new[] { 2, 3, 4, 5 })
            test.Primary.Read(register).ShouldBe((byte)(0x20 + register));
    }

    [Fact]
    public void The_channels_have_lines_of_their_own()
    {
        using var test = new TestMachine(MachineDescription.WithDisks(new DiskDescription(new MemoryMedium(8), "A"), new DiskDescription(new MemoryMedium(8), "B")));
        test.Secondary.Command(0xe7);
        test.Interrupt14.Level.ShouldBeFalse();
        test.Secondary.ShouldInterruptWithStatus(IdeGuest.Idle);
        test.Interrupt15.RisingEdges.ShouldBe(1);
        test.Primary.BusMasterStatus.ShouldBe((byte)0);
        test.Secondary.BusMasterStatus.ShouldBe((byte)0x04);
    }

    [Fact]
    public void A_line_that_is_high_is_reported_when_it_is_connected()
    {
        using var test = TestMachine.With(new MemoryMedium(8));
        test.Machine.ConnectInterrupt(14, null);
        test.Primary.Command(0xe7);
        test.Interrupt14.Level.ShouldBeFalse();
        test.Machine.ConnectInterrupt(14, test.Interrupt14);
        test.Primary.ShouldInterruptWithStatus(IdeGuest.Idle);
        Should.Throw<ArgumentOutOfRangeException>(() => test.Machine.ConnectInterrupt(24, null));
    }
}
