using System.Buffers.Binary;

namespace DSweeper.Tests;

/// <summary>Puts an MBR partition table on a disk image.</summary>
internal static class PartitionTable
{
    internal static void Write(Span<byte> content, params (byte Type, ulong First, ulong Sectors)[] partitions)
    {
        content[..512].Clear();
        for (int slot = 0; slot < partitions.Length; slot++)
        {
            var entry = content.Slice(446 + 16 * slot, 16);
            entry[4] = partitions[slot].Type;
            BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], (uint)partitions[slot].First);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], (uint)partitions[slot].Sectors);
        }
        content[510] = 0x55;
        content[511] = 0xAA;
    }
}
