using Bddf;
using Emulator;
using Emulator.Tests;
using L4;
using static Emulator.Tests.TaskFileBlock;

namespace CommandGuard.Tests;

public sealed class TaskfileGuardTests : IDisposable
{
    private readonly GuardedMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void A_disk_is_known_by_what_it_says_itself()
    {
        _machine.Guard.List().ShouldBeEmpty();
        _machine.Guest.Identify();
        _machine.Guest.Identify(device: 1);
        _machine.Guard.List().Select(d => (d.Unit, d.Serial, d.Sectors, d.SectorSize)).ShouldBe([(0u, "MASTER", 2000UL, 512u), (1u, "SLAVE", 500UL, 512u)]);
    }

    [Fact]
    public void A_driver_cannot_pass_the_identity_of_one_disk_off_as_another_ones()
    {
        _machine.Guest.Select(1);
        _machine.Guest.Write(7, (byte)AtaCommand.IdentifyDevice);
        _machine.Guest.ReadData(510);
        _machine.Guest.Select(0);
        _machine.Guest.ReadData(2);
        _machine.Guard.List().ShouldBeEmpty();
    }

    [Fact]
    public void A_table_is_for_a_disk_that_identified_itself() =>
        Should.Throw<ServiceException>(() => _machine.Guard.OpenTable(2, _machine.ClientCapability, 1)).Error.ShouldBe(ServiceError.NotFound);

    [Fact]
    public void An_authorised_read_fills_the_clients_memory_and_is_marked_once_the_driver_has_read_its_status()
    {
        _machine.WithTable();
        ulong tag = _machine.Authorise(3, BlockOperation.Read, 100, 8, offset: 4096);
        _machine.Dma(AtaCommand.ReadDma, 100, 8, toMemory: true, GuardedMachine.ClientBus + 4096);
        _machine.Table.DoneOf(3, tag).ShouldBe(0u);
        _machine.Guest.ShouldEndDma(toMemory: true);
        _machine.Table.DoneOf(3, tag).ShouldBe(8u);
        _machine.ClientMapping.Bytes.Slice(4096, 4096).SequenceEqual(_machine.Medium.Sectors(100, 8)).ShouldBeTrue();
        _machine.ShouldReportNothing();
    }

    [Fact]
    public void An_authorised_write_reaches_the_medium_in_pieces_and_what_is_done_grows()
    {
        _machine.WithTable();
        _machine.ClientMapping.Bytes.Fill(0x5a);
        ulong tag = _machine.Authorise(0, BlockOperation.Write, 200, 16);
        for (uint piece = 0; piece < 2; piece++)
        {
            _machine.Dma(AtaCommand.WriteDma, 200 + piece * 8, 8, toMemory: false, GuardedMachine.ClientBus + piece * 4096);
            _machine.Guest.ShouldEndDma(toMemory: false);
            _machine.Table.DoneOf(0, tag).ShouldBe((piece + 1) * 8);
        }
        _machine.Medium.Sectors(200, 16).ToArray().ShouldAllBe(b => b == 0x5a);
        _machine.ShouldReportNothing();
    }

    [Fact]
    public void A_write_that_nobody_asked_for_is_aborted_and_the_medium_is_as_it_was()
    {
        _machine.WithTable();
        _machine.Dma(AtaCommand.WriteDma, 100, 8, toMemory: false);
        _machine.ShouldRefuse("no authorised Write covers 8 sectors at 100");
        _machine.Medium.Writes.ShouldBe(0);
    }

    [Theory]
    [InlineData(99, 8)]
    [InlineData(101, 8)]
    [InlineData(100, 9)]
    [InlineData(0, 1)]
    [InlineData(116, 1)]
    public void A_write_that_is_not_wholly_inside_what_was_authorised_is_aborted(uint first, int count)
    {
        _machine.WithTable();
        _machine.Authorise(0, BlockOperation.Write, 100, 8);
        _machine.Dma(AtaCommand.WriteDma, first, count, toMemory: false);
        _machine.ShouldRefuse($"no authorised Write covers {count} sectors at {first}");
        _machine.Medium.Writes.ShouldBe(0);
    }

    [Fact]
    public void Reading_authorises_no_writing()
    {
        _machine.WithTable();
        _machine.Authorise(0, BlockOperation.Read, 100, 8);
        _machine.Dma(AtaCommand.WriteDma, 100, 8, toMemory: false);
        _machine.ShouldRefuse("no authorised Write");
        _machine.Medium.Writes.ShouldBe(0);
    }

    [Theory]
    [InlineData(GuardedMachine.ClientBus + 512)]
    [InlineData(TestDmaMemory.Base + 0x2_0000)]
    [InlineData(0x7000_0000)]
    public void A_write_from_other_memory_than_the_clients_is_aborted(uint address)
    {
        _machine.WithTable();
        _machine.Authorise(0, BlockOperation.Write, 100, 8);
        _machine.Dma(AtaCommand.WriteDma, 100, 8, toMemory: false, address);
        _machine.ShouldRefuse("are not the memory that was authorised");
        _machine.Medium.Writes.ShouldBe(0);
    }

