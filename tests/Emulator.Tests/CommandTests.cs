using System.Buffers.Binary;
using System.Text;

namespace Emulator.Tests;

public sealed class CommandTests
{
    private static ushort Word(byte[] words, int index) => BinaryPrimitives.ReadUInt16LittleEndian(words.AsSpan(index * 2));

    private static string Text(byte[] words, int index, int length)
    {
        var text = new byte[length];
        for (int i = 0; i < length; i++)
            text[i] = words[index * 2 + (i ^ 1)];
        return Encoding.ASCII.GetString(text);
    }

    [Fact]
    public void Identify_reports_strings_capacity_and_features()
    {
        using var test = TestMachine.With(new MemoryMedium(5000), new MemoryMedium(8));
        byte[] words = test.Primary.Identify();
        Word(words, 0).ShouldBe((ushort)0x0040);
        Text(words, 10, 20).ShouldBe("MASTER              ");
        Text(words, 27, 40).TrimEnd().ShouldBe(DiskDescription.DefaultModel);
        Text(words, 23, 8).Trim().ShouldNotBeEmpty();
        (Word(words, 1), Word(words, 3), Word(words, 6)).ShouldBe(((ushort)4, (ushort)16, (ushort)63));
        Word(words, 47).ShouldBe((ushort)0x8010);
        (Word(words, 49) & 0x0300).ShouldBe(0x0300, "LBA and DMA");
        (Word(words, 60) | Word(words, 61) << 16).ShouldBe(5000);
        BinaryPrimitives.ReadUInt64LittleEndian(words.AsSpan(200)).ShouldBe(5000ul);
        Word(words, 63).ShouldBe((ushort)0x0007);
        Word(words, 88).ShouldBe((ushort)0x003f);
        (Word(words, 83) & 0xc000).ShouldBe(0x4000, "words 82 and 83 are valid");
        (Word(words, 83) & 0x3400).ShouldBe(0x3400, "FLUSH CACHE (EXT) and 48-bit addresses");
        Word(words, 86).ShouldBe((ushort)(Word(words, 83) & 0x3fff));
        words.Sum(b => b).ShouldSatisfyAllConditions(sum => (sum & 0xff).ShouldBe(0), _ => words[510].ShouldBe((byte)0xa5));
        Text(test.Primary.Identify(1), 10, 20).Trim().ShouldBe("SLAVE");
    }

    [Fact]
    public void Identify_limits_the_28_bit_count_on_a_large_disk()
    {
        using var test = TestMachine.With(new HugeMedium(1ul << 33));
        byte[] words = test.Primary.Identify();
        (Word(words, 60) | Word(words, 61) << 16).ShouldBe(0x0fff_ffff);
        BinaryPrimitives.ReadUInt64LittleEndian(words.AsSpan(200)).ShouldBe(1ul << 33);
        Word(words, 1).ShouldBe((ushort)16383);
    }

    [Theory]
    [InlineData(0x08, -1, -1)]
    [InlineData(0x0c, -1, -1)]
    [InlineData(0x00, -1, -1)]
    [InlineData(0x22, 2, -1)]
    [InlineData(0x45, -1, 5)]
    public void Set_features_selects_a_transfer_mode(byte mode, int multiword, int ultra)
    {
        using var test = TestMachine.With(new MemoryMedium(8));
        test.Primary.Command(0xef, 0x03, mode);
        test.Primary.ShouldInterruptWithStatus(IdeGuest.Idle);
        byte[] words = test.Primary.Identify();
        Word(words, 63).ShouldBe((ushort)(0x0007 | (multiword < 0 ? 0 : 1 << (8 + multiword))));
        Word(words, 88).ShouldBe((ushort)(0x003f | (ultra < 0 ? 0 : 1 << (8 + ultra))));
    }

    [Theory]
    [InlineData(0x03, 0x0d)]
    [InlineData(0x03, 0x23)]
    [InlineData(0x03, 0x46)]
    [InlineData(0x03, 0x10)]
    [InlineData(0x03, 0xff)]
    [InlineData(0x10, 0x02)]
    [InlineData(0x66, 0x00)]
    public void Set_features_aborts_what_is_not_supported(byte feature, byte count)
    {
        using var test = TestMachine.With(new MemoryMedium(8));
        test.Primary.Command(0xef, feature, count);
        test.Primary.ShouldFail(IdeGuest.Aborted);
        test.ShouldHaveReported("ata0.0", "command-aborted", $"features 0x{feature:x2}, sector count 0x{count:x2}");
    }

