using Bddf.Partitions;

namespace Bddf.Tests.Partitions;

public sealed class GuidTableTests
{
    private const ulong Last = 4095;
    private const string EfiType = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";

    private readonly GptImage _image = new();

    [Fact]
    public void Checksum_is_that_of_the_standard_check_value() => Crc32.Of("123456789"u8).ShouldBe(0xCBF43926);

    [Fact]
    public void Partitions_have_the_numbers_of_their_entries()
    {
        _image.WithPartition(1, 34, 2047, EfiType).WithPartition(128, 2048, 4000);

        var table = _image.Disk.ReadTable();

        table.Error.ShouldBeNull();
        table.Warnings.ShouldBeEmpty();
        table.Partitions.ShouldBe(
        [
            new BlockPartition("disk0p1", "gpt", EfiType, 34, 2014),
            new BlockPartition("disk0p128", "gpt", GptImage.LinuxType, 2048, 1953),
        ]);
    }

    [Fact]
    public void Sectors_of_4_KiB_work_too()
    {
        var image = new GptImage(sectors: 1000, sectorSize: 4096).WithPartition(40, 100, 199);

        image.Disk.ReadTable().Partitions.ShouldBe([new BlockPartition("disk0p40", "gpt", GptImage.LinuxType, 100, 100)]);
    }

    [Fact]
    public void Bad_primary_header_is_a_warning_and_the_backup_is_used()
    {
        _image.WithPartition(3, 100, 199);
        _image.Disk[1][40] ^= 1;

        var table = _image.Disk.ReadTable();

        table.Partitions.ShouldHaveSingleItem().Name.ShouldBe("disk0p3");
        table.Warnings.ShouldHaveSingleItem().ShouldMatch(@"^disk0: the primary GPT header at sector 1 is bad \(its CRC is [0-9a-f]{8}, not [0-9a-f]{8}\); the backup at sector 4095 is used$");
    }

    [Fact]
    public void Bad_primary_entries_are_a_warning_and_the_backup_is_used()
    {
        _image.WithPartition(3, 100, 199);
        _image.Disk[2][300] ^= 1;

        var table = _image.Disk.ReadTable();

        table.Partitions.ShouldHaveSingleItem().FirstSector.ShouldBe(100UL);
        table.Warnings.ShouldHaveSingleItem().ShouldContain("the entries at sector 2 have the CRC ");
    }

    [Fact]
    public void Unreadable_primary_header_is_a_warning_and_the_backup_is_used()
    {
        _image.WithPartition(3, 100, 199);
        _image.Disk.Bad.Add(1);

        var table = _image.Disk.ReadTable();

        table.Partitions.Count.ShouldBe(1);
        table.Warnings.ShouldBe(["disk0: the primary GPT header at sector 1 is bad (sector 1 cannot be read: MediumError); the backup at sector 4095 is used"]);
    }

    [Fact]
    public void Bad_backup_is_a_warning()
    {
        _image.WithPartition(3, 100, 199);
        _image.Disk[Last].AsSpan().Clear();

        var table = _image.Disk.ReadTable();

        table.Partitions.Count.ShouldBe(1);
        table.Warnings.ShouldBe(["disk0: the backup GPT header at sector 4095 is bad (it does not begin with 'EFI PART'); the primary is used"]);
    }

    [Fact]
    public void Both_headers_bad_is_an_error_that_says_why()
    {
        _image.WithPartition(3, 100, 199);
        _image.Disk[1].AsSpan().Clear();
        _image.Disk[Last].AsSpan().Clear();

        var table = _image.Disk.ReadTable();

        table.Partitions.ShouldBeEmpty();
        table.Error.ShouldBe("disk0: both GPT headers are bad: the primary at sector 1: it does not begin with 'EFI PART'; "
            + "the backup at sector 4095: it does not begin with 'EFI PART'");
    }

    [Theory]
    [InlineData(12, 91u, "its size is 91 bytes, not 92 to 512")]
    [InlineData(12, 513u, "its size is 513 bytes, not 92 to 512")]
    [InlineData(80, 0u, "it has 0 entries of 128 bytes; 1 to 8192 are supported")]
    [InlineData(80, uint.MaxValue, "it has 4294967295 entries of 128 bytes; 1 to 8192 are supported")]
    [InlineData(84, 0u, "its entries have 0 bytes, not a power of two from 128 to 4096")]
    [InlineData(84, 192u, "its entries have 192 bytes, not a power of two from 128 to 4096")]
    [InlineData(84, 0x80000000u, "its entries have 2147483648 bytes, not a power of two from 128 to 4096")]
    public void Impossible_geometry_makes_a_header_bad(int offset, uint value, string why)
    {
        _image.With(1, offset, value, bytes: 4).With(Last, offset, value, bytes: 4);

        _image.Disk.ReadTable().Error.ShouldBe($"disk0: both GPT headers are bad: the primary at sector 1: {why}; the backup at sector 4095: {why}");
    }