    [Fact]
    public void A_table_of_descriptors_that_ends_early_is_refused()
    {
        _machine.WithTable();
        _machine.Authorise(0, BlockOperation.Write, 100, 8);
        _machine.Guest.DescriptorTable((GuardedMachine.ClientBus, 512));
        _machine.Guest.Dma28((byte)AtaCommand.WriteDma, 100, 8, toMemory: false);
        _machine.ShouldRefuse("ends 3584 bytes early");
    }

    [Fact]
    public void Two_requests_that_read_the_same_sectors_each_get_them()
    {
        _machine.WithTable();
        _machine.Authorise(0, BlockOperation.Read, 100, 1, offset: 0);
        ulong second = _machine.Authorise(1, BlockOperation.Read, 100, 1, offset: 512);
        _machine.Dma(AtaCommand.ReadDma, 100, 1, toMemory: true, GuardedMachine.ClientBus + 512);
        _machine.Guest.ShouldEndDma(toMemory: true);
        _machine.Table.DoneOf(1, second).ShouldBe(1u);
        _machine.ShouldReportNothing();
    }

    [Fact]
    public void The_direction_of_the_bus_master_has_to_be_the_commands()
    {
        _machine.WithTable();
        _machine.Authorise(0, BlockOperation.Write, 100, 8);
        _machine.Dma(AtaCommand.WriteDma, 100, 8, toMemory: true);
        _machine.ShouldRefuse("other direction");
    }

    [Fact]
    public void An_authority_that_was_taken_back_is_none()
    {
        _machine.WithTable();
        ulong tag = _machine.Authorise(0, BlockOperation.Write, 100, 8);
        _machine.Table.Retire(0, tag + 1);
        _machine.Table.TryRead(0, out _, out _).ShouldBeTrue();
        _machine.Table.Retire(0, tag);
        _machine.Dma(AtaCommand.WriteDma, 100, 8, toMemory: false);
        _machine.ShouldRefuse("no authorised Write");
    }

    [Fact]
    public void A_table_that_was_closed_authorises_nothing()
    {
        _machine.WithTable();
        _machine.Authorise(0, BlockOperation.Write, 100, 8);
        _machine.Control.Close();
        _machine.Dma(AtaCommand.WriteDma, 100, 8, toMemory: false);
        _machine.ShouldRefuse("no authorised Write");
    }

    [Fact]
    public void The_bus_master_may_be_started_before_the_command_is_given()
    {
        _machine.WithTable();
        _machine.Authorise(0, BlockOperation.Read, 100, 1);
        var guest = _machine.Guest;
        guest.DescriptorTable((GuardedMachine.ClientBus, 512));
        guest.SetUpBusMaster(toMemory: true);
        guest.StartBusMaster(toMemory: true);
        ((BusMasterBlock.CommandValue)guest.BusMasterCommand).Start.ShouldBeTrue();
        guest.Command28((byte)AtaCommand.ReadDma, 100, 1);
        guest.ShouldEndDma(toMemory: true);
        _machine.ClientMapping.Bytes[..512].SequenceEqual(_machine.Medium.Sectors(100, 1)).ShouldBeTrue();
    }

    [Fact]
    public void A_command_that_waits_for_the_bus_master_looks_busy()
    {
        _machine.WithTable();
        _machine.Authorise(0, BlockOperation.Read, 100, 1);
        _machine.Guest.Command28((byte)AtaCommand.ReadDma, 100, 1);
        ((StatusValue)_machine.Guest.Status).Busy.ShouldBeTrue();
        _machine.Guest.SoftwareReset();
        ((StatusValue)_machine.Guest.Status).Busy.ShouldBeFalse();
    }

    [Fact]
    public void The_driver_reads_back_the_table_that_it_set()
    {
        _machine.Guest.SetUpBusMaster(toMemory: true, table: 0x12345678);
        _machine.Ports.ReadPort((ushort)(_machine.BusMaster + 4), 4).ShouldBe(0x12345678u);
        _machine.Ports.ReadPort((ushort)(_machine.BusMaster + 6), 1).ShouldBe(0x34u);
    }

    [Fact]
    public void A_transfer_that_is_stopped_before_its_end_is_not_marked()
    {
        // The medium fails in the middle: the device stops with an error.
        using var machine = new GuardedMachine(disk: new FailingMedium(new MemoryMedium(2000), new Extent(104 * 512, 512), default)).WithTable();
        ulong tag = machine.Authorise(0, BlockOperation.Read, 100, 8);
        machine.Dma(AtaCommand.ReadDma, 100, 8, toMemory: true);
        machine.Guest.StopBusMaster(toMemory: true);
        ((StatusValue)machine.Guest.Status).Error.ShouldBeTrue();
        machine.Table.DoneOf(0, tag).ShouldBe(0u);
    }

