using L4;

namespace Bddf;

/// <summary>What stands below a driver and all that come after it in its place, and whom to tell of a driver that was caught.</summary>
internal sealed class DriverGuard
{
    private readonly L4Task _task;
    private readonly DiskGuardProxy _guard;
    private readonly Capability _complaints;
    private readonly Notification _notification;
    private readonly ulong _bits;

    /// <param name="task">The framework's task.</param>
    /// <param name="guard">A gate of <see cref="IDiskGuard"/>; from here on this object's if there is no exception.</param>
    /// <param name="complaints">A notification; from here on this object's if there is no exception.</param>
    /// <param name="bits">The bits to signal.</param>
    public DriverGuard(L4Task task, Capability guard, Capability complaints, ulong bits)
    {
        _task = task;
        _notification = task.Open<Notification>(complaints, CapabilityRights.Write);
        _complaints = complaints;
        _bits = bits;
        _guard = new DiskGuardProxy(task, guard);
    }

    /// <summary>Opens a table of authorities for a disk that a driver described.</summary>
    /// <exception cref="ServiceException">No disk, or more than one, has told the guard that it is this one.</exception>
    public ChannelAuthority Open(AttachedDriver driver, DiskInfo info, uint entries)
    {
        var disks = _guard.List();
        var same = Array.FindAll(disks, disk => disk.Serial == info.Serial && disk.Model == info.Model && disk.Sectors == info.Sectors && disk.SectorSize == info.SectorSize);
        return same.Length == 1
            ? new ChannelAuthority(_task, _guard, driver, same[0].Unit, entries)
            : throw new ServiceException(ServiceError.BadArgument,
                $"driver '{driver.Name}' describes a disk '{info.Model}' with serial '{info.Serial}' and {info.Sectors} sectors; {same.Length} of the {disks.Length} disks below it said that they are this one: "
                + string.Join("; ", disks.Select(disk => $"'{disk.Model}' '{disk.Serial}' {disk.Sectors}")));
    }

    /// <summary>Gives disks their models where the driver's system has no word for that (disk(9) of FreeBSD 7.0): what the disk of that serial number
    /// and size itself told the guard.</summary>
    public DiskInfo[] NameModels(DiskInfo[] infos)
    {
        if (!Array.Exists(infos, info => info.Model.Length == 0))
            return infos;
        var disks = _guard.List();
        return [.. infos.Select(info => info.Model.Length == 0 && Array.FindAll(disks, disk => disk.Serial == info.Serial && disk.Sectors == info.Sectors) is [var same]
            ? info with { Model = same.Model }
            : info)];
    }

    /// <summary>Has somebody look at <see cref="AttachedDriver.Complaint"/>.</summary>
    public void Complain() => _notification.Signal(_bits);

    /// <summary>Gives the guard up.</summary>
    public void Forget()
    {
        _task.Release(_guard.Gate);
        _task.Release(_complaints);
    }
}
