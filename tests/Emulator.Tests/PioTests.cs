using L4;

namespace Emulator.Tests;

public sealed class PioTests
{
    [Theory]
    [InlineData(0x20, 2)]
    [InlineData(0x20, 4)]
    [InlineData(0x24, 2)]
    [InlineData(0x24, 4)]
    public void Reading_sectors_interrupts_for_each_one(byte command, int width)
    {
        var medium = new MemoryMedium(64);
        using var test = TestMachine.With(medium);
        if (command == 0x24)
            test.Primary.Command48(command, 7, 3);
        else
            test.Primary.Command28(command, 7, 3);
        for (int sector = 7; sector < 10; sector++)
        {
            test.Primary.ShouldInterruptWithStatus(IdeGuest.Requesting);
            test.Primary.ReadData(512, width).ShouldBe(medium.Sectors(sector, 1).ToArray());
        }

        test.Primary.AlternateStatus.ShouldBe(IdeGuest.Idle);
        test.Interrupt14.RisingEdges.ShouldBe(3, "none after the last block");
        test.ShouldHaveReportedNothing();
    }

    [Fact]
    public void Data_can_be_read_word_by_word()
    {
        var medium = new MemoryMedium(8);
        using var test = TestMachine.With(medium);
        test.Primary.Command28(0x20, 2, 1);
        for (int i = 0; i < 512; i += 4)
        {
            test.Machine.ReadPort(0x1f0, 2).ShouldBe((uint)(medium.Bytes[1024 + i] | medium.Bytes[1024 + i + 1] << 8));
            test.Machine.ReadPort(0x1f0, 2).ShouldBe((uint)(medium.Bytes[1024 + i + 2] | medium.Bytes[1024 + i + 3] << 8));
        }

        test.Primary.Status.ShouldBe(IdeGuest.Idle);
    }

    [Theory]
    [InlineData(0x30)]
    [InlineData(0x34)]
    public void Writing_sectors_interrupts_after_each_one_but_not_before_the_first(byte command)
    {
        var medium = new MemoryMedium(64);
        byte[] expected = [.. medium.Bytes];
        byte[] data = [.. new MemoryMedium(3, seed: 9).Bytes];
        data.CopyTo(expected, 20 * 512);
        using var test = TestMachine.With(medium);
        if (command == 0x34)
            test.Primary.Command48(command, 20, 3);
        else
            test.Primary.Command28(command, 20, 3);
        test.Interrupt14.Level.ShouldBeFalse();
        test.Primary.Status.ShouldBe(IdeGuest.Requesting);
        for (int sector = 0; sector < 3; sector++)
        {
            test.Primary.WriteData(data.AsSpan(sector * 512, 512), 4);
            test.Primary.ShouldInterruptWithStatus(sector == 2 ? IdeGuest.Idle : IdeGuest.Requesting);
        }

        medium.Bytes.ShouldBe(expected);
        test.ShouldHaveReportedNothing();
    }

    [Theory]
    [InlineData(0xc4, false)]
    [InlineData(0x29, true)]
    public void Reading_multiple_moves_blocks_and_a_shorter_last_one(byte command, bool extended)
    {
        var medium = new MemoryMedium(64);
        using var test = TestMachine.With(medium);
        test.Primary.Command(0xc6, count: 4);
        test.Primary.ShouldInterruptWithStatus(IdeGuest.Idle);
        if (extended)
            test.Primary.Command48(command, 5, 6);
        else
            test.Primary.Command28(command, 5, 6);
        test.Primary.ShouldInterruptWithStatus(IdeGuest.Requesting);
        test.Primary.ReadData(2048).ShouldBe(medium.Sectors(5, 4).ToArray());
        test.Primary.ShouldInterruptWithStatus(IdeGuest.Requesting);
        test.Primary.ReadData(1024).ShouldBe(medium.Sectors(9, 2).ToArray());
        test.Primary.Status.ShouldBe(IdeGuest.Idle);
        test.Interrupt14.RisingEdges.ShouldBe(3);
    }

    [Theory]
    [InlineData(0xc5, false)]
    [InlineData(0x39, true)]
    public void Writing_multiple_moves_blocks_and_a_shorter_last_one(byte command, bool extended)
    {
        var medium = new MemoryMedium(64);
        byte[] data = [.. new MemoryMedium(6, seed: 9).Bytes];
        using var test = TestMachine.With(medium);
        test.Primary.Command(0xc6, count: 4);
        test.Primary.Status.ShouldBe(IdeGuest.Idle);
        if (extended)
            test.Primary.Command48(command, 5, 6);
        else
            test.Primary.Command28(command, 5, 6);
        test.Primary.WriteData(data.AsSpan(0, 2048));
        test.Primary.ShouldInterruptWithStatus(IdeGuest.Requesting);
        test.Primary.WriteData(data.AsSpan(2048));
        test.Primary.ShouldInterruptWithStatus(IdeGuest.Idle);
        medium.Sectors(5, 6).ToArray().ShouldBe(data);
        medium.Writes.ShouldBe(2);
    }

