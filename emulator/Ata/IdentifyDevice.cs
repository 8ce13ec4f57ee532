using System.Buffers.Binary;

namespace Emulator;

/// <summary>The 256 words of IDENTIFY DEVICE: ATA/ATAPI-6 (T13/1410D), clause 8, IDENTIFY DEVICE, checked against ATA/ATAPI-7.
/// Words that are not set here are zero: reserved, obsolete, or of a feature that the disk does not have.</summary>
internal static class IdentifyDevice
{
    private const ulong HighestLba28Count = 0x0fff_ffff;

    /// <summary>Bit 14 one and bit 15 zero: the word is valid.</summary>
    private const ushort Valid = 1 << 14;

    /// <summary>Writes the words for <paramref name="disk"/> to the first 512 bytes of <paramref name="block"/>.</summary>
    public static void Fill(Span<byte> block, AtaDisk disk)
    {
        block = block[..AtaDisk.SectorSize];
        block.Clear();
        DiskGeometry power = DiskGeometry.Default(disk.SectorCount);

        Set(block, 0, 1 << 6); // ATA device, not removable, response complete
        Set(block, 1, (ushort)power.Cylinders);
        Set(block, 2, 0xc837); // needs no SET FEATURES to spin up
        Set(block, 3, (ushort)power.Heads);
        Set(block, 6, (ushort)power.SectorsPerTrack);
        SetText(block, 10, DiskIdentity.SerialLength, disk.Identity.Serial);
        SetText(block, 23, DiskIdentity.FirmwareLength, disk.Identity.Firmware);
        SetText(block, 27, DiskIdentity.ModelLength, disk.Identity.Model);
        Set(block, 47, 0x8000 | AtaDisk.HighestMultiple);
        Set(block, 49, 1 << 11 | 1 << 10 | 1 << 9 | 1 << 8); // IORDY, IORDY may be disabled, LBA, DMA
        Set(block, 50, Valid);
        Set(block, 51, 2 << 8); // PIO mode 2 at least, as ATA-1 counted
        Set(block, 53, 7); // words 54-58, 64-70 and 88 are valid
        Set(block, 54, (ushort)disk.Geometry.Cylinders);
        Set(block, 55, (ushort)disk.Geometry.Heads);
        Set(block, 56, (ushort)disk.Geometry.SectorsPerTrack);
        Set32(block, 57, disk.Geometry.Capacity);
        Set(block, 59, (ushort)(disk.MultipleCount == 0 ? 0 : 1 << 8 | disk.MultipleCount));
        Set32(block, 60, (uint)Math.Min(disk.SectorCount, HighestLba28Count));
        Set(block, 63, Modes(AtaTransferMode.HighestMultiwordDma, disk.MultiwordDmaMode));
        Set(block, 64, 1 << 1 | 1 << 0); // PIO modes 4 and 3
        for (int cycleTime = 65; cycleTime <= 68; cycleTime++)
            Set(block, cycleTime, 120); // nanoseconds, the shortest that MWDMA 2 and PIO 4 have
        Set(block, 80, 1 << 6 | 1 << 5 | 1 << 4); // ATA/ATAPI-6, -5, -4

        // Features: supported in 82-84, enabled in 85-87.
        const ushort nop = 1 << 14, lookAhead = 1 << 6, writeCache = 1 << 5, powerManagement = 1 << 3;
        const ushort flushExt = 1 << 13, flush = 1 << 12, lba48 = 1 << 10;
        Set(block, 82, nop | lookAhead | writeCache | powerManagement);
        Set(block, 83, Valid | flushExt | flush | lba48);
        Set(block, 84, Valid);
        Set(block, 85, (ushort)(nop | powerManagement | (disk.ReadLookAheadEnabled ? lookAhead : 0) | (disk.WriteCacheEnabled ? writeCache : 0)));
        Set(block, 86, flushExt | flush | lba48);
        Set(block, 87, Valid);
        Set(block, 88, Modes(AtaTransferMode.HighestUltraDma, disk.UltraDmaMode));
        Set(block, 93, ResetResult(disk));
        Set32(block, 100, (uint)(disk.SectorCount & uint.MaxValue));
        Set32(block, 102, (uint)(disk.SectorCount >> 32));

        // Word 255: A5h, and the byte that makes the sum of all bytes zero.
        block[510] = 0xa5;
        int sum = 0;
        foreach (byte value in block)
            sum += value;
        block[511] = (byte)(-sum & 0xff);
    }

    /// <summary>Modes up to <paramref name="highest"/> in the low byte, the selected one in the high byte.</summary>
    private static ushort Modes(int highest, int selected) =>
        (ushort)((2 << highest) - 1 | (selected < 0 ? 0 : 1 << (8 + selected)));

    /// <summary>Word 93: an 80-conductor cable (bit 13), device numbers by jumper, and what each device saw at reset.</summary>
    private static ushort ResetResult(AtaDisk disk) => (ushort)(Valid | 1 << 13
        | (disk.IsDevice1
            ? 1 << 11 | 1 << 9 | 1 << 8
            : 1 << 3 | 1 << 1 | 1 << 0 | (disk.IsAlone ? 1 << 6 : 1 << 5 | 1 << 4)));

    private static void Set(Span<byte> block, int word, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(block[(word * 2)..], value);

    private static void Set32(Span<byte> block, int word, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(block[(word * 2)..], value);

    /// <summary>Text, padded with spaces; the first character of each pair is in the high byte of its word.</summary>
    private static void SetText(Span<byte> block, int word, int length, string text)
    {
        Span<byte> field = block.Slice(word * 2, length);
        for (int i = 0; i < length; i++)
            field[i ^ 1] = i < text.Length ? (byte)text[i] : (byte)' ';
    }
}