    [Theory]
    [InlineData(24, 7UL, "it says that it is sector 7")]
    [InlineData(40, 5000UL, "its usable sectors are 5000..4062 on a disk of 4096")]
    [InlineData(48, 4096UL, "its usable sectors are 34..4096 on a disk of 4096")]
    [InlineData(48, ulong.MaxValue, "its usable sectors are 34..18446744073709551615 on a disk of 4096")]
    [InlineData(72, 100UL, "its 32 sectors of entries at sector 100 overlap the usable sectors 34..4062")]
    [InlineData(72, 4095UL, "sector 4095 is past the end of the disk, which has 4096 sectors")]
    [InlineData(72, ulong.MaxValue, "sector 18446744073709551615 is past the end of the disk, which has 4096 sectors")]
    public void Impossible_sectors_make_a_header_bad(int offset, ulong value, string why)
    {
        _image.With(1, offset, value).With(Last, offset, value);

        _image.Disk.ReadTable().Error.ShouldBe($"disk0: both GPT headers are bad: the primary at sector 1: {why}; the backup at sector 4095: {why}");
    }

    [Fact]
    public void Overlapping_partitions_are_an_error()
    {
        _image.WithPartition(1, 100, 200).WithPartition(2, 200, 300);

        ShouldFail("disk0: partition 2 (sectors 200..300) overlaps partition 1 (sectors 100..200)");
    }

    [Fact]
    public void Partition_outside_the_usable_part_is_an_error()
    {
        _image.WithPartition(9, 4000, 4063);

        ShouldFail("disk0: partition 9 (sectors 4000..4063) is not inside the usable part (sectors 34..4062)");
    }

    [Theory]
    [InlineData(200UL, 199UL)]
    [InlineData(0UL, ulong.MaxValue)]
    public void Partition_of_no_possible_length_is_an_error(ulong first, ulong last)
    {
        _image.WithPartition(9, first, last);

        ShouldFail($"disk0: partition 9 goes from sector {first} to sector {last}");
    }

    [Fact]
    public void Copies_that_differ_are_a_warning()
    {
        _image.WithPartition(1, 100, 200);
        _image.With(Last, 56, 1);

        _image.Disk.ReadTable().Warnings.ShouldBe(["disk0: the GPT at sector 1 and its backup at sector 4095 are both sound but differ; the primary is used"]);
    }

    [Fact]
    public void Backup_that_is_not_at_the_end_is_a_warning()
    {
        var grown = new SparseDisk(8000);
        foreach (ulong sector in _image.WithPartition(1, 100, 200).Disk.Written)
            _image.Disk[sector].CopyTo(grown[sector], 0);

        var table = grown.ReadTable();

        table.Error.ShouldBeNull();
        table.Partitions.Count.ShouldBe(1);
        table.Warnings.ShouldBe(["disk0: the backup GPT header is at sector 4095, not at the last sector, 7999"]);
    }

    [Fact]
    public void Header_without_protective_record_is_a_warning()
    {
        _image.Disk[0].AsSpan().Clear();

        var table = _image.Disk.ReadTable();

        table.Partitions.ShouldBeEmpty();
        table.Error.ShouldBeNull();
        table.Warnings.ShouldHaveSingleItem().ShouldContain("sector 1 holds a GPT header");
    }

    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL)]
    [InlineData(33UL)]
    public void Tiny_disk_with_a_protective_record_is_an_error(ulong sectors)
    {
        var disk = new SparseDisk(sectors);
        disk.WriteBootRecord(0, (0xEE, 1, 1));

        disk.ReadTable().Error.ShouldNotBeNull().ShouldStartWith("disk0: both GPT headers are bad: ");
    }

    private void ShouldFail(string error)
    {
        var table = _image.Disk.ReadTable();
        table.Error.ShouldBe(error);
        table.Partitions.ShouldBeEmpty();
    }
}