    [Theory]
    [InlineData(0xc4)]
    [InlineData(0xc5)]
    [InlineData(0x29)]
    [InlineData(0x39)]
    public void Multiple_commands_abort_before_set_multiple_mode(byte command)
    {
        using var test = TestMachine.With(new MemoryMedium(8));
        test.Primary.Command48(command, 0, 1);
        test.Primary.ShouldFail(IdeGuest.Aborted);
        test.ShouldHaveReported("ata0.0", "command-aborted", "no SET MULTIPLE MODE before it");
    }

    [Fact]
    public void A_count_of_zero_means_256_sectors()
    {
        var medium = new MemoryMedium(256);
        using var test = TestMachine.With(medium);
        test.Primary.Command28(0x20, 0, 0);
        test.Primary.ReadData(256 * 512).ShouldBe(medium.Bytes);
        test.Primary.Status.ShouldBe(IdeGuest.Idle);
    }

    [Fact]
    public void A_48_bit_count_of_zero_means_65536_sectors()
    {
        var medium = new HugeMedium(65536);
        using var test = TestMachine.With(medium);
        test.Primary.Command48(0x42, 0, 0);
        test.Primary.ShouldInterruptWithStatus(IdeGuest.Idle);
        medium.ReadOffsets[^1].ShouldBe((65536 - 16) * 512);
    }

    [Fact]
    public void A_48_bit_address_reaches_beyond_28_bits()
    {
        var medium = new HugeMedium(1ul << 40);
        using var test = TestMachine.With(medium);
        test.Primary.Command48(0x24, 0xab_cdef_0123, 1);
        test.Primary.ShouldInterruptWithStatus(IdeGuest.Requesting);
        medium.ReadOffsets.ShouldBe([0xab_cdef_0123 * 512]);
    }

    [Fact]
    public void A_28_bit_address_uses_the_device_register()
    {
        var medium = new HugeMedium(1ul << 40);
        using var test = TestMachine.With(medium);
        test.Primary.Command28(0x20, 0x0abc_def1, 1);
        medium.ReadOffsets.ShouldBe([0x0abc_def1L * 512]);
    }

    [Theory]
    [InlineData(0x20, 64u, 1)]
    [InlineData(0x20, 63u, 2)]
    [InlineData(0x30, 64u, 1)]
    [InlineData(0x40, 0u, 65)]
    [InlineData(0xc8, 63u, 2)]
    [InlineData(0xca, 0x0fff_ffffu, 256)]
    public void An_address_past_the_end_is_not_found(byte command, uint lba, int count)
    {
        var medium = new MemoryMedium(64);
        byte[] before = [.. medium.Bytes];
        using var test = TestMachine.With(medium);
        test.Primary.Command28(command, lba, count);
        test.Primary.ShouldFail(IdeGuest.IdNotFound);
        uint failed = Math.Max(lba, 64);
        test.Primary.Lba24.ShouldBe(failed & 0xff_ffff);
        (test.Primary.Read(6) & 0xf).ShouldBe((int)(failed >> 24));
        test.ShouldHaveReported("ata0.0", "address-not-found", $"{count} sectors from {lba} on, the disk has 64");
        medium.Bytes.ShouldBe(before);
        medium.Reads.ShouldBe(0);
    }

    [Fact]
    public void The_last_48_bit_address_with_the_highest_count_is_not_found()
    {
        using var test = TestMachine.With(new HugeMedium(1ul << 40));
        test.Primary.Command48(0x24, 0xffff_ffff_ffff, 0);
        test.Primary.ShouldFail(IdeGuest.IdNotFound);
        test.Primary.Lba24.ShouldBe(0xff_ffffu);
        test.Primary.Control(0x80);
        test.Primary.Lba24.ShouldBe(0xff_ffffu);
    }

    [Theory]
    [InlineData(0x30)]
    [InlineData(0x34)]
    [InlineData(0x35)]
    [InlineData(0x39)]
    [InlineData(0xc5)]
    [InlineData(0xca)]
    public void Writing_a_read_only_medium_is_aborted(byte command)
    {
        using var test = TestMachine.With(new MemoryMedium(64, readOnly: true));
        test.Primary.Command(0xc6, count: 4);
        test.Primary.Status.ShouldBe(IdeGuest.Idle);
        test.Primary.Command48(command, 1, 1);
        test.Primary.ShouldFail(IdeGuest.Aborted);
        test.ShouldHaveReported("ata0.0", "command-aborted", $"command 0x{command:x2} (the medium is read-only)");
    }

