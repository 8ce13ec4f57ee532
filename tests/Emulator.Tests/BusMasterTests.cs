using L4;
using L4Io;

namespace Emulator.Tests;

public sealed class BusMasterTests
{
    private const uint Buffer = IdeGuest.Buffer;

    [Theory]
    [InlineData(0xc8, 0xca, false)]
    [InlineData(0x25, 0x35, true)]
    public void Dma_reads_and_writes_move_the_data(byte read, byte write, bool extended)
    {
        var medium = new MemoryMedium(256);
        byte[] expected = medium.Sectors(17, 8).ToArray();
        using var test = TestMachine.With(medium);
        test.Primary.DescriptorTable((Buffer, 4096));
        foreach ((byte command, uint lba, bool toMemory) in new[] { (read, 17u, true), (write, 100u, false) })
        {
            test.Primary.SetUpBusMaster(toMemory);
            if (extended)
                test.Primary.Command48(command, lba, 8);
            else
                test.Primary.Command28(command, lba, 8);
            test.Primary.AlternateStatus.ShouldBe(IdeGuest.Requesting);
            test.Interrupt14.Level.ShouldBeFalse();
            test.Primary.StartBusMaster(toMemory);
            test.Primary.ShouldEndDma(toMemory);
        }

        test.Memory.At(Buffer, 4096).ToArray().ShouldBe(expected);
        medium.Sectors(100, 8).ToArray().ShouldBe(expected);
        test.ShouldHaveReportedNothing();
    }

    [Fact]
    public void The_slave_and_the_secondary_channel_move_data_too()
    {
        var slave = new MemoryMedium(64, seed: 2);
        var secondary = new MemoryMedium(64, seed: 3);
        using var test = new TestMachine(new MachineDescription
        {
            Ide = new() { PrimarySlave = new(slave, "SLAVE"), SecondaryMaster = new(secondary, "SECOND") },
        });
        test.Primary.DescriptorTable((Buffer, 512));
        test.Primary.Dma28(0xc8, 9, 1, toMemory: true, device: 1);
        test.Primary.ShouldEndDma(toMemory: true);
        test.Memory.At(Buffer, 512).ToArray().ShouldBe(slave.Sectors(9, 1).ToArray());
        test.Secondary.Dma28(0xc8, 9, 1, toMemory: true);
        test.Secondary.ShouldEndDma(toMemory: true);
        test.Memory.At(Buffer, 512).ToArray().ShouldBe(secondary.Sectors(9, 1).ToArray());
        test.Interrupt15.RisingEdges.ShouldBe(1);
    }

    [Fact]
    public void Data_scattered_by_descriptors_arrives_in_order()
    {
        var medium = new MemoryMedium(64);
        using var test = TestMachine.With(medium);
        test.Primary.DescriptorTable((Buffer + 0x5000, 2), (Buffer + 0x1000, 1022), (Buffer + 0x3000, 1536), (Buffer + 0x3600, 1536));
        test.Primary.Dma28(0xc8, 4, 8, toMemory: true);
        test.Primary.ShouldEndDma(toMemory: true);
        byte[] data = medium.Sectors(4, 8).ToArray();
        test.Memory.At(Buffer + 0x5000, 2).ToArray().ShouldBe(data[..2]);
        test.Memory.At(Buffer + 0x1000, 1022).ToArray().ShouldBe(data[2..1024]);
        test.Memory.At(Buffer + 0x3000, 3072).ToArray().ShouldBe(data[1024..]);
        medium.Reads.ShouldBe(3, "regions that lie side by side are read at once");
    }

    [Fact]
    public void A_count_of_zero_in_a_descriptor_means_64_kib()
    {
        var medium = new MemoryMedium(256);
        using var test = TestMachine.With(medium);
        test.Primary.DescriptorTable((Buffer, 0), (Buffer + 0x1_0000, 0));
        test.Primary.Dma28(0xc8, 0, 256, toMemory: true);
        test.Primary.ShouldEndDma(toMemory: true);
        test.Memory.At(Buffer, 0x2_0000).ToArray().ShouldBe(medium.Bytes);
        medium.Reads.ShouldBe(1);
    }