    [Fact]
    public void Write_cache_and_look_ahead_show_in_identify()
    {
        var medium = new MemoryMedium(8);
        using var test = TestMachine.With(medium);
        (Word(test.Primary.Identify(), 85) & 0x60).ShouldBe(0x60);
        test.Primary.Command(0xef, 0x82);
        test.Primary.ShouldInterruptWithStatus(IdeGuest.Idle);
        medium.Flushes.ShouldBe(1);
        test.Primary.Command(0xef, 0x55);
        (Word(test.Primary.Identify(), 85) & 0x60).ShouldBe(0);
        test.Primary.Command(0xef, 0x02);
        test.Primary.Command(0xef, 0xaa);
        (Word(test.Primary.Identify(), 85) & 0x60).ShouldBe(0x60);
    }

    [Fact]
    public void With_the_write_cache_off_a_write_ends_durable()
    {
        var medium = new MemoryMedium(8);
        using var test = TestMachine.With(medium);
        test.Primary.Command(0xef, 0x82);
        test.Primary.Command28(0x30, 1, 1);
        test.Primary.WriteData(new byte[512]);
        test.Primary.ShouldInterruptWithStatus(IdeGuest.Idle);
        medium.Flushes.ShouldBe(2);
    }

    [Theory]
    [InlineData(0xe7)]
    [InlineData(0xea)]
    [InlineData(0xe0)]
    [InlineData(0xe6)]
    public void Flush_cache_and_stopping_the_disk_flush_the_medium(byte command)
    {
        var medium = new MemoryMedium(8);
        using var test = TestMachine.With(medium);
        test.Primary.Command(command);
        test.Primary.ShouldInterruptWithStatus(IdeGuest.Idle);
        medium.Flushes.ShouldBe(1);
    }

    [Fact]
    public void A_flush_that_fails_is_a_device_fault()
    {
        using var test = TestMachine.With(new FailingMedium(new MemoryMedium(8), default, default) { FlushFails = true });
        test.Primary.Command(0xe7);
        test.Primary.ShouldInterruptWithStatus(0x70);
        test.ShouldHaveReported("ata0.0", "medium-write", "flush failed");
    }

    [Fact]
    public void Check_power_mode_follows_idle_and_standby()
    {
        using var test = TestMachine.With(new MemoryMedium(8));
        foreach ((byte command, byte expected) in new (byte, byte)[] { (0xe5, 0xff), (0xe1, 0x80), (0xe0, 0x00), (0xe3, 0x80), (0xe2, 0x00) })
        {
            test.Primary.Command(command);
            test.Primary.ShouldInterruptWithStatus(IdeGuest.Idle);
            test.Primary.Command(0xe5, count: 0x42);
            test.Primary.ShouldInterruptWithStatus(IdeGuest.Idle);
            test.Primary.SectorCount.ShouldBe(expected);
        }

        test.Primary.Command28(0x40, 0, 1);
        test.Primary.Command(0xe5);
        test.Primary.SectorCount.ShouldBe((byte)0xff, "an access wakes the disk");
    }

    [Fact]
    public void Only_a_reset_wakes_a_sleeping_disk()
    {
        using var test = TestMachine.With(new MemoryMedium(8));
        test.Primary.Command(0xe6);
        test.Primary.ShouldInterruptWithStatus(IdeGuest.Idle);
        test.Primary.Command(0xe5);
        test.Interrupt14.Level.ShouldBeFalse();
        test.ShouldHaveReported("ata0.0", "command-while-asleep", "0xe5");
        test.Primary.SoftwareReset();
        test.Primary.Command(0xe5);
        test.Primary.ShouldInterruptWithStatus(IdeGuest.Idle);
    }

    [Theory]
    [InlineData(0xf8)]
    [InlineData(0xa1)]
    [InlineData(0xb0)]
    [InlineData(0x08)]
    [InlineData(0x2f)]
    [InlineData(0x60)]
    public void An_unsupported_command_is_aborted_and_its_opcode_reported(byte command)
    {
        using var test = TestMachine.With(new MemoryMedium(8));
        test.Primary.Command(command);
        test.Primary.ShouldFail(IdeGuest.Aborted);
        test.ShouldHaveReported("ata0.0", "command-aborted", $"command 0x{command:x2} (not supported)");
    }

