using Bddf.Partitions;
using L4;

namespace Bddf;

/// <summary>
/// The block device driver framework: it stands between clients and the tasks that drive disks, and decides who may do what to which
/// sectors.
/// </summary>
public sealed class BlockFramework : IBlockAdmin
{
    private readonly Lock _lock = new();
    private readonly L4Task _task;
    private readonly List<AttachedDriver> _drivers = [];
    private readonly Dictionary<string, ClientGate> _clients = new(StringComparer.Ordinal);
    private int _diskCount;

    private BlockFramework(L4Task task) => _task = task;

    /// <summary>All disks, in the order in which they came.</summary>
    internal IReadOnlyList<Disk> Disks
    {
        get
        {
            lock (_lock)
                return [.. _drivers.SelectMany(driver => driver.Disks)];
        }
    }

    /// <summary>Starts the framework in a task.</summary>
    /// <param name="task">A task that does nothing else.</param>
    /// <returns>A gate of <see cref="IBlockAdmin"/> in that task's capability space, for its maker to hand to the root.</returns>
    public static Capability Start(L4Task task) => task.CreateGate(new BlockAdminDispatcher(new BlockFramework(task)));

    /// <inheritdoc />
    public void AddDriver(string name, Capability diskDriver)
    {
        if (_drivers.Exists(d => d.Name == name))
        {
            _task.Release(diskDriver);
            throw new ServiceException(ServiceError.Busy, $"there is a disk driver '{name}' already");
        }
        var driver = new AttachedDriver(_task, name, diskDriver);
        try
        {
            var infos = driver.Service.List();
            foreach (var info in infos)
                Check(name, info);
            driver.Disks = [.. infos.Select((info, index) => TakeIn(driver, diskDriver, (uint)index, info))];
        }
        catch
        {
            driver.Forget();
            throw;
        }
        lock (_lock)
            _drivers.Add(driver);
        driver.Watch();
    }

    /// <inheritdoc />
    public void RemoveDriver(string name)
    {
        var driver = _drivers.Find(d => d.Name == name)
            ?? throw new ServiceException(ServiceError.NotFound, $"there is no disk driver '{name}'; there are: {string.Join(", ", _drivers.Select(d => d.Name))}");
        lock (_lock)
            _drivers.Remove(driver);
        foreach (var session in driver.Disks.SelectMany(disk => disk.Sessions()))
            session.Close();
        driver.Forget();
    }

    /// <inheritdoc />
    public Capability CreateClient(string name, BlockRights ceiling)
    {
        if (_clients.ContainsKey(name))
            throw new ServiceException(ServiceError.Busy, $"there is a client '{name}' already");
        var client = new ClientGate(_task, this, name, ceiling);
        _clients.Add(name, client);
        return client.Gate;
    }

    /// <inheritdoc />
    public void RemoveClient(string name)
    {
        if (!_clients.Remove(name, out var client))
            throw new ServiceException(ServiceError.NotFound, $"there is no client '{name}'; there are: {string.Join(", ", _clients.Keys)}");
        client.Remove();
    }

    private static void Check(string driver, DiskInfo info)
    {
        bool sizeIsPossible = uint.IsPow2(info.SectorSize) && info.SectorSize is >= 512 and <= 4096;
        // The last byte of the disk has to have a number.
        if (!sizeIsPossible || info.Sectors == 0 || info.MaximumSectors == 0 || info.Sectors > ulong.MaxValue / 4096)
            throw new ServiceException(ServiceError.BadArgument,
                $"driver '{driver}' describes a disk '{info.Model}' of {info.Sectors} sectors of {info.SectorSize} bytes, {info.MaximumSectors} a request, which cannot be");
    }

    private Disk TakeIn(AttachedDriver driver, Capability gate, uint index, DiskInfo info)
    {
        string name = $"disk{_diskCount++}";
        using var reader = new DiskReader(_task, gate, driver.Service, index, info);
        var table = PartitionTable.Read(name, reader);
        if (table.Error is { } error)
            _task.System.Events.Report("bddf", "partition-error", error);
        foreach (string warning in table.Warnings)
            _task.System.Events.Report("bddf", "partition-warning", warning);
        return new Disk(name, driver, index, info, table);
    }
}
