using System.Buffers.Binary;
using Bddf.Partitions;
using L4;

namespace Bddf.Tests.Partitions;

/// <summary>A disk of zeros with some sectors written by hand, and some that cannot be read.</summary>
internal sealed class SparseDisk(ulong sectors, uint sectorSize = 512) : ISectorReader
{
    private readonly Dictionary<ulong, byte[]> _written = [];

    public uint SectorSize => sectorSize;

    public ulong Sectors => sectors;

    /// <summary>Sectors that cannot be read.</summary>
    public HashSet<ulong> Bad { get; } = [];

    /// <summary>Reads so far.</summary>
    public int Reads { get; private set; }

    /// <summary>The sectors that were written to.</summary>
    public IReadOnlyList<ulong> Written => [.. _written.Keys.Order()];

    /// <summary>A sector's contents, to be changed.</summary>
    public byte[] this[ulong sector]
    {
        get
        {
            if (!_written.TryGetValue(sector, out var bytes))
                _written.Add(sector, bytes = new byte[sectorSize]);
            return bytes;
        }
    }

    public BlockStatus Read(ulong firstSector, Span<byte> into)
    {
        Reads++;
        ulong count = (ulong)into.Length / sectorSize;
        new Extent(0, sectors).Contains(firstSector, count).ShouldBeTrue($"read of {count} sectors at {firstSector} of {sectors}");
        ((ulong)into.Length % sectorSize).ShouldBe(0UL);
        for (ulong i = 0; i < count; i++)
        {
            var target = into.Slice((int)(i * sectorSize), (int)sectorSize);
            if (Bad.Contains(firstSector + i))
                return BlockStatus.MediumError;
            if (_written.TryGetValue(firstSector + i, out var bytes))
                bytes.CopyTo(target);
            else
                target.Clear();
        }
        return BlockStatus.Ok;
    }

    /// <summary>Writes a boot record: entries of (type, start, sectors), and the signature.</summary>
    public void WriteBootRecord(ulong sector, params (byte Type, uint Start, uint Sectors)[] entries)
    {
        var bytes = this[sector];
        bytes.AsSpan(446).Clear();
        for (int i = 0; i < entries.Length; i++)
        {
            var entry = bytes.AsSpan(446 + 16 * i, 16);
            entry[4] = entries[i].Type;
            BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], entries[i].Start);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], entries[i].Sectors);
        }
        bytes[510] = 0x55;
        bytes[511] = 0xAA;
    }

    public PartitionTable ReadTable() => PartitionTable.Read("disk0", this);
}
