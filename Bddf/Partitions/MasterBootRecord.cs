using System.Buffers.Binary;
using L4;

namespace Bddf.Partitions;

/// <summary>One of the four entries of a boot record (16 bytes from byte 446 on).</summary>
/// <param name="BootIndicator">0x80: active; 0: not.</param>
/// <param name="Type">The partition's type.</param>
/// <param name="Start">First sector, relative to what the record says.</param>
/// <param name="Sectors">Length; an entry without sectors is not in use, whatever its type.</param>
internal readonly record struct MbrEntry(byte BootIndicator, byte Type, uint Start, uint Sectors)
{
    /// <summary>The type that stands for the whole disk in the protective MBR of a GPT disk (UEFI 2.10, 5.2.3).</summary>
    public const byte ProtectiveType = 0xEE;

    private const int EntriesAt = 446;
    private const int EntryBytes = 16;

    /// <summary>Whether it describes a container of logical partitions: CHS, LBA, or Linux' own type.</summary>
    public bool IsExtended => Type is 0x05 or 0x0F or 0x85;

    /// <summary>Whether it describes anything.</summary>
    public bool IsUsed => Sectors != 0;

    /// <summary>The type as sfdisk prints it.</summary>
    public string TypeText => $"{Type:x}";

    public static MbrEntry[] ReadAll(ReadOnlySpan<byte> sector)
    {
        var entries = new MbrEntry[4];
        for (int i = 0; i < entries.Length; i++)
        {
            var entry = sector.Slice(EntriesAt + i * EntryBytes, EntryBytes);
            entries[i] = new MbrEntry(entry[0], entry[4], BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]), BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]));
        }
        return entries;
    }
}

/// <summary>
/// The MBR scheme: four entries in sector 0; one of them may be an extended partition, in which a chain of extended boot records (EBR)
/// describes the logical partitions, numbered from 5 on. In an EBR the logical partition counts from the EBR, the link to the next EBR
/// from the start of the extended partition.
/// </summary>
internal sealed class MasterBootRecord(string disk, ISectorReader reader, List<string> warnings)
{
    private readonly List<BlockPartition> _partitions = [];
    private int _nextLogical = 5;

    public IReadOnlyList<BlockPartition> Read(MbrEntry[] entries)
    {
        Region? extended = null;
        var regions = new List<Region>();
        for (int i = 0; i < entries.Length; i++)
        {
            var entry = entries[i];
            if (!entry.IsUsed)
                continue;
            var region = new Region($"{(entry.IsExtended ? "extended " : "")}partition {i + 1}", new Extent(entry.Start, entry.Sectors));
            RegionCheck.OnDisk(disk, region, reader.Sectors);
            if (entry.Start == 0)
                warnings.Add($"{disk}: {region} begins with the partition table itself");
            regions.Add(region);
            Add(i + 1, entry, region.Sectors);
            if (entry.IsExtended && extended is not null)
                warnings.Add($"{disk}: {region} is a second extended partition; its contents are not looked at");
            else if (entry.IsExtended)
                extended = region;
        }
        RegionCheck.Disjoint(disk, regions);
        if (extended is { } container)
            ReadLogical(container);
        return _partitions;
    }

    private void ReadLogical(Region extended)
    {
        var seen = new HashSet<ulong>();
        var regions = new List<Region>();
        ulong record = extended.Sectors.First;
        while (true)
        {
            if (seen.Count == PartitionTable.MaximumPartitions)
                throw new BadPartitionTableException($"{disk}: the chain in {extended} has more than {seen.Count} boot records; the next would be sector {record}");
            seen.Add(record);
            byte[] sector = PartitionTable.ReadSector(disk, reader, record, "an extended boot record");
            if (!PartitionTable.HasSignature(sector))
                throw new BadPartitionTableException($"{disk}: sector {record} in {extended} is no extended boot record: it does not end in 55 AA");
            regions.Add(new Region("the extended boot record", new Extent(record, 1)));
            var entries = MbrEntry.ReadAll(sector);
            AddLogical(record, entries, extended, regions);
            if (Link(record, entries, extended) is not { } next)
                break;
            if (seen.Contains(next))
                throw new BadPartitionTableException($"{disk}: the chain in {extended} loops: sector {record} leads back to sector {next}");
            record = next;
        }
        RegionCheck.Disjoint(disk, regions);
    }

    private void AddLogical(ulong record, MbrEntry[] entries, Region extended, List<Region> regions)
    {
        var logical = Array.FindAll(entries, e => e.IsUsed && !e.IsExtended);
        if (logical.Length == 0)
            return;
        int number = _nextLogical++;
        if (logical.Length > 1)
            warnings.Add($"{disk}: the extended boot record at sector {record} has {logical.Length} partitions; only the first is used, as partition {number}");
        var region = new Region($"partition {number}", new Extent(record + logical[0].Start, logical[0].Sectors));
        RegionCheck.OnDisk(disk, region, reader.Sectors);
        RegionCheck.Inside(disk, region, extended);
        regions.Add(region);
        Add(number, logical[0], region.Sectors);
    }

    private ulong? Link(ulong record, MbrEntry[] entries, Region extended)
    {
        var links = Array.FindAll(entries, e => e.IsUsed && e.IsExtended);
        if (links.Length == 0)
            return null;
        if (links.Length > 1)
            warnings.Add($"{disk}: the extended boot record at sector {record} has {links.Length} links; only the first is followed");
        ulong next = extended.Sectors.First + links[0].Start;
        RegionCheck.Inside(disk, new Region($"the boot record that sector {record} leads to", new Extent(next, 1)), extended);
        return next;
    }

    private void Add(int number, MbrEntry entry, Extent sectors) =>
        _partitions.Add(new BlockPartition($"{disk}p{number}", "mbr", entry.TypeText, sectors.First, sectors.Count));
}
