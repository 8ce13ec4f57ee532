using Bddf.Partitions;
using L4;

namespace Bddf;

/// <summary>A disk that a driver brought.</summary>
internal sealed class Disk(string name, AttachedDriver driver, uint index, DiskInfo info, PartitionTable table)
{
    private readonly Lock _lock = new();
    private readonly List<BlockSession> _sessions = [];
    private string? _gone;

    public string Name => name;

    public AttachedDriver Driver => driver;

    /// <summary>The disk's number at its driver.</summary>
    public uint Index => index;

    public DiskInfo Info => info;

    /// <summary>Why it cannot be used any more; null while it can.</summary>
    public string? Gone => Volatile.Read(ref _gone);

    public BlockDeviceInfo Describe() => new(
        name, info.Model, info.Serial, info.Driver, info.SectorSize, info.Sectors, info.Writable,
        [.. table.Partitions], table.Error, [.. table.Warnings], Gone);

    /// <summary>The sectors of the disk or of one of its partitions; null when the name is of neither.</summary>
    public Extent? Find(string device)
    {
        if (device == name)
            return new Extent(0, info.Sectors);
        var partition = table.Partitions.FirstOrDefault(p => p.Name == device);
        return partition is null ? null : new Extent(partition.FirstSector, partition.Sectors);
    }

    /// <summary>Counts a session in, so that it hears of the disk's end.</summary>
    public void Add(BlockSession session)
    {
        lock (_lock)
            _sessions.Add(session);
        // The disk may have gone between the session's making and here.
        if (Gone is not null)
            session.DiskGone();
    }

    public void Remove(BlockSession session)
    {
        lock (_lock)
            _sessions.Remove(session);
    }

    /// <summary>Marks the disk as gone and ends what is in flight.</summary>
    public void MarkGone(string cause)
    {
        Interlocked.CompareExchange(ref _gone, cause, null);
        foreach (var session in Sessions())
            session.DiskGone();
    }

    /// <summary>The open sessions.</summary>
    public BlockSession[] Sessions()
    {
        lock (_lock)
            return [.. _sessions];
    }
}

/// <summary>A driver in service, and the thread that waits for its death.</summary>
#pragma warning disable CA1001 // The watch ends with Forget.
internal sealed class AttachedDriver
#pragma warning restore CA1001
{
    private readonly L4Task _task;
    private readonly Capability _gate;
    private ServerWatch? _watch;

    /// <param name="task">The framework's task.</param>
    /// <param name="name">The driver's name.</param>
    /// <param name="gate">Its gate of <see cref="IDiskDriver"/>; from here on this object's.</param>
    public AttachedDriver(L4Task task, string name, Capability gate)
    {
        _task = task;
        _gate = gate;
        Name = name;
        Service = new DiskDriverProxy(task, gate);
    }

    public string Name { get; }

    public IDiskDriver Service { get; }

    public IReadOnlyList<Disk> Disks { get; set; } = [];

    /// <summary>Waits for the driver's death from now on, and marks its disks.</summary>
    public void Watch() => _watch = new ServerWatch(_task, Name, _gate, cause =>
    {
        _task.System.Events.Report("bddf", "driver-gone", $"driver '{Name}' of {string.Join(", ", Disks.Select(d => d.Name))}: {cause}");
        foreach (var disk in Disks)
            disk.MarkGone(cause);
    });

    /// <summary>Waits no more, and gives the driver up.</summary>
    public void Forget()
    {
        _watch?.Dispose();
        _task.Release(_gate);
    }
}