    [Fact]
    public void An_unreadable_sector_ends_the_command_with_its_address()
    {
        var medium = new MemoryMedium(64);
        using var test = TestMachine.With(new FailingMedium(medium, new Extent(12 * 512, 512), default));
        test.Primary.Command28(0x20, 10, 5);
        test.Primary.ReadData(1024).ShouldBe(medium.Sectors(10, 2).ToArray());
        test.Primary.ShouldFail(IdeGuest.Uncorrectable);
        test.Primary.Lba24.ShouldBe(12u);
        test.ShouldHaveReported("ata0.0", "medium-read", "sector 12: unreadable sector");
    }

    [Fact]
    public void Verify_finds_an_unreadable_sector_and_leaves_a_48_bit_address()
    {
        using var test = TestMachine.With(new FailingMedium(new HugeMedium(1ul << 34), new Extent((ulong)0x1_2345_6789 * 512, 512), default));
        test.Primary.Command48(0x42, 0x1_2345_6780, 64);
        test.Primary.ShouldFail(IdeGuest.Uncorrectable);
        test.Primary.Lba24.ShouldBe(0x45_6789u);
        test.Primary.Control(0x80);
        test.Primary.Lba24.ShouldBe(0x123u);
    }

    [Fact]
    public void A_chs_read_leaves_the_address_of_the_bad_sector_as_chs()
    {
        using var test = TestMachine.With(new FailingMedium(new MemoryMedium(2048), new Extent(1100 * 512, 512), default));

        // 16 heads, 63 sectors: cylinder 1 begins at sector 1008; 1100 is cylinder 1, head 1, sector 30.
        test.Primary.Write(2, 8);
        test.Primary.Write(3, 28);
        test.Primary.Write(4, 1);
        test.Primary.Write(5, 0);
        test.Primary.Write(6, 0xa1);
        test.Primary.Write(7, 0x40);
        test.Primary.ShouldFail(IdeGuest.Uncorrectable);
        test.Primary.Lba24.ShouldBe(0x00_011eu);
        test.Primary.Read(6).ShouldBe((byte)0xa1);
    }

    [Fact]
    public void An_unwritable_sector_is_a_device_fault_and_the_sectors_before_it_are_written()
    {
        var medium = new MemoryMedium(64);
        byte[] data = [.. new MemoryMedium(3, seed: 9).Bytes];
        using var test = TestMachine.With(new FailingMedium(medium, default, new Extent(11 * 512, 512)));
        test.Primary.Command28(0x30, 10, 3);
        test.Primary.WriteData(data.AsSpan(0, 1024));
        test.Primary.ShouldInterruptWithStatus(0x70);
        test.Primary.Lba24.ShouldBe(11u);
        medium.Sectors(10, 1).ToArray().ShouldBe(data[..512]);
        test.ShouldHaveReported("ata0.0", "medium-write", "unwritable sector");
    }

    [Fact]
    public void The_data_register_without_request_reads_all_ones_and_reports_once_a_command()
    {
        using var test = TestMachine.With(new MemoryMedium(8));
        test.Primary.ReadData(8).ShouldAllBe(b => b == 0xff);
        test.Primary.WriteData(new byte[8]);
        test.ShouldHaveReported("ata0.0", "data-without-request", "read of 8 bytes");
        test.Primary.Command28(0x20, 0, 1);
        test.Primary.ReadData(512);
        test.Primary.ReadData(2).ShouldBe([0xff, 0xff]);
        test.Events.Count("ata0.0", "data-without-request").ShouldBe(2);
    }

    [Fact]
    public void Wrong_widths_are_reported_and_change_nothing()
    {
        using var test = TestMachine.With(new MemoryMedium(8));
        test.Machine.ReadPort(0x1f7, 2).ShouldBe(0xffffu);
        test.Machine.ReadPort(0x1f2, 2).ShouldBe(0xffffu);
        test.Machine.WritePort(0x1f2, 4, 0x1234);
        test.Machine.ReadPort(0x3f6, 2).ShouldBe(0xffffu);
        test.Primary.SectorCount.ShouldBe((byte)1);
        test.Events.Count("ata0", "bad-width").ShouldBe(2);
        test.Events.Count("machine", "unknown-port").ShouldBe(2, "those accesses run past the last port");
        test.Primary.Command28(0x20, 0, 1);
        test.Machine.ReadPort(0x1f0, 1).ShouldBe(0xffu);
        test.Machine.WritePort(0x1f0, 1, 0);
        test.Events.Count("ata0", "bad-data-access").ShouldBe(2);
        test.Primary.ReadData(512).Length.ShouldBe(512);
        test.Primary.Status.ShouldBe(IdeGuest.Idle);
    }
}
