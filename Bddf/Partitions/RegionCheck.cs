using L4;

namespace Bddf.Partitions;

/// <summary>A run of sectors that something on the disk claims.</summary>
/// <param name="Owner">Who claims it, for messages: <c>partition 3</c>.</param>
/// <param name="Sectors">What is claimed.</param>
internal readonly record struct Region(string Owner, Extent Sectors)
{
    /// <summary>"partition 3 (sectors 2048..4095)".</summary>
    public override string ToString() => $"{Owner} (sectors {Sectors.First}..{Sectors.Last})";
}

/// <summary>The checks that both kinds of tables need.</summary>
internal static class RegionCheck
{
    /// <summary>No two of the regions share a sector.</summary>
    /// <exception cref="BadPartitionTableException">Two do.</exception>
    public static void Disjoint(string disk, IEnumerable<Region> regions)
    {
        Region? furthest = null;
        foreach (var region in regions.OrderBy(r => r.Sectors.First).ThenBy(r => r.Owner, StringComparer.Ordinal))
        {
            if (furthest is { } before && before.Sectors.Overlaps(region.Sectors))
                throw new BadPartitionTableException($"{disk}: {region} overlaps {before}");
            if (furthest is null || region.Sectors.Last > furthest.Value.Sectors.Last)
                furthest = region;
        }
    }

    /// <summary>A region lies in another.</summary>
    /// <exception cref="BadPartitionTableException">It does not.</exception>
    public static void Inside(string disk, Region inner, Region outer)
    {
        if (!outer.Sectors.Contains(inner.Sectors))
            throw new BadPartitionTableException($"{disk}: {inner} is not inside {outer}");
    }

    /// <summary>A region lies on the disk.</summary>
    /// <exception cref="BadPartitionTableException">It does not.</exception>
    public static void OnDisk(string disk, Region region, ulong sectors)
    {
        if (!new Extent(0, sectors).Contains(region.Sectors))
            throw new BadPartitionTableException($"{disk}: {region} goes past the end of the disk, which has {sectors} sectors");
    }
}