    [Fact]
    public void A_48_bit_write_is_read_as_the_device_reads_it()
    {
        _machine.WithTable();
        ulong tag = _machine.Authorise(0, BlockOperation.Write, 1000, 8);
        _machine.Guest.DescriptorTable((GuardedMachine.ClientBus, 4096));
        _machine.Guest.SetUpBusMaster(toMemory: false);
        _machine.Guest.Command48((byte)AtaCommand.WriteDmaExt, 1000, 8);
        _machine.Guest.StartBusMaster(toMemory: false);
        _machine.Guest.ShouldEndDma(toMemory: false);
        _machine.Table.DoneOf(0, tag).ShouldBe(8u);
    }

    [Fact]
    public void An_address_that_was_not_written_since_the_last_command_does_not_count()
    {
        _machine.WithTable();
        _machine.Authorise(0, BlockOperation.Write, 100, 8);
        _machine.Dma(AtaCommand.WriteDma, 100, 8, toMemory: false);
        _machine.Guest.ShouldEndDma(toMemory: false);
        _machine.Guest.SetUpBusMaster(toMemory: false);
        _machine.Guest.Write(7, (byte)AtaCommand.WriteDma);
        _machine.Guest.StartBusMaster(toMemory: false);
        _machine.ShouldRefuse("not written whole");
        _machine.Medium.Writes.ShouldBe(1);
    }

    [Fact]
    public void After_a_reset_the_selected_device_is_not_the_one_that_was_chosen_before()
    {
        _machine.WithTable();
        _machine.Authorise(0, BlockOperation.Write, 100, 8);
        _machine.Guest.Select(1);
        _machine.Guest.SoftwareReset();
        foreach (byte register in (byte[])[2, 3, 4, 5])
        {
            _machine.Guest.Write(register, 0);
            _machine.Guest.Write(register, 1);
        }
        _machine.Guest.Write(7, (byte)AtaCommand.WriteDmaExt);
        _machine.ShouldRefuse("not written whole");
    }

    [Fact]
    public void Sectors_moved_by_the_processor_are_authorised_too()
    {
        _machine.WithTable();
        ulong read = _machine.Authorise(0, BlockOperation.Read, 10, 2);
        _machine.Guest.Command28((byte)AtaCommand.ReadSectors, 10, 2);
        for (int sector = 0; sector < 2; sector++)
        {
            _machine.Guest.Status.ShouldBe(IdeGuest.Requesting);
            _machine.Table.DoneOf(0, read).ShouldBe(0u);
            _machine.Guest.ReadData(512).AsSpan().SequenceEqual(_machine.Medium.Sectors(10 + sector, 1)).ShouldBeTrue();
        }
        _machine.Guest.Status.ShouldBe(IdeGuest.Idle);
        _machine.Table.DoneOf(0, read).ShouldBe(2u);
        _machine.Guest.Command28((byte)AtaCommand.WriteSectors, 10, 1);
        _machine.ShouldRefuse("no authorised Write covers 1 sectors at 10");
        _machine.Medium.Writes.ShouldBe(0);
    }

    [Fact]
    public void What_the_processor_writes_is_what_the_client_has()
    {
        _machine.WithTable();
        new Random(3).NextBytes(_machine.ClientMapping.Bytes);
        ulong tag = _machine.Authorise(0, BlockOperation.Write, 10, 2, offset: 512);
        _machine.Guest.Command28((byte)AtaCommand.WriteSectors, 10, 2);
        _machine.Guest.WriteData(new byte[100], width: 1);
        _machine.Guest.WriteData(new byte[700], width: 4);
        _machine.Guest.WriteData(new byte[700], width: 2);
        _machine.Guest.Status.ShouldBe(IdeGuest.Idle);
        _machine.Medium.Sectors(10, 2).SequenceEqual(_machine.ClientMapping.Bytes.Slice(512, 1024)).ShouldBeTrue();
        _machine.Table.DoneOf(0, tag).ShouldBe(2u);
        _machine.Guest.WriteData(new byte[2]);
        _machine.Events.Count("l4io", "data-refused").ShouldBe(2);
    }

