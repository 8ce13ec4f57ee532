namespace Bddf.Partitions;

/// <summary>A disk to read partition tables from.</summary>
internal interface ISectorReader
{
    /// <summary>Bytes in a sector: a power of two from 512 to 4096.</summary>
    uint SectorSize { get; }

    /// <summary>Sectors of the disk.</summary>
    ulong Sectors { get; }

    /// <summary>Reads whole sectors that all lie on the disk.</summary>
    /// <param name="firstSector">First sector.</param>
    /// <param name="into">Takes the contents; a multiple of the sector size long.</param>
    BlockStatus Read(ulong firstSector, Span<byte> into);
}