    [Fact]
    public void Starting_before_the_command_moves_the_data_when_the_disk_asks()
    {
        var medium = new MemoryMedium(64);
        using var test = TestMachine.With(medium);
        test.Primary.DescriptorTable((Buffer, 512));
        test.Primary.SetUpBusMaster(toMemory: true);
        test.Primary.StartBusMaster(toMemory: true);
        test.Primary.BusMasterStatus.ShouldBe((byte)0x01);
        test.Primary.Command28(0xc8, 5, 1);
        test.Primary.ShouldEndDma(toMemory: true);
        test.Memory.At(Buffer, 512).ToArray().ShouldBe(medium.Sectors(5, 1).ToArray());
    }

    [Fact]
    public void More_room_than_data_leaves_the_channel_active()
    {
        using var test = TestMachine.With(new MemoryMedium(64));
        test.Primary.DescriptorTable((Buffer, 4096));
        test.Primary.Dma28(0xc8, 5, 1, toMemory: true);
        test.Primary.ShouldEndDma(toMemory: true, busMasterStatus: 0x05);
    }

    [Fact]
    public void A_table_without_end_after_the_data_leaves_the_channel_active()
    {
        using var test = TestMachine.With(new MemoryMedium(64));
        test.Primary.Descriptor(0, Buffer, 512, last: false);
        test.Primary.Dma28(0xc8, 5, 1, toMemory: true);
        test.Primary.ShouldEndDma(toMemory: true, busMasterStatus: 0x05);
    }

    [Fact]
    public void Less_room_than_data_stops_the_channel_and_a_second_start_goes_on()
    {
        var medium = new MemoryMedium(64);
        using var test = TestMachine.With(medium);
        test.Primary.DescriptorTable((Buffer, 700));
        test.Primary.Dma28(0xc8, 5, 2, toMemory: true);
        test.Primary.BusMasterStatus.ShouldBe((byte)0x00, "neither active nor interrupt: the table was too short");
        test.Primary.AlternateStatus.ShouldBe(IdeGuest.Requesting);
        test.Interrupt14.Level.ShouldBeFalse();
        test.Primary.StopBusMaster(toMemory: true);
        test.Primary.DescriptorTable((Buffer + 700, 324));
        test.Primary.StartBusMaster(toMemory: true);
        test.Primary.ShouldEndDma(toMemory: true);
        test.Memory.At(Buffer, 1024).ToArray().ShouldBe(medium.Sectors(5, 2).ToArray());
    }

    [Fact]
    public void Dma_to_memory_outside_the_windows_sets_error_and_moves_nothing()
    {
        using var test = TestMachine.With(new MemoryMedium(64));
        test.Primary.DescriptorTable((0x8000_0000, 512));
        test.Primary.Dma28(0xc8, 5, 1, toMemory: true);
        test.Primary.BusMasterStatus.ShouldBe((byte)0x02);
        test.Primary.AlternateStatus.ShouldBe(IdeGuest.Requesting);
        test.Interrupt14.Level.ShouldBeFalse();
        (test.Machine.ReadConfig(TestMachine.Ide, 6, 2) & 0x2000).ShouldBe(0x2000u, "received master abort");
        test.Machine.WriteConfig(TestMachine.Ide, 6, 2, 0x2000);
        test.Machine.ReadConfig(TestMachine.Ide, 6, 2).ShouldBe(0x0280u);
        test.ShouldHaveReported("bus-master0", "dma-refused", "512 bytes at 0x80000000 to write");
    }

    [Fact]
    public void A_window_refuses_the_direction_that_it_was_not_made_for()
    {
        var medium = new MemoryMedium(64);
        using var test = TestMachine.With(medium);
        test.Memory.Windows.Clear();
        test.Memory.Windows.Add((new Extent(IdeGuest.Table, 0x1000), DmaAccess.Read));
        test.Memory.Windows.Add((new Extent(Buffer, 0x1000), DmaAccess.Read));
        test.Primary.DescriptorTable((Buffer, 512));
        test.Primary.Dma28(0xc8, 5, 1, toMemory: true);
        test.Primary.BusMasterStatus.ShouldBe((byte)0x02);
        test.Primary.SoftwareReset();
        test.Primary.StopBusMaster(toMemory: true);
        test.Primary.Dma28(0xca, 5, 1, toMemory: false);
        test.Primary.ShouldEndDma(toMemory: false);
    }