    [Fact]
    public void The_address_of_a_command_that_waits_for_the_bus_master_stays_as_it_was_checked()
    {
        _machine.WithTable();
        _machine.Authorise(0, BlockOperation.Write, 100, 8);
        _machine.Guest.DescriptorTable((GuardedMachine.ClientBus, 4096));
        _machine.Guest.SetUpBusMaster(toMemory: false);
        _machine.Guest.Command28((byte)AtaCommand.WriteDma, 100, 8);
        _machine.Guest.Write(3, 7);
        _machine.Guest.Select(1);
        byte[] before = [.. _machine.Medium.Sectors(7, 8)];
        _machine.Guest.StartBusMaster(toMemory: false);
        _machine.Guest.ShouldEndDma(toMemory: false);
        _machine.Medium.Sectors(7, 8).SequenceEqual(before).ShouldBeTrue();
        _machine.Medium.Sectors(100, 8).SequenceEqual(_machine.ClientMapping.Bytes[..4096]).ShouldBeTrue();
    }

    [Fact]
    public void A_flush_is_marked_for_all_who_waited_for_it()
    {
        _machine.WithTable();
        ulong first = _machine.Authorise(0, BlockOperation.Flush, 0, 0);
        ulong second = _machine.Authorise(1, BlockOperation.Flush, 0, 0);
        _machine.Guest.Select(0);
        _machine.Guest.Write(7, (byte)AtaCommand.FlushCache);
        ulong late = _machine.Authorise(2, BlockOperation.Flush, 0, 0);
        _machine.Guest.ShouldInterruptWithStatus(IdeGuest.Idle);
        _machine.Table.DoneOf(0, first).ShouldBe(1u);
        _machine.Table.DoneOf(1, second).ShouldBe(1u);
        _machine.Table.DoneOf(2, late).ShouldBe(0u);
    }

    [Theory]
    [InlineData((byte)AtaCommand.DataSetManagement)]
    [InlineData((byte)AtaCommand.SetMaxAddress)]
    [InlineData((byte)AtaCommand.SetMaxExt)]
    [InlineData((byte)AtaCommand.SecuritySetPassword)]
    [InlineData((byte)AtaCommand.SecurityUnlock)]
    [InlineData((byte)AtaCommand.SecurityErasePrepare)]
    [InlineData((byte)AtaCommand.SecurityEraseUnit)]
    [InlineData((byte)AtaCommand.SecurityFreezeLock)]
    [InlineData((byte)AtaCommand.SecurityDisablePassword)]
    [InlineData((byte)AtaCommand.DeviceConfiguration)]
    [InlineData((byte)AtaCommand.Sanitize)]
    [InlineData((byte)AtaCommand.DownloadMicrocode)]
    [InlineData(0x45)]
    [InlineData(0xff)]
    public void What_no_session_gives_the_right_to_is_aborted(byte command)
    {
        _machine.WithTable();
        _machine.Authorise(0, BlockOperation.Write, 0, 2000);
        _machine.Guest.Command28(command, 0, 1);
        _machine.ShouldRefuse("no session gives the right");
    }

    [Fact]
    public void Features_that_tune_pass_and_others_do_not()
    {
        _machine.Guest.Select(0);
        _machine.Guest.Command((byte)AtaCommand.SetFeatures, features: 0x03, count: 0x45);
        _machine.Guest.ShouldInterruptWithStatus(IdeGuest.Idle);
        _machine.ShouldReportNothing();
        _machine.Guest.Command((byte)AtaCommand.SetFeatures, features: 0xf1);
        _machine.ShouldRefuse("feature 0xf1");
    }

    [Fact]
    public void A_wide_write_cannot_carry_one_register_into_the_next()
    {
        _machine.WithTable();
        _machine.Ports.WritePort(0x1f6, 2, 0x35e0);
        _machine.Ports.WritePort(0x1f4, 4, 0x35e0_0000);
        _machine.Ports.WritePort((ushort)_machine.BusMaster, 4, 1);
        _machine.Ports.WritePortBlock(0x1f7, 1, [0x35]);
        _machine.Events.Count("l4io", "access-refused").ShouldBe(4);
    }

    [Fact]
    public void The_next_holder_finds_the_guard_as_after_a_reset()
    {
        _machine.WithTable();
        _machine.Authorise(0, BlockOperation.Write, 100, 8);
        _machine.Guest.Command28((byte)AtaCommand.WriteDma, 100, 8);
        _machine.Grant(again: true);
        ((StatusValue)_machine.Guest.Status).Busy.ShouldBeFalse();
        _machine.Dma(AtaCommand.WriteDma, 100, 8, toMemory: false);
        _machine.Guest.ShouldEndDma(toMemory: false);
        _machine.ShouldReportNothing();
    }

    [Fact]
    public void Guarded_commands_allocate_nothing()
    {
        _machine.WithTable();
        _machine.Authorise(5, BlockOperation.Read, 100, 8);
        Testing.Allocations.ShouldSettleAtNone(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                _machine.Dma(AtaCommand.ReadDma, 100, 8, toMemory: true);
                _machine.Guest.StopBusMaster(toMemory: true);
                _ = _machine.Guest.Status;
                _machine.Guest.ClearBusMasterStatus();
            }
        });
    }
}
