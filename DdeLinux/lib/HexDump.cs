using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace DdeLinux;

/// <summary>Rows of hexadecimal numbers in the kernel's form (lib/hexdump.c).</summary>
internal static class HexDump
{
    /// <summary>What stands before each row after the caller's text (include/linux/printk.h, DUMP_PREFIX_*).</summary>
    internal enum Prefix
    {
        None = 0,
        Address = 1,
        Offset = 2,
    }

    /// <summary>Makes the rows.</summary>
    /// <param name="bytes">What to print.</param>
    /// <param name="text">Stands before each row.</param>
    /// <param name="prefix">Follows the text.</param>
    /// <param name="address">Address of the first byte, for <see cref="Prefix.Address"/>.</param>
    /// <param name="rowSize">Bytes in a row: 16 or 32; others mean 16.</param>
    /// <param name="groupSize">Bytes in a number: 1, 2, 4 or 8; others mean 1.</param>
    /// <param name="ascii">Whether the characters follow.</param>
    internal static List<string> Rows(ReadOnlySpan<byte> bytes, string text, Prefix prefix, nint address, int rowSize, int groupSize, bool ascii)
    {
        if (rowSize is not (16 or 32))
            rowSize = 16;
        var rows = new List<string>();
        for (int offset = 0; offset < bytes.Length; offset += rowSize)
        {
            var row = bytes.Slice(offset, Math.Min(rowSize, bytes.Length - offset));
            string before = prefix switch
            {
                Prefix.Address => string.Create(CultureInfo.InvariantCulture, $"{address + offset:x16}: "),
                Prefix.Offset => string.Create(CultureInfo.InvariantCulture, $"{offset:x8}: "),
                _ => "",
            };
            rows.Add(text + before + Row(row, rowSize, groupSize, ascii));
        }
        return rows;
    }

    private static string Row(ReadOnlySpan<byte> row, int rowSize, int groupSize, bool ascii)
    {
        // A row that the groups do not fill is printed by bytes.
        if (groupSize is not (1 or 2 or 4 or 8) || row.Length % groupSize != 0)
            groupSize = 1;
        var line = new StringBuilder();
        for (int offset = 0; offset < row.Length; offset += groupSize)
        {
            if (offset > 0)
                line.Append(' ');
            ulong value = groupSize switch
            {
                8 => BinaryPrimitives.ReadUInt64LittleEndian(row[offset..]),
                4 => BinaryPrimitives.ReadUInt32LittleEndian(row[offset..]),
                2 => BinaryPrimitives.ReadUInt16LittleEndian(row[offset..]),
                _ => row[offset],
            };
            line.Append(value.ToString("x" + (2 * groupSize).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
        }
        if (!ascii)
            return line.ToString();
        // Two digits a byte, one blank a group, one more before the characters.
        line.Append(' ', Math.Max(1, rowSize * 2 + rowSize / groupSize + 1 - line.Length));
        foreach (byte value in row)
            line.Append(value is >= 0x20 and < 0x7f ? (char)value : '.');
        return line.ToString();
    }
}
