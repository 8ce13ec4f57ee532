using Bddf;
using DdeLinux;
using L4;

namespace Ports;

/// <summary>A task that runs a Linux disk driver and offers its disks to the block framework: the glue between DdeLinux and Bddf.</summary>
public sealed class LinuxBlockDriver : IDiskDriver, IDiskOwner
{
    private readonly LinuxDomain _domain;
    private readonly List<LinuxDisk> _disks = [];
    private readonly List<LinuxDiskChannel?> _channels = [];

    private LinuxBlockDriver(L4Task task, DriverStart start) => _domain = new LinuxDomain(task, start, kernel => kernel.DiskOwner = this);

    /// <summary>Starts the driver in <paramref name="task"/>; it probes its device in the background.</summary>
    /// <returns>Gates for <see cref="IDiskDriver"/> and <see cref="IDriverStatistics"/>, capabilities of the task. <see cref="List"/> answers
    /// when the probe is done.</returns>
    public static (Capability DiskDriver, Capability Statistics) Start(L4Task task, DriverStart start)
    {
        var driver = new LinuxBlockDriver(task, start);
        var gate = task.CreateGate(new DiskDriverDispatcher(driver));
        driver._domain.Start();
        return (gate, driver._domain.Statistics);
    }

    /// <inheritdoc />
    public DiskInfo[] List()
    {
        DiskInfo[] disks = [];
        _domain.Invoke(() => disks = [.. _disks.Select(Describe)]);
        return disks;
    }

    /// <inheritdoc />
    public Capability OpenChannel(uint disk, Capability completionPortal, uint entries)
    {
        LinuxDiskChannel? channel = null;
        _domain.Invoke(() =>
        {
            if (disk >= _disks.Count)
                throw new ServiceException(ServiceError.NotFound, $"disk {disk}: the driver has {_disks.Count}");
            // A closed channel has nothing in flight, so that its place can be taken.
            int index = _channels.IndexOf(null);
            if (index < 0)
            {
                index = _channels.Count;
                _channels.Add(null);
            }
            _channels[index] = channel = new LinuxDiskChannel(_domain.Kernel, _disks[(int)disk], index, completionPortal, entries, () => _channels[index] = null);
        });
        return channel!.Gate;
    }

    /// <inheritdoc />
    public void DiskAdded(DriverDisk disk) => _disks.Add(disk);

    /// <inheritdoc />
    public void DiskRemoved(DriverDisk disk) => _domain.Task.System.Events.Report(_domain.Task.Name, "disk-removed", $"{disk.Model} {disk.Serial}");

    /// <inheritdoc />
    public void Completed(DriverDisk disk, ulong tag, DiskStatus status) => _channels[(int)(tag >> LinuxDiskChannel.SlotBits)]!.Completed(tag, status);

    private DiskInfo Describe(LinuxDisk disk) =>
        new(disk.Model, disk.Serial, disk.Firmware, disk.SectorSize, disk.Sectors, LinuxDiskChannel.MaximumSectors, _domain.Description, disk.Writable);
}
