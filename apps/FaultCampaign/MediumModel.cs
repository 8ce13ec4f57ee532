namespace FaultCampaign;

/// <summary>
/// What may be on a medium, from what was acknowledged and what was asked for: a sector holds its last acknowledged write, or one after it
/// that nobody has acknowledged.
/// </summary>
/// <param name="sectors">Sectors of the medium.</param>
public sealed class MediumModel(int sectors)
{
    private readonly ulong[] _acknowledged = new ulong[sectors];
    private readonly Dictionary<int, List<ulong>> _possible = [];

    /// <summary>Sectors of the medium.</summary>
    public int Sectors => sectors;

    /// <summary>Sectors that were found to hold an older write than the one acknowledged last.</summary>
    public int LostWrites { get; private set; }

    /// <summary>Bytes that were found on the medium that no write explains.</summary>
    public long CorruptBytes { get; private set; }

    /// <summary>A write is under way.</summary>
    public void Submitted(int sector, ulong write)
    {
        if (!_possible.TryGetValue(sector, out var possible))
            _possible.Add(sector, possible = []);
        possible.Add(write);
    }

    /// <summary>A write was acknowledged. Writes of one sector are not under way at the same time.</summary>
    public void Acknowledged(int sector, ulong write)
    {
        _acknowledged[sector] = write;
        _possible.Remove(sector);
    }

    /// <summary>Whether this may be what a sector holds.</summary>
    public bool IsExplained(int sector, ReadOnlySpan<byte> content) =>
        SectorPattern.TryIdentify(content, (ulong)sector, out ulong write) && IsPossible(sector, write);

    /// <summary>Looks at what a sector holds when no request is under way, and takes it as it is.</summary>
    /// <returns>What is wrong; null when nothing is.</returns>
    public string? Check(int sector, ReadOnlySpan<byte> content)
    {
        ulong last = _acknowledged[sector];
        if (SectorPattern.TryIdentify(content, (ulong)sector, out ulong write) && write <= Newest(sector))
        {
            bool isPossible = IsPossible(sector, write);
            Acknowledged(sector, write);
            if (isPossible)
                return null;
            LostWrites++;
            return $"sector {sector} holds write {write}, and write {last} was acknowledged after it";
        }
        int different = SectorPattern.CountDifferent(content, (ulong)sector, last);
        CorruptBytes += different;
        return $"sector {sector} has {different} bytes that no write explains; the last one acknowledged is {last}";
    }

    /// <summary>A sector that was found spoiled has been written anew by whoever runs the campaign, so that it is counted once.</summary>
    public void Restored(int sector) => _possible.Remove(sector);

    /// <summary>The last write of a sector that was acknowledged, or found.</summary>
    public ulong LastOf(int sector) => _acknowledged[sector];

    private bool IsPossible(int sector, ulong write) =>
        write == _acknowledged[sector] || _possible.TryGetValue(sector, out var possible) && possible.Contains(write);

    private ulong Newest(int sector) => _possible.TryGetValue(sector, out var possible) ? possible.Max() : _acknowledged[sector];
}
