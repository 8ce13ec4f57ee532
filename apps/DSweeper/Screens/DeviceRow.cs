using Bddf;
using L4;

namespace DSweeper.Screens;

/// <summary>A line of the list: a disk, or a partition of one.</summary>
internal sealed class DeviceRow
{
    private DeviceRow(BlockDeviceInfo device, BlockPartition? partition)
    {
        Device = device;
        Partition = partition;
    }

    internal BlockDeviceInfo Device { get; }

    /// <summary>Null for the disk as a whole.</summary>
    internal BlockPartition? Partition { get; }

    internal bool IsChosen { get; set; }

    internal string Name => Partition?.Name ?? Device.Name;

    internal ulong Sectors => Partition?.Sectors ?? Device.Sectors;

    internal ulong FirstSector => Partition?.FirstSector ?? 0;

    /// <summary>Whether it can be chosen at all.</summary>
    internal bool IsUsable => Device.Gone is null && Sectors > 0;

    internal static List<DeviceRow> Of(IReadOnlyList<BlockDeviceInfo> devices) =>
        [.. devices.SelectMany(device => device.Partitions.Select(partition => new DeviceRow(device, partition)).Prepend(new DeviceRow(device, null)))];

    /// <summary>Whether erasing one touches the other.</summary>
    internal bool Overlaps(DeviceRow other) =>
        Device.Name == other.Device.Name && new Extent(FirstSector, Sectors).Overlaps(new Extent(other.FirstSector, other.Sectors));
}