    [Fact]
    public void What_came_before_a_refused_region_was_moved()
    {
        var medium = new MemoryMedium(64);
        using var test = TestMachine.With(medium);
        test.Primary.DescriptorTable((Buffer, 512), (0x10u, 512));
        test.Primary.Dma28(0xc8, 5, 2, toMemory: true);
        test.Primary.BusMasterStatus.ShouldBe((byte)0x02);
        test.Memory.At(Buffer, 512).ToArray().ShouldBe(medium.Sectors(5, 1).ToArray());
    }

    [Fact]
    public void Dma_read_past_end_of_descriptor_memory_sets_error()
    {
        using var test = TestMachine.With(new MemoryMedium(64));
        test.Primary.SetUpBusMaster(toMemory: true, table: 0x4000_0000);
        test.Primary.Command28(0xc8, 5, 1);
        test.Primary.StartBusMaster(toMemory: true);
        test.Primary.BusMasterStatus.ShouldBe((byte)0x02);
        test.ShouldHaveReported("bus-master0", "dma-refused", "descriptor at 0x40000000");
    }

    [Fact]
    public void A_descriptor_table_that_crosses_64_kib_sets_error()
    {
        using var test = TestMachine.With(new MemoryMedium(64));
        uint table = IdeGuest.Table + 0xfff8;
        test.Primary.Descriptor(0xfff8 / 8, Buffer, 512, last: false);
        test.Primary.Descriptor(0x1_0000 / 8, Buffer + 512, 512, last: true);
        test.Primary.SetUpBusMaster(toMemory: true, table);
        test.Primary.Command28(0xc8, 5, 2);
        test.Primary.StartBusMaster(toMemory: true);
        test.Primary.BusMasterStatus.ShouldBe((byte)0x02);
        test.ShouldHaveReported("bus-master0", "descriptor-table", $"0x{table:x8}");
    }

    [Fact]
    public void A_region_that_crosses_64_kib_sets_error()
    {
        using var test = TestMachine.With(new MemoryMedium(64));
        test.Primary.DescriptorTable((Buffer + 0xff00, 512));
        test.Primary.Dma28(0xc8, 5, 1, toMemory: true);
        test.Primary.BusMasterStatus.ShouldBe((byte)0x02);
        test.ShouldHaveReported("bus-master0", "descriptor-region", "512 bytes at 0x0011ff00 crosses");
    }

    [Fact]
    public void Dma_without_memory_sets_error()
    {
        using var test = TestMachine.With(new MemoryMedium(64));
        test.Machine.SetDmaMemory(TestMachine.Ide, null);
        test.Primary.Dma28(0xc8, 5, 1, toMemory: true);
        test.Primary.BusMasterStatus.ShouldBe((byte)0x02);
        test.ShouldHaveReported("bus-master0", "dma-refused", "without any memory window");
        Should.Throw<ArgumentException>(() => test.Machine.SetDmaMemory(new PciAddress(0, 5, 0), null));
    }

    [Fact]
    public void A_reset_after_an_error_makes_the_channel_work_again()
    {
        var medium = new MemoryMedium(64);
        using var test = TestMachine.With(medium);
        test.Primary.DescriptorTable((0x10u, 512));
        test.Primary.Dma28(0xc8, 5, 1, toMemory: true);
        test.Primary.StopBusMaster(toMemory: true);
        test.Primary.SoftwareReset();
        test.Primary.DescriptorTable((Buffer, 512));
        test.Primary.Dma28(0xc8, 5, 1, toMemory: true);
        test.Primary.ShouldEndDma(toMemory: true);
        test.Memory.At(Buffer, 512).ToArray().ShouldBe(medium.Sectors(5, 1).ToArray());
    }

