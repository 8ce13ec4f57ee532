using System.Buffers.Binary;

namespace Bddf.Partitions;

/// <summary>A table that must not be used; the text is one line with the disk, what is wrong, and the sector numbers.</summary>
internal sealed class BadPartitionTableException(string message) : Exception(message);

/// <summary>What the partition table of a disk says.</summary>
/// <param name="Partitions">In the order of their numbers; empty when the table is in error or there is none.</param>
/// <param name="Error">What is wrong, in one line; null when the table is sound or there is none.</param>
/// <param name="Warnings">What is odd, a line each.</param>
internal sealed record PartitionTable(IReadOnlyList<BlockPartition> Partitions, string? Error, IReadOnlyList<string> Warnings)
{
    /// <summary>The most partitions a disk may have, so that its description fits one message.</summary>
    public const int MaximumPartitions = 512;

    /// <summary>The most warnings that are kept one by one, for the same reason.</summary>
    public const int MaximumWarnings = 16;

    private const ulong SignatureAt = 510;
    private const ushort Signature = 0xAA55;

    /// <summary>Reads the table of a disk. Never fails: what is wrong is in the result.</summary>
    /// <param name="disk">The disk's name, for messages and for the names of its partitions.</param>
    /// <param name="reader">The disk.</param>
    public static PartitionTable Read(string disk, ISectorReader reader)
    {
        var warnings = new List<string>();
        try
        {
            return new PartitionTable(ReadAny(disk, reader, warnings), null, Limit(disk, warnings));
        }
        catch (BadPartitionTableException exception)
        {
            return new PartitionTable([], exception.Message, Limit(disk, warnings));
        }
    }

    /// <summary>Whether a sector ends its first 512 bytes with the signature of an MBR or EBR.</summary>
    internal static bool HasSignature(ReadOnlySpan<byte> sector) =>
        BinaryPrimitives.ReadUInt16LittleEndian(sector[(int)SignatureAt..]) == Signature;

    /// <summary>Reads one sector that the table cannot do without.</summary>
    internal static byte[] ReadSector(string disk, ISectorReader reader, ulong sector, string what)
    {
        var bytes = new byte[reader.SectorSize];
        var status = reader.Read(sector, bytes);
        return status == BlockStatus.Ok
            ? bytes
            : throw new BadPartitionTableException($"{disk}: sector {sector} ({what}) cannot be read: {status}");
    }

    private static List<string> Limit(string disk, List<string> warnings) => warnings.Count <= MaximumWarnings
        ? warnings
        : [.. warnings.Take(MaximumWarnings), $"{disk}: {warnings.Count - MaximumWarnings} more warnings about the partition table"];

    private static IReadOnlyList<BlockPartition> ReadAny(string disk, ISectorReader reader, List<string> warnings)
    {
        byte[] first = ReadSector(disk, reader, 0, "the master boot record");
        if (!HasSignature(first))
        {
            if (GuidTable.HasHeaderAt(reader, 1))
                warnings.Add($"{disk}: sector 1 holds a GPT header, but sector 0 is no master boot record; the disk counts as not partitioned");
            return [];
        }
        var entries = MbrEntry.ReadAll(first);
        for (int i = 0; i < entries.Length; i++)
        {
            // The boot sector of a file system on the whole disk has the same signature, and code where the entries would be.
            if ((entries[i].BootIndicator & 0x7F) != 0)
            {
                warnings.Add($"{disk}: entry {i + 1} of sector 0 has the boot indicator 0x{entries[i].BootIndicator:x2}, so this is no partition table; the disk counts as not partitioned");
                return [];
            }
        }
        return Array.Exists(entries, e => e.Type == MbrEntry.ProtectiveType)
            ? GuidTable.Read(disk, reader, warnings)
            : new MasterBootRecord(disk, reader, warnings).Read(entries);
    }
}
