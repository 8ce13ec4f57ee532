using System.Buffers.Binary;
using Bddf.Partitions;

namespace Bddf.Tests.Partitions;

/// <summary>A GPT made by hand, so that every field can be made wrong before the checksums are put right.</summary>
internal sealed class GptImage
{
    public const string LinuxType = "0FC63DAF-8483-4772-8E79-3D69D8477DE4";

    private readonly uint _entryCount;

    public GptImage(ulong sectors = 4096, uint sectorSize = 512, uint entryCount = 128)
    {
        _entryCount = entryCount;
        Disk = new SparseDisk(sectors, sectorSize);
        EntriesSectors = entryCount * 128UL / sectorSize;
        Disk.WriteBootRecord(0, (0xEE, 1, (uint)(sectors - 1)));
        WriteHeader(1, sectors - 1, 2);
        WriteHeader(sectors - 1, 1, sectors - 1 - EntriesSectors);
        Seal();
    }

    public SparseDisk Disk { get; }

    public ulong EntriesSectors { get; }

    public ulong Last => Disk.Sectors - 1;

    /// <summary>Writes an entry into both copies and makes the checksums right.</summary>
    public GptImage WithPartition(uint number, ulong first, ulong last, string type = LinuxType)
    {
        PutPartition(number, first, last, type);
        Seal();
        return this;
    }

    /// <summary>Writes an entry into both copies and leaves the checksums as they were.</summary>
    public void PutPartition(uint number, ulong first, ulong last, string type = LinuxType)
    {
        foreach (ulong entries in new ulong[] { 2, Last - EntriesSectors })
        {
            ulong at = (number - 1) * 128UL;
            var entry = Disk[entries + at / Disk.SectorSize].AsSpan((int)(at % Disk.SectorSize), 128);
            new Guid(type).TryWriteBytes(entry);
            new Guid((int)number, 1, 2, [3, 4, 5, 6, 7, 8, 9, 10]).TryWriteBytes(entry[16..]);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[32..], first);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[40..], last);
        }
    }

    /// <summary>Changes a field of a header.</summary>
    public GptImage With(ulong header, int offset, ulong value, int bytes = 8)
    {
        var field = Disk[header].AsSpan(offset, bytes);
        if (bytes == 8)
            BinaryPrimitives.WriteUInt64LittleEndian(field, value);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(field, (uint)value);
        SealHeader(header);
        return this;
    }

    /// <summary>Makes all checksums right.</summary>
    public void Seal()
    {
        foreach (ulong header in new ulong[] { 1, Last })
        {
            ulong at = BinaryPrimitives.ReadUInt64LittleEndian(Disk[header].AsSpan(72));
            byte[] entries = [.. Enumerable.Range(0, (int)EntriesSectors).SelectMany(i => Disk[at + (ulong)i])];
            BinaryPrimitives.WriteUInt32LittleEndian(Disk[header].AsSpan(88), Crc32.Of(entries));
            SealHeader(header);
        }
    }

    /// <summary>Makes a header's checksum right, whatever size it says it has.</summary>
    public void SealHeader(ulong header)
    {
        var bytes = Disk[header].AsSpan();
        bytes.Slice(16, 4).Clear();
        int size = (int)Math.Clamp(BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]), 0, Disk.SectorSize);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[16..], Crc32.Of(bytes[..size]));
    }

    private void WriteHeader(ulong at, ulong alternate, ulong entries)
    {
        var bytes = Disk[at].AsSpan();
        "EFI PART"u8.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], 0x00010000);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], 92);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], at);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[32..], alternate);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[40..], 2 + EntriesSectors);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[48..], Last - EntriesSectors - 1);
        new Guid("11111111-2222-3333-4444-555555555555").TryWriteBytes(bytes[56..]);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[72..], entries);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[80..], _entryCount);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[84..], 128);
    }
}
