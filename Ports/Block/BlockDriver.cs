using Bddf;
using DdeKit;
using L4;

namespace Ports;

/// <summary>A task that runs a disk driver, of whatever system, and offers its disks to the block framework: the glue between a shim and Bddf.</summary>
public sealed class BlockDriver : IDiskDriver, IDiskOwner
{
    private readonly DriverDomain _domain;
    private readonly List<DriverDisk> _disks = [];
    private readonly List<DiskChannel?> _channels = [];

    private BlockDriver(L4Task task, DriverStart start) => _domain = start.Os switch
    {
        LegacySystem.Bsd => new BsdDomain(task, start, Own),
        _ => new LinuxDomain(task, start, Own),
    };

    /// <summary>Starts the driver in <paramref name="task"/>; it probes its device in the background.</summary>
    /// <returns>Its gates, capabilities of the task; the service is <see cref="IDiskDriver"/>. <see cref="List"/> answers
    /// when the probe is done.</returns>
    public static DriverGates Start(L4Task task, DriverStart start)
    {
        var driver = new BlockDriver(task, start);
        var gate = task.CreateGate(new DiskDriverDispatcher(driver));
        driver._domain.Start();
        return new DriverGates(gate, driver._domain.Statistics, driver._domain.Faults);
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
        DiskChannel? channel = null;
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
            _channels[index] = channel = new DiskChannel(_domain.Kernel, _disks[(int)disk], index, completionPortal, entries, () => _channels[index] = null);
        });
        return channel!.Gate;
    }

    /// <inheritdoc />
    public void DiskAdded(DriverDisk disk) => _disks.Add(disk);

    /// <inheritdoc />
    public void DiskRemoved(DriverDisk disk) => _domain.Task.System.Events.Report(_domain.Task.Name, "disk-removed", $"{disk.Model} {disk.Serial}");

    /// <inheritdoc />
    public void Completed(DriverDisk disk, ulong tag, DiskStatus status) => _channels[(int)(tag >> DiskChannel.SlotBits)]!.Completed(tag, status);

    private void Own(DriverKernel kernel) => kernel.DiskOwner = this;

    private DiskInfo Describe(DriverDisk disk) =>
        new(disk.Model, disk.Serial, disk.Firmware, disk.SectorSize, disk.Sectors, DiskChannel.MaximumSectors, _domain.Description, disk.Writable);
}
