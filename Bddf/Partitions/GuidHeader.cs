using System.Buffers.Binary;
using L4;

namespace Bddf.Partitions;

/// <summary>A GPT header (UEFI 2.10, table 5.5) that passed all checks, with its partition entries.</summary>
internal sealed record GuidHeader(
    Guid DiskGuid, ulong AlternateSector, ulong FirstUsable, ulong LastUsable, uint EntryCount, uint EntrySize, uint EntriesCrc)
{
    /// <summary>Bytes of the entry array that are read at most: far more than any tool makes, little enough to hold.</summary>
    public const ulong MaximumArrayBytes = 1024 * 1024;

    private const ulong Magic = 0x5452415020494645; // "EFI PART"
    private const uint HeaderBytes = 92;
    private const int CrcAt = 16;
    private const int MinimumEntrySize = 128;
    private const int MaximumEntrySize = 4096;

    /// <summary>The entry array, <see cref="EntryCount"/> times <see cref="EntrySize"/> bytes.</summary>
    public byte[] Entries { get; private init; } = [];

    /// <summary>The sectors that partitions may use.</summary>
    public Extent Usable => new(FirstUsable, LastUsable - FirstUsable + 1);

    /// <summary>Whether the sector starts as a GPT header does.</summary>
    public static bool HasMagic(ReadOnlySpan<byte> sector) => BinaryPrimitives.ReadUInt64LittleEndian(sector) == Magic;

    /// <summary>Reads and checks one of the two copies.</summary>
    /// <param name="reader">The disk.</param>
    /// <param name="at">The header's sector.</param>
    /// <param name="problem">What is wrong with it, for a sentence that names the sector; null when it is sound.</param>
    public static GuidHeader? TryRead(ISectorReader reader, ulong at, out string? problem)
    {
        var sector = new byte[reader.SectorSize];
        problem = ReadInto(reader, at, sector) ?? CheckHeader(sector, at);
        if (problem is not null)
            return null;
        var header = new GuidHeader(
            new Guid(sector.AsSpan(56, 16)), UInt64(sector, 32), UInt64(sector, 40), UInt64(sector, 48), UInt32(sector, 80), UInt32(sector, 84), UInt32(sector, 88));
        ulong entriesAt = UInt64(sector, 72);
        problem = header.CheckGeometry(reader, entriesAt);
        if (problem is not null)
            return null;
        int bytes = (int)(header.EntryCount * header.EntrySize);
        var array = new byte[bytes + (-bytes & (int)(reader.SectorSize - 1))];
        problem = ReadInto(reader, entriesAt, array);
        if (problem is not null)
            return null;
        uint crc = Crc32.Of(array.AsSpan(0, bytes));
        if (crc != header.EntriesCrc)
        {
            problem = $"the entries at sector {entriesAt} have the CRC {crc:x8}, not {header.EntriesCrc:x8}";
            return null;
        }
        return header with { Entries = array[..bytes] };
    }

    private static string? ReadInto(ISectorReader reader, ulong at, byte[] bytes)
    {
        if (!new Extent(0, reader.Sectors).Contains(at, (ulong)bytes.Length / reader.SectorSize))
            return $"sector {at} is past the end of the disk, which has {reader.Sectors} sectors";
        var status = reader.Read(at, bytes);
        return status == BlockStatus.Ok ? null : $"sector {at} cannot be read: {status}";
    }

    private static string? CheckHeader(byte[] sector, ulong at)
    {
        if (!HasMagic(sector))
            return "it does not begin with 'EFI PART'";
        uint size = UInt32(sector, 12);
        if (size < HeaderBytes || size > sector.Length)
            return $"its size is {size} bytes, not {HeaderBytes} to {sector.Length}";
        uint stored = UInt32(sector, CrcAt);
        // The checksum is of the header with zero in its own place.
        BinaryPrimitives.WriteUInt32LittleEndian(sector.AsSpan(CrcAt), 0);
        uint crc = Crc32.Of(sector.AsSpan(0, (int)size));
        if (crc != stored)
            return $"its CRC is {crc:x8}, not {stored:x8}";
        ulong self = UInt64(sector, 24);
        return self == at ? null : $"it says that it is sector {self}";
    }

    private string? CheckGeometry(ISectorReader reader, ulong entriesAt)
    {
        if (FirstUsable > LastUsable || LastUsable >= reader.Sectors)
            return $"its usable sectors are {FirstUsable}..{LastUsable} on a disk of {reader.Sectors}";
        if (!uint.IsPow2(EntrySize) || EntrySize is < MinimumEntrySize or > MaximumEntrySize)
            return $"its entries have {EntrySize} bytes, not a power of two from {MinimumEntrySize} to {MaximumEntrySize}";
        ulong bytes = (ulong)EntryCount * EntrySize;
        if (EntryCount == 0 || bytes > MaximumArrayBytes)
            return $"it has {EntryCount} entries of {EntrySize} bytes; 1 to {MaximumArrayBytes / EntrySize} are supported";
        ulong sectors = (bytes + (reader.SectorSize - 1)) / reader.SectorSize;
        return new Extent(entriesAt, sectors).Overlaps(Usable)
            ? $"its {sectors} sectors of entries at sector {entriesAt} overlap the usable sectors {FirstUsable}..{LastUsable}"
            : null;
    }

    private static uint UInt32(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    private static ulong UInt64(byte[] bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));
}