    [Fact]
    public void Nop_aborts_as_it_should()
    {
        using var test = TestMachine.With(new MemoryMedium(8));
        test.Primary.Command(0x00);
        test.Primary.ShouldFail(IdeGuest.Aborted);
        test.ShouldHaveReportedNothing();
    }

    [Fact]
    public void Set_multiple_mode_takes_powers_of_two_up_to_16()
    {
        using var test = TestMachine.With(new MemoryMedium(8));
        for (int count = 0; count < 256; count++)
        {
            test.Primary.Command(0xc6, count: (byte)count);
            bool accepted = count is 0 or 1 or 2 or 4 or 8 or 16;
            test.Primary.Status.ShouldBe(accepted ? IdeGuest.Idle : IdeGuest.Failed, $"{count}");
            if (accepted)
                Word(test.Primary.Identify(), 59).ShouldBe((ushort)(count == 0 ? 0 : 0x100 | count));
        }

        test.Primary.SoftwareReset();
        Word(test.Primary.Identify(), 59).ShouldBe((ushort)0, "a reset reverts it");
    }

    [Fact]
    public void Device_parameters_change_the_translation()
    {
        var medium = new MemoryMedium(1000);
        using var test = TestMachine.With(medium);
        test.Primary.Write(6, 0xa3);
        test.Primary.Command(0x91, count: 10);
        test.Primary.ShouldInterruptWithStatus(IdeGuest.Idle);
        byte[] words = test.Primary.Identify();
        (Word(words, 54), Word(words, 55), Word(words, 56)).ShouldBe(((ushort)25, (ushort)4, (ushort)10));
        (Word(words, 57) | Word(words, 58) << 16).ShouldBe(1000);

        // Cylinder 2, head 1, sector 3 is (2 * 4 + 1) * 10 + 2.
        test.Primary.Write(2, 1);
        test.Primary.Write(3, 3);
        test.Primary.Write(4, 2);
        test.Primary.Write(5, 0);
        test.Primary.Write(6, 0xa1);
        test.Primary.Write(7, 0x20);
        test.Primary.ReadData(512).ShouldBe(medium.Sectors(92, 1).ToArray());
    }

    [Theory]
    [InlineData(25, 0, 1)]
    [InlineData(0, 4, 1)]
    [InlineData(0, 0, 0)]
    [InlineData(0, 0, 11)]
    public void A_chs_address_outside_the_translation_is_not_found(int cylinder, int head, int sector)
    {
        using var test = TestMachine.With(new MemoryMedium(1000));
        test.Primary.Write(6, 0xa3);
        test.Primary.Command(0x91, count: 10);
        test.Primary.Write(2, 1);
        test.Primary.Write(3, (byte)sector);
        test.Primary.Write(4, (byte)cylinder);
        test.Primary.Write(5, 0);
        test.Primary.Write(6, (byte)(0xa0 | head));
        test.Primary.Write(7, 0x20);
        test.Primary.ShouldFail(IdeGuest.IdNotFound);
        test.ShouldHaveReported("ata0.0", "address-not-found", $"cylinder {cylinder} head {head} sector {sector} of 25/4/10");
    }

    [Fact]
    public void Zero_sectors_a_track_are_aborted()
    {
        using var test = TestMachine.With(new MemoryMedium(8));
        test.Primary.Command(0x91, count: 0);
        test.Primary.ShouldFail(IdeGuest.Aborted);
    }

    [Fact]
    public void Recalibrate_succeeds()
    {
        using var test = TestMachine.With(new MemoryMedium(8));
        test.Primary.Command(0x10);
        test.Primary.ShouldInterruptWithStatus(IdeGuest.Idle);
    }

    [Fact]
    public void A_command_during_a_transfer_is_ignored_and_reported()
    {
        using var test = TestMachine.With(new MemoryMedium(8));
        test.Primary.Command28(0x20, 0, 1);
        test.Primary.Write(7, 0xe7);
        test.Primary.AlternateStatus.ShouldBe(IdeGuest.Requesting);
        test.ShouldHaveReported("ata0.0", "command-while-busy", "command 0xe7");
        test.Primary.ReadData(512).Length.ShouldBe(512);
    }
}
