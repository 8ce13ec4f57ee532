using Bddf;
using L4;

namespace DSweeper.Core;

/// <summary>A partition, or a disk as a whole, that is to be erased.</summary>
/// <param name="Name">What Bddf opens: <c>disk0</c>, <c>disk0p1</c>.</param>
/// <param name="Disk">Name of the disk it lies on.</param>
/// <param name="Model">The disk's model.</param>
/// <param name="Serial">The disk's serial number.</param>
/// <param name="FirstSector">Where it starts on the disk.</param>
/// <param name="Sectors">How many sectors it has.</param>
/// <param name="SectorSize">Bytes of a sector.</param>
public sealed record SweepTarget(string Name, string Disk, string Model, string Serial, ulong FirstSector, ulong Sectors, uint SectorSize)
{
    /// <summary>Size in bytes.</summary>
    public ulong Bytes => Sectors * SectorSize;

    /// <summary>The sectors on the disk.</summary>
    public Extent Extent => new(FirstSector, Sectors);
}

/// <summary>What a run does to which sectors. Made once, shown to the person, run as it is.</summary>
public sealed class SweepPlan
{
    private SweepPlan(SweepMode mode, EraseMethod method, bool verify, IReadOnlyList<SweepTarget> targets)
    {
        Mode = mode;
        Method = method;
        Verify = verify;
        Targets = targets;
    }

    /// <summary>Whether anything is written.</summary>
    public SweepMode Mode { get; }

    /// <summary>What takes the place of the data.</summary>
    public EraseMethod Method { get; }

    /// <summary>Whether everything is read back and compared.</summary>
    public bool Verify { get; }

    /// <summary>The targets in the order they are worked on; no two share a sector.</summary>
    public IReadOnlyList<SweepTarget> Targets { get; }

    /// <summary>Bytes that a whole run moves: once over everything, twice with verification.</summary>
    public ulong WorkBytes
    {
        get
        {
            ulong bytes = 0;
            foreach (var target in Targets)
                bytes += target.Bytes;
            return Verify ? bytes * 2 : bytes;
        }
    }

    /// <summary>The serial numbers that allow this plan to write, one for each disk.</summary>
    public IReadOnlyList<(string Disk, string Model, string Serial)> Disks =>
        [.. Targets.Select(target => (target.Disk, target.Model, target.Serial)).Distinct()];

    /// <summary>Makes a plan.</summary>
    /// <param name="devices">What the block server lists.</param>
    /// <param name="names">Partitions and disks to erase.</param>
    /// <param name="mode">Whether to write.</param>
    /// <param name="method">What to write.</param>
    /// <param name="verify">Whether to read back.</param>
    /// <exception cref="SweepPlanException">A name is unknown, its disk gone, it is named twice, or shares sectors with another.</exception>
    public static SweepPlan Create(IReadOnlyList<BlockDeviceInfo> devices, IReadOnlyList<string> names, SweepMode mode, EraseMethod method, bool verify)
    {
        if (names.Count == 0)
            throw new SweepPlanException(SweepPlanProblem.Selection, $"nothing is selected; there is {Choices(devices)}");
        var targets = new List<SweepTarget>();
        foreach (string name in names)
        {
            var target = Find(devices, name) ?? throw Unknown(devices, name);
            if (devices.First(device => device.Name == target.Disk).Gone is { } cause)
                throw new SweepPlanException(SweepPlanProblem.Gone, $"{target.Disk} went away: {cause}");
            if (target.Sectors == 0)
                throw new SweepPlanException(SweepPlanProblem.Selection, $"{name} has 0 sectors");
            foreach (var other in targets.Where(other => other.Disk == target.Disk && other.Extent.Overlaps(target.Extent)))
            {
                throw new SweepPlanException(SweepPlanProblem.Selection, other.Name == target.Name
                    ? $"{name} is selected twice"
                    : $"{other.Name} (sectors {other.FirstSector} to {other.Extent.Last}) and "
                        + $"{name} (sectors {target.FirstSector} to {target.Extent.Last}) overlap; select one of them");
            }
            targets.Add(target);
        }
        return new SweepPlan(mode, method, verify, targets);
    }

    /// <summary>The plan with the other mode, against a new listing.</summary>
    /// <exception cref="SweepPlanException">A disk or partition is not what it was when this plan was made.</exception>
    public SweepPlan ForWriting(IReadOnlyList<BlockDeviceInfo> devices)
    {
        var plan = Create(devices, [.. Targets.Select(target => target.Name)], SweepMode.Write, Method, Verify);
        foreach (var (before, now) in Targets.Zip(plan.Targets))
        {
            if (before != now)
            {
                throw new SweepPlanException(SweepPlanProblem.Changed,
                    $"{before.Name} changed since it was chosen: {Describe(before)}, now {Describe(now)}; nothing was written");
            }
        }
        return plan;
    }

    private static SweepPlanException Unknown(IReadOnlyList<BlockDeviceInfo> devices, string name) =>
        devices.FirstOrDefault(device => device.PartitionError is not null && name.StartsWith(device.Name + "p", StringComparison.Ordinal)) is { } damaged
            ? new SweepPlanException(SweepPlanProblem.PartitionTable, $"there is no '{name}' because {damaged.PartitionError}")
            : new SweepPlanException(SweepPlanProblem.Selection, $"there is no '{name}'; there is {Choices(devices)}");

    private static string Describe(SweepTarget target) => $"serial '{target.Serial}', {target.Sectors} sectors from {target.FirstSector}";

    private static string Choices(IReadOnlyList<BlockDeviceInfo> devices) =>
        devices.Count == 0
            ? "no disk"
            : string.Join(", ", devices.SelectMany(device => device.Partitions.Select(partition => partition.Name).Prepend(device.Name)));

    private static SweepTarget? Find(IReadOnlyList<BlockDeviceInfo> devices, string name)
    {
        foreach (var device in devices)
        {
            if (device.Name == name)
                return new SweepTarget(name, device.Name, device.Model, device.Serial, 0, device.Sectors, device.SectorSize);
            foreach (var partition in device.Partitions)
            {
                if (partition.Name == name)
                    return new SweepTarget(name, device.Name, device.Model, device.Serial, partition.FirstSector, partition.Sectors, device.SectorSize);
            }
        }
        return null;
    }
}
