using Bddf.Partitions;
using L4;

namespace Bddf;

/// <summary>
/// The block device driver framework: it stands between clients and the tasks that drive disks, and decides who may do what to which
/// sectors.
/// </summary>
public sealed class BlockFramework : IBlockAdmin
{
    /// <summary>How often a driver that is to be replaced is looked at.</summary>
    private const long SuspendStepNanoseconds = 1_000_000;

    private readonly Lock _lock = new();
    private readonly L4Task _task;
    private readonly List<AttachedDriver> _drivers = [];
    private readonly Dictionary<string, DriverGuard> _guards = new(StringComparer.Ordinal);
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
    public void GuardDriver(string name, Capability guard, Capability complaints, ulong bits)
    {
        try
        {
            if (_guards.ContainsKey(name) || _drivers.Exists(d => d.Name == name))
                throw new ServiceException(ServiceError.Busy, $"disk driver '{name}' has a guard or is at work already");
            _guards.Add(name, new DriverGuard(_task, guard, complaints, bits));
        }
        catch
        {
            foreach (var capability in new[] { guard, complaints })
            {
                if (!capability.IsNull)
                    _task.Release(capability);
            }
            throw;
        }
    }

    /// <inheritdoc />
    public void AddDriver(string name, Capability diskDriver, bool isReplaceable)
    {
        if (_drivers.Exists(d => d.Name == name))
        {
            _task.Release(diskDriver);
            throw new ServiceException(ServiceError.Busy, $"there is a disk driver '{name}' already");
        }
        var driver = new AttachedDriver(_task, name, diskDriver, isReplaceable, _guards.GetValueOrDefault(name));
        try
        {
            var infos = Describe(driver);
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
    public void ReplaceDriver(string name, Capability diskDriver)
    {
        AttachedDriver old;
        try
        {
            old = FindDriver(name);
        }
        catch
        {
            _task.Release(diskDriver);
            throw;
        }
        old.Stall();
        var driver = new AttachedDriver(_task, name, diskDriver, old.IsReplaceable, old.Guard);
        try
        {
            var infos = Describe(driver);
            foreach (var info in infos)
                Check(name, info);
            driver.Disks = Match(old, driver, diskDriver, infos);
            var resumed = driver.Disks.Where(disk => disk.Driver == driver).SelectMany(disk => disk.Sessions()).ToArray();
            int replayed = resumed.Sum(session => session.Resume());
            _task.System.Events.Report("bddf", "driver-back", $"driver '{name}' of {string.Join(", ", driver.Disks.Select(d => d.Name))}: {resumed.Length} sessions go on, {replayed} requests are done again");
        }
        catch
        {
            // The disks may be half with the new driver: whoever comes next finds them where they are now.
            driver.Disks = [.. old.Disks.Union(driver.Disks)];
            driver.Stall();
            old.Disks = driver.Disks;
            driver.Forget();
            throw;
        }
        lock (_lock)
            _drivers[_drivers.IndexOf(old)] = driver;
        old.Forget();
        driver.Watch();
    }

    /// <inheritdoc />
    public uint SuspendDriver(string name, long nanoseconds)
    {
        var driver = FindDriver(name);
        driver.Stall();
        BlockSession[] Busy() => [.. driver.Disks.SelectMany(disk => disk.Sessions()).Where(session => !session.IsIdle)];
        long end = _task.System.Clock.Now + nanoseconds;
        var capability = _task.CreateNotification();
        var tick = _task.Open<Notification>(capability);
        while (Busy().Length != 0 && _task.System.Clock.Now < end)
            tick.Wait(Math.Min(end, _task.System.Clock.Now + SuspendStepNanoseconds));
        _task.Release(capability);
        uint left = driver.Load(_task.System.Clock.Now).InFlight;
        // A channel waits at its closing for what it has: a driver that does not get on with it would keep everybody waiting.
        if (left == 0)
        {
            foreach (var session in driver.Disks.SelectMany(disk => disk.Sessions()))
                session.CloseChannel();
        }
        return left;
    }

    /// <inheritdoc />
    public void GiveUpDriver(string name, string cause)
    {
        var driver = FindDriver(name);
        driver.Stall();
        _task.System.Events.Report("bddf", "driver-gone", $"driver '{name}' of {string.Join(", ", driver.Disks.Select(d => d.Name))}: {cause}");
        foreach (var disk in driver.Disks)
            disk.MarkGone(cause);
    }

    /// <inheritdoc />
    public DriverLoad ReadLoad(string name) => FindDriver(name).Load(_task.System.Clock.Now);

    /// <inheritdoc />
    public void RemoveDriver(string name)
    {
        var driver = FindDriver(name);
        lock (_lock)
            _drivers.Remove(driver);
        foreach (var session in driver.Disks.SelectMany(disk => disk.Sessions()))
            session.Close();
        driver.Forget();
        if (_guards.Remove(name, out var guard))
            guard.Forget();
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

    private AttachedDriver FindDriver(string name) => _drivers.Find(d => d.Name == name)
        ?? throw new ServiceException(ServiceError.NotFound, $"there is no disk driver '{name}'; there are: {string.Join(", ", _drivers.Select(d => d.Name))}");

    /// <summary>The disks of a driver that takes another's place: those known before, which it found again or not, and new ones.</summary>
    private List<Disk> Match(AttachedDriver old, AttachedDriver driver, Capability gate, DiskInfo[] infos)
    {
        var disks = new List<Disk>();
        var known = old.Disks.Where(disk => disk.Gone is null).ToList();
        var free = infos.Select((info, index) => (Info: info, Index: (uint)index)).ToList();
        foreach (var disk in old.Disks)
        {
            disks.Add(disk);
            if (disk.Gone is not null)
                continue;
            // Disks that cannot be told apart are the same as before only if none of them is missing.
            bool isUnique = known.Count(other => other.Differs(disk.Info) is null) == 1;
            int at = free.FindIndex(entry => disk.Differs(entry.Info) is null && (isUnique || entry.Index == disk.Index && infos.Length == known.Count));
            if (at >= 0)
            {
                disk.MoveTo(driver, free[at].Index, free[at].Info);
                free.RemoveAt(at);
                continue;
            }
            string found = disk.Index < infos.Length ? $"in its place {disk.Differs(infos[disk.Index])}" : $"the driver found {infos.Length} disks";
            disk.MarkGone($"it was not found again by driver '{driver.Name}': {found}");
        }
        disks.AddRange(free.Select(entry => TakeIn(driver, gate, entry.Index, entry.Info)));
        return disks;
    }

    private static DiskInfo[] Describe(AttachedDriver driver)
    {
        var infos = driver.Service.List();
        return driver.Guard is { } guard ? guard.NameModels(infos) : infos;
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
        using var reader = new DiskReader(_task, gate, driver, index, info);
        var table = PartitionTable.Read(name, reader);
        if (table.Error is { } error)
            _task.System.Events.Report("bddf", "partition-error", error);
        foreach (string warning in table.Warnings)
            _task.System.Events.Report("bddf", "partition-warning", warning);
        return new Disk(name, driver, index, info, table);
    }
}