    [Fact]
    public void Nothing_moves_before_bus_mastering_is_enabled()
    {
        using var test = TestMachine.With(new MemoryMedium(64));
        test.Machine.WriteConfig(TestMachine.Ide, 4, 2, 0x1);
        test.Primary.DescriptorTable((Buffer, 512));
        test.Primary.Dma28(0xc8, 5, 1, toMemory: true);
        test.Primary.BusMasterStatus.ShouldBe((byte)0x01);
        test.ShouldHaveReported("bus-master0", "bus-master-disabled", "PCICMD.BME");
        test.Machine.WriteConfig(TestMachine.Ide, 4, 2, 0x5);
        test.Primary.ShouldEndDma(toMemory: true);
    }

    [Fact]
    public void Nothing_moves_when_the_directions_disagree()
    {
        var medium = new MemoryMedium(64);
        byte[] before = [.. medium.Bytes];
        using var test = TestMachine.With(medium);
        test.Primary.DescriptorTable((Buffer, 512));
        test.Primary.SetUpBusMaster(toMemory: true);
        test.Primary.Command28(0xca, 5, 1);
        test.Primary.StartBusMaster(toMemory: true);
        test.Primary.BusMasterStatus.ShouldBe((byte)0x01);
        medium.Bytes.ShouldBe(before);
        test.ShouldHaveReported("bus-master0", "dma-direction", "BMICOM 0x09");
    }

    [Fact]
    public void Stopping_clears_active_and_direction_is_fixed_while_active()
    {
        using var test = TestMachine.With(new MemoryMedium(64));
        test.Primary.StartBusMaster(toMemory: true);
        test.Primary.BusMasterCommand.ShouldBe((byte)0x09);
        test.Primary.StartBusMaster(toMemory: false);
        test.Primary.BusMasterCommand.ShouldBe((byte)0x09);
        test.Primary.StopBusMaster(toMemory: true);
        test.Primary.BusMasterStatus.ShouldBe((byte)0);
        test.Primary.StopBusMaster(toMemory: false);
        test.Primary.BusMasterCommand.ShouldBe((byte)0);
    }

    [Fact]
    public void Status_bits_clear_by_one_and_capable_bits_are_kept()
    {
        using var test = TestMachine.With(new MemoryMedium(64));
        test.Primary.Command(0xe7);
        test.Primary.BusMasterStatus.ShouldBe((byte)0x04, "every interrupt is seen, not only after DMA");
        test.Machine.WritePort(0xc002, 1, 0x60);
        test.Primary.BusMasterStatus.ShouldBe((byte)0x64);
        test.Machine.WritePort(0xc002, 1, 0x64);
        test.Primary.BusMasterStatus.ShouldBe((byte)0x60, "cleared although the line is still high");
        test.Interrupt14.Level.ShouldBeTrue();
        test.Machine.WritePort(0xc002, 1, 0x80);
        test.Primary.BusMasterStatus.ShouldBe((byte)0x00, "not simplex");
        test.ShouldHaveReportedNothing();
        test.Machine.WritePort(0xc002, 1, 0x18);
        test.ShouldHaveReported("bus-master0", "reserved-write", "BMISTA: reserved bits 0x18");
    }

    [Fact]
    public void Registers_can_be_accessed_as_bytes_words_and_doublewords()
    {
        using var test = TestMachine.With(new MemoryMedium(64));
        test.Machine.WritePort(0xc00c, 4, 0x1234_5678);
        test.Machine.ReadPort(0xc00c, 4).ShouldBe(0x1234_5678u);
        test.Machine.ReadPort(0xc00e, 2).ShouldBe(0x1234u);
        test.Machine.ReadPort(0xc00d, 1).ShouldBe(0x56u);
        test.Machine.WritePort(0xc00d, 1, 0xff);
        test.Machine.WritePort(0xc00e, 2, 0xabcd);
        test.Machine.ReadPort(0xc00c, 4).ShouldBe(0xabcd_ff78u);
        test.Machine.WritePort(0xc008, 4, 0x0060_0008);
        test.Machine.ReadPort(0xc008, 4).ShouldBe(0x0060_0008u);
        test.Machine.ReadPort(0xc009, 1).ShouldBe(0u);
        test.ShouldHaveReportedNothing();
        test.Machine.ReadPort(0xc00a, 4).ShouldBe(uint.MaxValue);
        test.Machine.WritePort(0xc00b, 2, 0);
        test.Events.Count("bus-master1", "bad-width").ShouldBe(2);
        test.Machine.WritePort(0xc004, 4, 0x1001);
        test.Machine.ReadPort(0xc004, 4).ShouldBe(0x1000u);
        test.ShouldHaveReported("bus-master0", "reserved-write", "BMIDTP: reserved bits 0x1 ");
    }

