using System.Globalization;

namespace Emulator;

/// <summary>A translation between CHS addresses and block addresses (ATA/ATAPI-5, clause 6, "CHS addressing"; obsolete since, but
/// INITIALIZE DEVICE PARAMETERS and IDENTIFY DEVICE words 1-6 and 54-58 are still used by drivers).</summary>
internal readonly record struct DiskGeometry(uint Cylinders, uint Heads, uint SectorsPerTrack)
{
    private const uint HighestCylinders = 16383;
    private const uint DefaultHeads = 16;
    private const uint DefaultSectorsPerTrack = 63;

    /// <summary>Sectors that CHS addresses reach.</summary>
    public uint Capacity => Cylinders * Heads * SectorsPerTrack;

    /// <summary>The translation after power-on: 16 heads, 63 sectors a track, at most 16383 cylinders.</summary>
    public static DiskGeometry Default(ulong sectors) => For(sectors, DefaultHeads, DefaultSectorsPerTrack);

    /// <summary>The translation with these heads and sectors a track, neither of them 0.</summary>
    public static DiskGeometry For(ulong sectors, uint heads, uint sectorsPerTrack) =>
        new((uint)Math.Min(HighestCylinders, sectors / (heads * sectorsPerTrack)), heads, sectorsPerTrack);

    /// <summary>Block address of a CHS address; false when there is no such place.</summary>
    public bool TryToLba(uint cylinder, uint head, uint sector, out ulong lba)
    {
        bool found = cylinder < Cylinders && head < Heads && sector != 0 && sector <= SectorsPerTrack;
        lba = found ? ((ulong)cylinder * Heads + head) * SectorsPerTrack + (sector - 1) : 0;
        return found;
    }

    /// <summary>CHS address of a block address.</summary>
    public (uint Cylinder, uint Head, uint Sector) ToChs(ulong lba)
    {
        ulong track = lba / SectorsPerTrack;
        return ((uint)(track / Heads & 0xffff), (uint)(track % Heads), (uint)(lba % SectorsPerTrack) + 1);
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Cylinders}/{Heads}/{SectorsPerTrack}");
}
