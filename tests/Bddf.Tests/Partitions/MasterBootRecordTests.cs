namespace Bddf.Tests.Partitions;

public sealed class MasterBootRecordTests
{
    private readonly SparseDisk _disk = new(100_000);

    [Fact]
    public void Blank_disk_has_no_partitions_and_no_error()
    {
        var table = _disk.ReadTable();

        table.Partitions.ShouldBeEmpty();
        table.Error.ShouldBeNull();
        table.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public void Primary_partitions_keep_the_numbers_of_their_slots()
    {
        _disk.WriteBootRecord(0, (0, 0, 0), (0x83, 2048, 100), (0, 0, 0), (0x0C, 4096, 200));

        _disk.ReadTable().Partitions.ShouldBe(
        [
            new BlockPartition("disk0p2", "mbr", "83", 2048, 100),
            new BlockPartition("disk0p4", "mbr", "c", 4096, 200),
        ]);
    }

    [Fact]
    public void Logical_partitions_are_numbered_from_five_in_the_order_of_the_chain()
    {
        _disk.WriteBootRecord(0, (0x83, 2048, 100), (0x05, 10_000, 50_000));
        _disk.WriteBootRecord(10_000, (0x83, 63, 1000), (0x05, 30_000, 1100));
        _disk.WriteBootRecord(40_000, (0x82, 63, 1000), (0x05, 20_000, 1100));
        _disk.WriteBootRecord(30_000, (0x07, 63, 1000));

        _disk.ReadTable().Partitions.ShouldBe(
        [
            new BlockPartition("disk0p1", "mbr", "83", 2048, 100),
            new BlockPartition("disk0p2", "mbr", "5", 10_000, 50_000),
            new BlockPartition("disk0p5", "mbr", "83", 10_063, 1000),
            new BlockPartition("disk0p6", "mbr", "82", 40_063, 1000),
            new BlockPartition("disk0p7", "mbr", "7", 30_063, 1000),
        ]);
    }

    [Theory]
    [InlineData(0x05)]
    [InlineData(0x0F)]
    [InlineData(0x85)]
    public void Every_type_of_extended_partition_is_looked_into(byte type)
    {
        _disk.WriteBootRecord(0, (type, 1000, 1000));
        _disk.WriteBootRecord(1000, (0x83, 1, 10));

        _disk.ReadTable().Partitions.Select(p => p.Name).ShouldBe(["disk0p1", "disk0p5"]);
    }

    [Fact]
    public void Boot_record_without_a_partition_takes_no_number()
    {
        _disk.WriteBootRecord(0, (0x05, 1000, 5000));
        _disk.WriteBootRecord(1000, (0, 0, 0), (0x05, 100, 100));
        _disk.WriteBootRecord(1100, (0x83, 1, 10));

        _disk.ReadTable().Partitions.ShouldContain(new BlockPartition("disk0p5", "mbr", "83", 1101, 10));
    }

    [Fact]
    public void Overlapping_partitions_are_an_error_that_names_both()
    {
        _disk.WriteBootRecord(0, (0x83, 2048, 1000), (0x83, 3000, 1000));

        ShouldFail("disk0: partition 2 (sectors 3000..3999) overlaps partition 1 (sectors 2048..3047)");
    }

    [Fact]
    public void Partition_inside_another_that_begins_much_earlier_is_found_to_overlap()
    {
        _disk.WriteBootRecord(0, (0x83, 100, 10_000), (0x83, 200, 10), (0x83, 5000, 10));

        ShouldFail("disk0: partition 2 (sectors 200..209) overlaps partition 1 (sectors 100..10099)");
    }

    [Theory]
    [InlineData(99_999u, 2u)]
    [InlineData(100_000u, 1u)]
    [InlineData(uint.MaxValue, uint.MaxValue)]
    public void Partition_past_the_end_is_an_error(uint start, uint sectors)
    {
        _disk.WriteBootRecord(0, (0x83, start, sectors));

        ShouldFail($"disk0: partition 1 (sectors {start}..{(ulong)start + sectors - 1}) goes past the end of the disk, which has 100000 sectors");
    }

    [Fact]
    public void Primary_partition_inside_the_extended_one_is_an_error()
    {
        _disk.WriteBootRecord(0, (0x05, 1000, 5000), (0x83, 2000, 10));
        _disk.WriteBootRecord(1000);

        ShouldFail("disk0: partition 2 (sectors 2000..2009) overlaps extended partition 1 (sectors 1000..5999)");
    }

    [Fact]
    public void Chain_that_leads_back_is_an_error_that_names_both_sectors()
    {
        _disk.WriteBootRecord(0, (0x05, 1000, 5000));
        _disk.WriteBootRecord(1000, (0x83, 1, 10), (0x05, 100, 100));
        _disk.WriteBootRecord(1100, (0x83, 1, 10), (0x05, 200, 100));
        _disk.WriteBootRecord(1200, (0x83, 1, 10), (0x05, 100, 100));

        ShouldFail("disk0: the chain in extended partition 1 (sectors 1000..5999) loops: sector 1200 leads back to sector 1100");
    }

    [Fact]
    public void Boot_record_that_leads_to_itself_is_an_error()
    {
        _disk.WriteBootRecord(0, (0x05, 1000, 5000));
        _disk.WriteBootRecord(1000, (0x83, 1, 10), (0x05, 0, 100));

        // A link of zero is no way to say "here": it has a length, so it leads to the start of the extended partition.
        ShouldFail("disk0: the chain in extended partition 1 (sectors 1000..5999) loops: sector 1000 leads back to sector 1000");
    }

    [Fact]
    public void Chain_without_an_end_is_given_up()
    {
        _disk.WriteBootRecord(0, (0x05, 1000, 90_000));
        for (uint i = 0; i < 2000; i++)
            _disk.WriteBootRecord(1000 + i * 10, (0x83, 1, 1), (0x05, (i + 1) * 10, 10));

        ShouldFail("disk0: the chain in extended partition 1 (sectors 1000..90999) has more than 512 boot records; the next would be sector 6120");
        _disk.Reads.ShouldBeLessThan(600);
    }

    [Fact]
    public void Chain_that_leaves_the_extended_partition_is_an_error()
    {
        _disk.WriteBootRecord(0, (0x05, 1000, 5000));
        _disk.WriteBootRecord(1000, (0x83, 1, 10), (0x05, 5000, 100));

        ShouldFail("disk0: the boot record that sector 1000 leads to (sectors 6000..6000) is not inside extended partition 1 (sectors 1000..5999)");
    }

    [Fact]
    public void Boot_record_without_signature_is_an_error()
    {
        _disk.WriteBootRecord(0, (0x05, 1000, 5000));
        _disk.WriteBootRecord(1000, (0x83, 1, 10), (0x05, 100, 100));

        ShouldFail("disk0: sector 1100 in extended partition 1 (sectors 1000..5999) is no extended boot record: it does not end in 55 AA");
    }

    [Fact]
    public void Logical_partition_outside_the_extended_one_is_an_error()
    {
        _disk.WriteBootRecord(0, (0x05, 1000, 5000));
        _disk.WriteBootRecord(1000, (0x83, 1, 5000));

        ShouldFail("disk0: partition 5 (sectors 1001..6000) is not inside extended partition 1 (sectors 1000..5999)");
    }

    [Fact]
    public void Logical_partitions_that_overlap_are_an_error()
    {
        _disk.WriteBootRecord(0, (0x05, 1000, 5000));
        _disk.WriteBootRecord(1000, (0x83, 1, 300), (0x05, 400, 100));
        _disk.WriteBootRecord(1400, (0x83, 1, 10), (0x05, 500, 100));
        _disk.WriteBootRecord(1500, (0x83, 1, 1));
        _disk.ReadTable().Error.ShouldBeNull();

        _disk.WriteBootRecord(1000, (0x83, 1, 402), (0x05, 400, 100));

        ShouldFail("disk0: the extended boot record (sectors 1400..1400) overlaps partition 5 (sectors 1001..1402)");
    }

    [Fact]
    public void Unreadable_sector_is_an_error_that_names_it()
    {
        _disk.WriteBootRecord(0, (0x05, 1000, 5000));
        _disk.Bad.Add(1000);
        ShouldFail("disk0: sector 1000 (an extended boot record) cannot be read: MediumError");

        _disk.Bad.Add(0);
        ShouldFail("disk0: sector 0 (the master boot record) cannot be read: MediumError");
    }

    [Fact]
    public void Boot_sector_of_a_file_system_is_no_table()
    {
        _disk.WriteBootRecord(0, (0x83, 2048, 100));
        _disk[0][446 + 16] = 0x6F;

        var table = _disk.ReadTable();

        table.Partitions.ShouldBeEmpty();
        table.Error.ShouldBeNull();
        table.Warnings.ShouldBe(["disk0: entry 2 of sector 0 has the boot indicator 0x6f, so this is no partition table; the disk counts as not partitioned"]);
    }

    [Fact]
    public void Oddities_are_warnings()
    {
        _disk.WriteBootRecord(0, (0x05, 1000, 5000), (0x0F, 10_000, 100), (0x83, 0, 10));
        _disk.WriteBootRecord(1000, (0x83, 1, 10), (0x83, 20, 10), (0x05, 100, 100), (0x05, 300, 100));
        _disk.WriteBootRecord(1100, (0x83, 1, 10));

        var table = _disk.ReadTable();

        table.Error.ShouldBeNull();
        table.Partitions.Select(p => p.Name).ShouldBe(["disk0p1", "disk0p2", "disk0p3", "disk0p5", "disk0p6"]);
        table.Warnings.ShouldBe(
        [
            "disk0: extended partition 2 (sectors 10000..10099) is a second extended partition; its contents are not looked at",
            "disk0: partition 3 (sectors 0..9) begins with the partition table itself",
            "disk0: the extended boot record at sector 1000 has 2 partitions; only the first is used, as partition 5",
            "disk0: the extended boot record at sector 1000 has 2 links; only the first is followed",
        ]);
    }

    [Fact]
    public void Warnings_without_end_are_counted_instead()
    {
        _disk.WriteBootRecord(0, (0x05, 1000, 90_000));
        for (uint i = 0; i < 100; i++)
            _disk.WriteBootRecord(1000 + i * 10, (0x83, 1, 1), (0x83, 3, 1), (0x05, (i + 1) * 10, i == 99 ? 0u : 10));

        var table = _disk.ReadTable();

        table.Partitions.Count.ShouldBe(101);
        table.Warnings.Count.ShouldBe(17);
        table.Warnings[^1].ShouldBe("disk0: 84 more warnings about the partition table");
    }

    [Fact]
    public void Sectors_of_4_KiB_have_their_table_in_the_first_512_bytes()
    {
        var disk = new SparseDisk(10_000, sectorSize: 4096);
        disk.WriteBootRecord(0, (0x83, 256, 100), (0x05, 1000, 1000));
        disk.WriteBootRecord(1000, (0x83, 1, 10));

        disk.ReadTable().Partitions.Select(p => (p.Name, p.FirstSector)).ShouldBe([("disk0p1", 256UL), ("disk0p2", 1000UL), ("disk0p5", 1001UL)]);
    }

    private void ShouldFail(string error)
    {
        var table = _disk.ReadTable();
        table.Error.ShouldBe(error);
        table.Partitions.ShouldBeEmpty();
    }
}
