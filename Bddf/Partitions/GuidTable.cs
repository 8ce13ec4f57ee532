using System.Buffers.Binary;
using L4;

namespace Bddf.Partitions;

/// <summary>The GPT scheme (UEFI 2.10, 5.3): a header in sector 1 and a backup in the last sector, each with entries of its own.</summary>
internal static class GuidTable
{
    private const ulong PrimarySector = 1;

    /// <summary>Whether a sector can be read and begins as a GPT header does.</summary>
    public static bool HasHeaderAt(ISectorReader reader, ulong sector)
    {
        var bytes = new byte[reader.SectorSize];
        return sector < reader.Sectors && reader.Read(sector, bytes) == BlockStatus.Ok && GuidHeader.HasMagic(bytes);
    }

    public static IReadOnlyList<BlockPartition> Read(string disk, ISectorReader reader, List<string> warnings)
    {
        var primary = GuidHeader.TryRead(reader, PrimarySector, out string? primaryProblem);
        ulong lastSector = reader.Sectors - 1;
        ulong backupSector = primary?.AlternateSector ?? lastSector;
        var backup = GuidHeader.TryRead(reader, backupSector, out string? backupProblem);
        if (primary is null && backup is null)
            throw new BadPartitionTableException(
                $"{disk}: both GPT headers are bad: the primary at sector {PrimarySector}: {primaryProblem}; the backup at sector {backupSector}: {backupProblem}");
        if (primary is null)
            warnings.Add($"{disk}: the primary GPT header at sector {PrimarySector} is bad ({primaryProblem}); the backup at sector {backupSector} is used");
        else if (backup is null)
            warnings.Add($"{disk}: the backup GPT header at sector {backupSector} is bad ({backupProblem}); the primary is used");
        else
            Compare(disk, primary, backup, backupSector, lastSector, warnings);
        return Partitions(disk, primary ?? backup!);
    }

    private static void Compare(string disk, GuidHeader primary, GuidHeader backup, ulong backupSector, ulong lastSector, List<string> warnings)
    {
        if (backupSector != lastSector)
            warnings.Add($"{disk}: the backup GPT header is at sector {backupSector}, not at the last sector, {lastSector}");
        bool areSame = primary.DiskGuid == backup.DiskGuid && primary.Usable == backup.Usable
            && primary.EntryCount == backup.EntryCount && primary.EntrySize == backup.EntrySize && primary.EntriesCrc == backup.EntriesCrc;
        if (!areSame)
            warnings.Add($"{disk}: the GPT at sector {PrimarySector} and its backup at sector {backupSector} are both sound but differ; the primary is used");
    }

    private static List<BlockPartition> Partitions(string disk, GuidHeader header)
    {
        var partitions = new List<BlockPartition>();
        var regions = new List<Region>();
        var usable = new Region("the usable part", header.Usable);
        for (uint i = 0; i < header.EntryCount; i++)
        {
            var entry = header.Entries.AsSpan((int)(i * header.EntrySize), (int)header.EntrySize);
            var type = new Guid(entry[..16]);
            if (type == Guid.Empty)
                continue;
            uint number = i + 1;
            ulong first = BinaryPrimitives.ReadUInt64LittleEndian(entry[32..]);
            ulong last = BinaryPrimitives.ReadUInt64LittleEndian(entry[40..]);
            // A partition from 0 to the last number there is would have a length that does not fit, too.
            if (first > last || last - first == ulong.MaxValue)
                throw new BadPartitionTableException($"{disk}: partition {number} goes from sector {first} to sector {last}");
            var region = new Region($"partition {number}", new Extent(first, last - first + 1));
            RegionCheck.Inside(disk, region, usable);
            regions.Add(region);
            if (partitions.Count == PartitionTable.MaximumPartitions)
                throw new BadPartitionTableException($"{disk}: the GPT has more than {PartitionTable.MaximumPartitions} partitions; entry {number} is one too many");
            partitions.Add(new BlockPartition($"{disk}p{number}", "gpt", type.ToString("D").ToUpperInvariant(), region.Sectors.First, region.Sectors.Count));
        }
        RegionCheck.Disjoint(disk, regions);
        return partitions;
    }
}
