using Bddf.Testing;
using Bddf.Tests.Partitions;

namespace Bddf.Tests;

public sealed class FullTableTests
{
    [Fact]
    public void Disk_with_as_many_partitions_as_may_be_fits_its_description_into_one_message()
    {
        // Entries: 1000 of them, so that the array needs 250 sectors in front and at the end.
        var disk = new RamDisk(20_000);
        FillTable(disk, partitions: 512);
        using var system = new BlockTestSystem(disk);
        using var attached = system.Client.Enter();

        var description = BlockClient.ListDisks(system.Client, system.Server).Single();

        description.PartitionError.ShouldBeNull();
        description.Partitions.Length.ShouldBe(512);
        using var session = system.Open("disk0p512", BlockRights.Read);
        session.Sectors.ShouldBe(10UL);
    }

    [Fact]
    public void Disk_with_more_partitions_is_in_error()
    {
        var disk = new RamDisk(20_000);
        FillTable(disk, partitions: 513);
        using var system = new BlockTestSystem(disk);
        using var attached = system.Client.Enter();

        var description = BlockClient.ListDisks(system.Client, system.Server).Single();

        description.Partitions.ShouldBeEmpty();
        description.PartitionError.ShouldBe("disk0: the GPT has more than 512 partitions; entry 513 is one too many");
        system.System.Events.Count("bddf", "partition-error").ShouldBe(1);
    }

    private static void FillTable(RamDisk disk, uint partitions)
    {
        var image = new GptImage(disk.Sectors, entryCount: 1000);
        for (uint number = 1; number <= partitions; number++)
            image.PutPartition(number, 1000 + number * 10UL, 1000 + number * 10UL + 9);
        image.Seal();
        foreach (ulong sector in image.Disk.Written)
            image.Disk[sector].CopyTo(disk.Content, (long)(sector * 512));
    }
}
