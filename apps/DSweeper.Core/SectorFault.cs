namespace DSweeper.Core;

/// <summary>Sectors that did not become, or did not prove to be, what the plan wanted.</summary>
/// <param name="Phase">What was being done to them.</param>
/// <param name="FirstSector">Number of the first one on the whole disk.</param>
/// <param name="Sectors">How many.</param>
/// <param name="Reason">Short fixed words: what the disk answered, <see cref="SectorFaultList.Mismatch"/> or <see cref="SectorFaultList.BadRegion"/>.</param>
public readonly record struct SectorFault(SweepPhase Phase, ulong FirstSector, ulong Sectors, string Reason);

/// <summary>The faults of one target, neighbours joined, in the order of the sectors. Not for more than one thread.</summary>
public sealed class SectorFaultList
{
    /// <summary>The reason when a sector reads back without error as something else than was written.</summary>
    public const string Mismatch = "other data than written";

    /// <summary>The reason for sectors in and behind a long run of bad ones, of which only some were tried.</summary>
    public const string BadRegion = "in a bad region, not each one tried";

    /// <summary>Ranges that are kept; a disk with more is beyond repair, and the run ends.</summary>
    public const int Limit = 4096;

    private readonly List<SectorFault> _faults = [];

    /// <summary>The ranges so far, by phase and then by sector.</summary>
    public IReadOnlyList<SectorFault> Faults => _faults;

    /// <summary>Whether no further range fits.</summary>
    public bool IsFull => _faults.Count >= Limit;

    /// <summary>All sectors of all ranges; one that failed in two phases counts twice.</summary>
    public ulong Sectors { get; private set; }

    /// <summary>Adds a range, joined with its neighbours of the same phase and reason.</summary>
    public void Add(SectorFault fault)
    {
        Sectors += fault.Sectors;
        int at = _faults.FindIndex(other => Follows(other, fault));
        if (at < 0)
            at = _faults.Count;
        if (at > 0 && Joins(_faults[at - 1], fault))
        {
            fault = fault with { FirstSector = _faults[at - 1].FirstSector, Sectors = _faults[at - 1].Sectors + fault.Sectors };
            _faults.RemoveAt(--at);
        }
        if (at < _faults.Count && Joins(fault, _faults[at]))
        {
            fault = fault with { Sectors = fault.Sectors + _faults[at].Sectors };
            _faults.RemoveAt(at);
        }
        _faults.Insert(at, fault);
    }

    private static bool Follows(SectorFault other, SectorFault fault) =>
        other.Phase != fault.Phase ? other.Phase > fault.Phase : other.FirstSector > fault.FirstSector;

    private static bool Joins(SectorFault left, SectorFault right) =>
        left.Phase == right.Phase && left.Reason == right.Reason
        && right.FirstSector > left.FirstSector && right.FirstSector - left.FirstSector == left.Sectors;
}