    [Theory]
    [InlineData(0xc001, 1, 0x40, "register 1: reserved bits 0x40 ")]
    [InlineData(0xc003, 1, 0x01, "register 3: reserved bits 0x1 ")]
    [InlineData(0xc000, 4, 0x0060_4008, "register 1: reserved bits 0x40 ")]
    public void Ones_for_reserved_ports_are_reported_where_they_are(int port, int width, int value, string text)
    {
        using var test = TestMachine.With(new MemoryMedium(64));
        test.Machine.WritePort((ushort)port, width, (uint)value);
        test.ShouldHaveReported("bus-master0", "reserved-write", text);
        test.Machine.ReadPort(0xc000, 4).ShouldBe(width == 4 ? 0x0060_0008u : 0u);
    }

    [Fact]
    public void An_unreadable_sector_ends_dma_with_its_address()
    {
        var medium = new MemoryMedium(64);
        using var test = TestMachine.With(new FailingMedium(medium, new Extent(12 * 512, 1024), default));
        test.Primary.DescriptorTable((Buffer, 4096));
        test.Primary.Dma28(0xc8, 10, 8, toMemory: true);
        test.Primary.BusMasterStatus.ShouldBe((byte)0x05);
        test.Primary.StopBusMaster(toMemory: true);
        test.Primary.ShouldFail(IdeGuest.Uncorrectable);
        test.Primary.Lba24.ShouldBe(12u);
        test.Memory.At(Buffer, 1024).ToArray().ShouldBe(medium.Sectors(10, 2).ToArray());
    }

    [Fact]
    public void An_unwritable_sector_ends_dma_with_a_device_fault()
    {
        var medium = new MemoryMedium(64);
        using var test = TestMachine.With(new FailingMedium(medium, default, new Extent(12 * 512, 1024)));
        test.Memory.At(Buffer, 4096).Fill(0x5a);
        test.Primary.DescriptorTable((Buffer, 4096));
        test.Primary.Dma28(0xca, 10, 8, toMemory: false);
        test.Primary.StopBusMaster(toMemory: false);
        test.Primary.ShouldInterruptWithStatus(0x70);
        medium.Sectors(10, 2).ToArray().ShouldAllBe(b => b == 0x5a);
        medium.Sectors(12, 1).ToArray().ShouldNotBe(Enumerable.Repeat((byte)0x5a, 512));
    }

    [Fact]
    public void A_command_that_fails_at_once_interrupts_and_moves_nothing()
    {
        using var test = TestMachine.With(new MemoryMedium(64));
        test.Primary.DescriptorTable((Buffer, 512));
        test.Primary.Dma28(0xc8, 64, 1, toMemory: true);
        test.Primary.BusMasterStatus.ShouldBe((byte)0x05);
        test.Primary.StopBusMaster(toMemory: true);
        test.Primary.ShouldFail(IdeGuest.IdNotFound);
    }

    [Fact]
    public void A_dma_command_allocates_nothing()
    {
        using var test = TestMachine.With(new MemoryMedium(64));
        test.Primary.DescriptorTable((Buffer, 2048), (Buffer + 0x4000, 2048));
        Allocations.ShouldSettleAtNone(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                test.Primary.Dma28(0xc8, 5, 8, toMemory: true);
                test.Primary.StopBusMaster(toMemory: true);
                _ = test.Primary.Status;
            }
        });
        test.ShouldHaveReportedNothing();
    }
}
