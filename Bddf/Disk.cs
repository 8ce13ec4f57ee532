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

    /// <summary>Who drives it, or did last.</summary>
    public AttachedDriver Driver { get; private set; } = driver;

    /// <summary>The disk's number at its driver.</summary>
    public uint Index { get; private set; } = index;

    public DiskInfo Info { get; private set; } = info;

    /// <summary>Why it cannot be used any more; null while it can.</summary>
    public string? Gone => Volatile.Read(ref _gone);

    public DeviceState State => Gone is not null ? DeviceState.GivenUp : Driver.IsLost ? DeviceState.Recovering : DeviceState.Running;

    public BlockDeviceInfo Describe() => new(
        name, Info.Model, Info.Serial, Info.Driver, Info.SectorSize, Info.Sectors, Info.Writable,
        [.. table.Partitions], table.Error, [.. table.Warnings], State, Gone);

    /// <summary>The sectors of the disk or of one of its partitions; null when the name is of neither.</summary>
    public Extent? Find(string device)
    {
        if (device == name)
            return new Extent(0, Info.Sectors);
        var partition = table.Partitions.FirstOrDefault(p => p.Name == device);
        return partition is null ? null : new Extent(partition.FirstSector, partition.Sectors);
    }

    /// <summary>Counts a session in, so that it hears of the disk's end.</summary>
    public void Add(BlockSession session)
    {
        lock (_lock)
            _sessions.Add(session);
        // The disk, or its driver, may have gone between the session's making and here.
        if (Gone is not null)
            session.DiskGone();
        else if (Driver.IsLost)
            session.Stall();
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

    /// <summary>Has all sessions keep their requests until another driver comes.</summary>
    public void Stall()
    {
        foreach (var session in Sessions())
            session.Stall();
    }

    /// <summary>What keeps a disk that a new driver describes from being this one; null when it is.</summary>
    public string? Differs(DiskInfo found)
    {
        var known = Info;
        if (found.Model != known.Model || found.Serial != known.Serial)
            return $"it is a '{found.Model}' with serial '{found.Serial}', not the '{known.Model}' with serial '{known.Serial}'";
        if (found.SectorSize != known.SectorSize || found.Sectors != known.Sectors)
            return $"it has {found.Sectors} sectors of {found.SectorSize} bytes, not {known.Sectors} of {known.SectorSize}";
        // Sessions were told what they may do.
        return found.MaximumSectors < known.MaximumSectors ? $"its driver takes {found.MaximumSectors} sectors a request, not {known.MaximumSectors}"
            : known.Writable && !found.Writable ? "it takes no writes any more"
            : null;
    }

    /// <summary>Goes over to a driver that found the disk again. The sessions go on with <see cref="BlockSession.Resume"/>.</summary>
    public void MoveTo(AttachedDriver other, uint number, DiskInfo found) => (Driver, Index, Info) = (other, number, found with { MaximumSectors = Info.MaximumSectors });

    /// <summary>The open sessions.</summary>
    public BlockSession[] Sessions()
    {
        lock (_lock)
            return [.. _sessions];
    }
}
