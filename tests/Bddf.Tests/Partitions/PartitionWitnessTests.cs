namespace Bddf.Tests.Partitions;

/// <summary>Tables made by sfdisk and sgdisk: the framework reads what sfdisk reads.</summary>
public sealed class PartitionWitnessTests : IDisposable
{
    private const ulong Sectors = 131_072;

    private readonly PartitionTool _image = new((long)Sectors * 512);

    public void Dispose() => _image.Dispose();

    [PartitionToolsFact]
    public void Mbr_with_logical_partitions()
    {
        _image.Sfdisk(
            """
            label: dos
            start=2048, size=4096, type=83, bootable
            start=8192, size=65536, type=f
            start=80000, size=1000, type=7
            start=10240, size=2048, type=83
            start=14336, size=2048, type=82
            start=20480, size=4096, type=c
            """);

        _image.ShouldEqualWitness().Partitions.Count.ShouldBe(6);
    }

    [PartitionToolsFact]
    public void Mbr_after_logical_partitions_were_deleted_and_made_out_of_order()
    {
        _image.Sfdisk(
            """
            label: dos
            start=2048, size=100000, type=5
            start=10240, size=2048, type=83
            start=20480, size=2048, type=83
            start=40960, size=2048, type=83
            """);
        _image.Sfdisk("", "--delete");
        _image.Sfdisk(
            """
            label: dos
            start=2048, size=100000, type=5
            start=60000, size=2048, type=83
            start=10240, size=2048, type=82
            start=30000, size=2048, type=b
            """);

        _image.ShouldEqualWitness();
    }

    [PartitionToolsFact]
    public void Mbr_with_an_empty_extended_partition()
    {
        _image.Sfdisk("label: dos\nstart=2048, size=4096, type=85\n");

        _image.ShouldEqualWitness().Partitions.ShouldHaveSingleItem().Type.ShouldBe("85");
    }

    [PartitionToolsFact]
    public void Mbr_with_a_long_chain()
    {
        _image.Sfdisk("label: dos\nstart=2048, size=120000, type=5\n"
            + string.Concat(Enumerable.Range(0, 28).Select(i => $"start={4096 + i * 4096}, size=1024, type=83\n")));

        _image.ShouldEqualWitness().Partitions.Count.ShouldBe(29);
    }

    [PartitionToolsFact]
    public void Mbr_with_a_partition_of_type_zero()
    {
        _image.Sfdisk("label: dos\nstart=2048, size=4096, type=0\nstart=8192, size=100, type=da\n");

        _image.ShouldEqualWitness();
    }

    [PartitionToolsFact]
    public void Gpt_of_sfdisk()
    {
        _image.Sfdisk("label: gpt\nsize=4096\nsize=2048, type=swap\nstart=50000, size=1, type=uefi\n");

        _image.ShouldEqualWitness().Warnings.ShouldBeEmpty();
    }

    [PartitionToolsFact]
    public void Gpt_of_sgdisk_with_gaps_in_the_numbers()
    {
        _image.Sgdisk("-a", "1", "-n", "1:34:2047", "-n", "128:2048:4095", "-t", "128:8200", "-n", "5:4096:8191", "-t", "5:ef00");

        _image.ShouldEqualWitness().Partitions.Select(p => p.Name).ShouldBe(["disk0p1", "disk0p5", "disk0p128"]);
    }

    [PartitionToolsFact]
    public void Gpt_of_sgdisk_with_a_larger_table()
    {
        _image.Sgdisk("-S", "256", "-n", "1:8192:10000", "-n", "200:20000:30000");

        _image.ShouldEqualWitness().Warnings.ShouldBeEmpty();
    }

    [PartitionToolsFact]
    public void Gpt_with_a_damaged_primary_header()
    {
        _image.Sfdisk("label: gpt\nstart=2048, size=2048\nstart=4096, size=4096\n");
        _image.Overwrite(1, 80, 0x7F);

        _image.ShouldEqualWitness().Warnings.ShouldHaveSingleItem().ShouldContain("the backup at sector 131071 is used");
    }

    [PartitionToolsFact]
    public void Gpt_with_damaged_primary_entries()
    {
        _image.Sfdisk("label: gpt\nstart=2048, size=2048\nstart=4096, size=4096\n");
        _image.Overwrite(2, 0, new byte[512]);

        _image.ShouldEqualWitness().Warnings.ShouldHaveSingleItem().ShouldContain("the entries at sector 2 have the CRC");
    }

    [PartitionToolsFact]
    public void Gpt_with_a_damaged_backup_header()
    {
        _image.Sfdisk("label: gpt\nstart=2048, size=2048\n");
        _image.Overwrite(Sectors - 1, 0, (byte)'X');

        _image.ShouldEqualWitness().Warnings.ShouldHaveSingleItem().ShouldContain("the backup GPT header at sector 131071 is bad");
    }

    [PartitionToolsFact]
    public void Gpt_with_both_headers_damaged()
    {
        _image.Sfdisk("label: gpt\nstart=2048, size=2048\n");
        _image.Overwrite(1, 16, 0, 0, 0, 0);
        _image.Overwrite(Sectors - 1, 16, 0, 0, 0, 0);

        var table = _image.ReadTable();

        table.Partitions.ShouldBeEmpty();
        table.Error.ShouldNotBeNull().ShouldMatch(
            "^disk0: both GPT headers are bad: the primary at sector 1: its CRC is [0-9a-f]{8}, not 00000000; the backup at sector 131071: its CRC is [0-9a-f]{8}, not 00000000$");
    }

    [PartitionToolsFact]
    public void Gpt_without_its_protective_record_counts_as_not_partitioned()
    {
        _image.Sfdisk("label: gpt\nstart=2048, size=2048\n");
        _image.Overwrite(0, 510, 0, 0);

        var table = _image.ReadTable();

        table.Partitions.ShouldBeEmpty();
        table.Error.ShouldBeNull();
        table.Warnings.Count.ShouldBe(1);
    }

    [PartitionToolsFact]
    public void Mbr_whose_partition_was_made_to_overlap()
    {
        _image.Sfdisk("label: dos\nstart=2048, size=4096, type=83\nstart=8192, size=4096, type=83\n");
        _image.Overwrite(0, 446 + 12, 0x01, 0x18, 0, 0);

        _image.ReadTable().Error.ShouldBe("disk0: partition 2 (sectors 8192..12287) overlaps partition 1 (sectors 2048..8192)");
    }

    [PartitionToolsFact]
    public void Mbr_whose_chain_was_made_to_loop()
    {
        _image.Sfdisk("label: dos\nstart=2048, size=65536, type=5\nstart=4096, size=1024\nstart=8192, size=1024\n");
        ulong second = _image.ReadTable().Partitions[^1].FirstSector - 2048;
        _image.Overwrite(second, 446 + 16 + 4, 0x05, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0);

        _image.ReadTable().Error.ShouldBe($"disk0: the chain in extended partition 1 (sectors 2048..67583) loops: sector {second} leads back to sector 2048");
    }

    [PartitionToolsFact]
    public void Mbr_whose_second_extended_boot_record_was_wiped()
    {
        _image.Sfdisk("label: dos\nstart=2048, size=65536, type=5\nstart=4096, size=1024\nstart=8192, size=1024\n");
        ulong second = _image.ReadTable().Partitions[^1].FirstSector - 2048;
        _image.Overwrite(second, 0, new byte[512]);

        _image.ReadTable().Error.ShouldBe($"disk0: sector {second} in extended partition 1 (sectors 2048..67583) is no extended boot record: it does not end in 55 AA");
    }
}
