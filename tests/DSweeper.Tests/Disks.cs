using Bddf;
using L4;

namespace DSweeper.Tests;

/// <summary>Listings as the block server would give them.</summary>
internal static class Disks
{
    internal static BlockDeviceInfo Disk0(params BlockPartition[] partitions) => new(
        "disk0", "DDE HARDDISK", "DDE-0001", "linux-ata-piix ata_piix.ko sha256:" + new string('a', 64), 512, 524_288, false,
        partitions, null, [], DeviceState.Running, null);

    internal static BlockDeviceInfo Partitioned() => Disk0(
        new BlockPartition("disk0p1", "mbr", "83", 2048, 131_072),
        new BlockPartition("disk0p2", "mbr", "5", 133_120, 391_168),
        new BlockPartition("disk0p5", "mbr", "c", 135_168, 65_536));

    internal static BlockDeviceInfo Disk1() => Disk0() with { Name = "disk1", Serial = "DDE-0002" };

    internal static BlockDeviceInfo Damaged() => Disk0() with { Name = "disk2", PartitionError = "disk2: partitions 1 and 2 overlap at sector 2048" };
}
