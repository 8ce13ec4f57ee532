using L4;

namespace Bddf;

/// <summary>What one client sees of the framework.</summary>
internal sealed class ClientGate : IBlockServer
{
    /// <summary>Sessions that a client may have open.</summary>
    public const int SessionLimit = 256;

    private readonly L4Task _task;
    private readonly BlockFramework _framework;
    private readonly string _name;
    private readonly BlockRights _ceiling;
    private readonly List<BlockSession> _sessions = [];
    private bool _removed;

    public ClientGate(L4Task task, BlockFramework framework, string name, BlockRights ceiling)
    {
        _task = task;
        _framework = framework;
        _name = name;
        _ceiling = ceiling;
        Gate = task.CreateGate(new BlockServerDispatcher(this));
    }

    /// <summary>The client's way to this.</summary>
    public Capability Gate { get; }

    /// <inheritdoc />
    public string[] List() => [.. _framework.Disks.Select(disk => disk.Name)];

    /// <inheritdoc />
    public BlockDeviceInfo Describe(string disk) =>
        _framework.Disks.FirstOrDefault(d => d.Name == disk)?.Describe()
        ?? throw new ServiceException(ServiceError.NotFound, $"there is no disk '{disk}'; there are: {string.Join(", ", List())}");

    /// <inheritdoc />
    public Capability OpenSession(string device, BlockRights rights)
    {
        var (disk, extent) = Find(device);
        return Open(disk, device, rights, extent);
    }

    /// <inheritdoc />
    public Capability OpenExtent(string device, BlockRights rights, ulong firstSector, ulong sectors)
    {
        var (disk, extent) = Find(device);
        if (sectors == 0 || !new Extent(0, extent.Count).Contains(firstSector, sectors))
            throw new ServiceException(ServiceError.BadArgument, $"{device} has {extent.Count} sectors; {sectors} sectors at {firstSector} were asked for");
        return Open(disk, device, rights, new Extent(extent.First + firstSector, sectors));
    }

    /// <summary>Ends all sessions and refuses new ones.</summary>
    public void Remove()
    {
        _removed = true;
        foreach (var session in _sessions.ToArray())
            session.Close();
        _task.Release(Gate);
    }

    private (Disk Disk, Extent Extent) Find(string device)
    {
        if (_removed)
            throw new ServiceException(ServiceError.AccessDenied, $"client '{_name}' was removed");
        foreach (var disk in _framework.Disks)
        {
            if (disk.Find(device) is { } extent)
                return (disk, extent);
        }
        throw new ServiceException(ServiceError.NotFound, $"there is no device '{device}'; the disks are: {string.Join(", ", List())}");
    }

    private Capability Open(Disk disk, string device, BlockRights rights, Extent extent)
    {
        if (rights == BlockRights.None || (rights & ~BlockRights.All) != 0)
            throw new ServiceException(ServiceError.BadArgument, $"a session with the rights {rights} was asked for; there are {BlockRights.All}");
        if ((rights & ~_ceiling) != 0)
            throw new ServiceException(ServiceError.AccessDenied, $"client '{_name}' may have {_ceiling} of {device}; {rights} was asked for");
        if (!disk.Info.Writable && (rights & ~BlockRights.Read) != 0)
            throw new ServiceException(ServiceError.AccessDenied, $"{disk.Name} is read-only; {rights} was asked for");
        if (disk.Gone is { } cause)
            throw new ServiceException(ServiceError.ServerGone, $"{disk.Name} is gone: {cause}");
        if (_sessions.Count == SessionLimit)
            throw new ServiceException(ServiceError.Exhausted, $"client '{_name}' has {SessionLimit} sessions, the limit");
        var limits = new SessionLimits($"client '{_name}' on {device} ({rights})", rights, extent, disk.Info.SectorSize, disk.Info.MaximumSectors);
        var session = new BlockSession(_task, disk, device, limits, closed =>
        {
            disk.Remove(closed);
            _sessions.Remove(closed);
        });
        _sessions.Add(session);
        disk.Add(session);
        return session.Gate;
    }
}
