using System.Buffers.Binary;

namespace DdeKit.Foreign.Btf;

/// <summary>
/// Checks a BTF blob (Documentation/bpf/btf.rst) and notes where each record starts. After it every record lies whole in the type
/// section, and every type id and name offset is in range; what depends on following references (loops) is checked where they are followed.
/// </summary>
internal static class BtfParser
{
    private const ushort Magic = 0xEB9F;
    private const ushort MagicOfTheOtherByteOrder = 0x9FEB;
    private const int HeaderLength = 24;
    private const int RecordLength = 12;

    /// <summary>What a blob holds.</summary>
    internal readonly record struct Sections(ReadOnlyMemory<byte> Types, ReadOnlyMemory<byte> Strings, int[] Offsets);

    internal static Sections Parse(ReadOnlyMemory<byte> raw, string name, int firstId, int firstString)
    {
        var span = raw.Span;
        if (span.Length < HeaderLength)
            throw new BadBtfException(name, $"{span.Length} bytes are too few for a header of {HeaderLength}");
        var magic = BinaryPrimitives.ReadUInt16LittleEndian(span);
        if (magic == MagicOfTheOtherByteOrder)
            throw new BadBtfException(name, "is big-endian; only little-endian kernels are supported");
        if (magic != Magic)
            throw new BadBtfException(name, $"magic is 0x{magic:x4}, not 0x{Magic:x4}");
        if (span[2] != 1)
            throw new BadBtfException(name, $"version is {span[2]}, not 1");
        var headerLength = BinaryPrimitives.ReadUInt32LittleEndian(span[4..]);
        if (headerLength < HeaderLength || headerLength > span.Length)
            throw new BadBtfException(name, $"header length {headerLength} is outside {HeaderLength}..{span.Length}");
        var body = raw[(int)headerLength..];
        var types = Section(body, span, 8, name, "type");
        var strings = Section(body, span, 16, name, "string");
        if (firstString == 0 && (strings.IsEmpty || strings.Span[0] != 0))
            throw new BadBtfException(name, "string section does not begin with the empty string");
        if (!strings.IsEmpty && strings.Span[^1] != 0)
            throw new BadBtfException(name, $"last of {strings.Length} string bytes is not zero");
        if ((long)firstString + strings.Length > int.MaxValue)
            throw new BadBtfException(name, $"{(long)firstString + strings.Length} bytes of strings are too many");
        return new(types, strings, Records(types.Span, name, firstId, (uint)(firstString + strings.Length)));
    }

    private static ReadOnlyMemory<byte> Section(ReadOnlyMemory<byte> body, ReadOnlySpan<byte> header, int field, string name, string what)
    {
        var offset = BinaryPrimitives.ReadUInt32LittleEndian(header[field..]);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(header[(field + 4)..]);
        if (!new L4.Extent(0, (ulong)body.Length).Contains(offset, length))
            throw new BadBtfException(name, $"{what} section {offset}+{length} is outside the {body.Length} bytes after the header");
        return body.Slice((int)offset, (int)length);
    }

    private static int[] Records(ReadOnlySpan<byte> types, string name, int firstId, uint endOfStrings)
    {
        // A record takes 22 to 43 bytes on average in Debian's kernels.
        var offsets = new int[Math.Max(16, types.Length / 32)];
        var count = 0;
        // The number of types is known only at the end: the largest reference is kept and judged then.
        uint largestId = 0;
        var largestIdOwner = 0;
        for (var offset = 0; offset < types.Length; count++)
        {
            var id = firstId + count;
            if (types.Length - offset < RecordLength)
                throw new BadBtfException(name, $"type {id} is cut off at offset {offset} of {types.Length}");
            var record = types[offset..];
            var info = BinaryPrimitives.ReadUInt32LittleEndian(record[4..]);
            var kind = (BtfKind)((info >> 24) & 0x1F);
            var elements = (int)(info & 0xFFFF);
            var tail = TailLength(kind, elements);
            if (tail < 0)
                throw new BadBtfException(name, $"type {id} has the unknown kind {(int)kind}");
            if (record.Length - RecordLength < tail)
                throw new BadBtfException(name, $"type {id} ({kind}, {elements} elements) is cut off at offset {offset} of {types.Length}");
            CheckName(name, id, BinaryPrimitives.ReadUInt32LittleEndian(record), endOfStrings);
            var largest = LargestReference(record, kind, name, id, tail, endOfStrings);
            if (largest > largestId)
                (largestId, largestIdOwner) = (largest, id);
            if (count == offsets.Length)
                Array.Resize(ref offsets, count * 2);
            offsets[count] = offset;
            offset += RecordLength + tail;
        }
        if (largestId >= (uint)(firstId + count))
            throw new BadBtfException(name, $"type {largestIdOwner} refers to type {largestId}, of {firstId + count}");
        Array.Resize(ref offsets, count);
        return offsets;
    }

    // Bytes that follow the 12 common ones; -1: the kind is unknown.
    private static int TailLength(BtfKind kind, int elements) => kind switch
    {
        BtfKind.Integer or BtfKind.Variable or BtfKind.DeclarationTag => 4,
        BtfKind.Array => 12,
        BtfKind.Struct or BtfKind.Union or BtfKind.DataSection or BtfKind.Enum64 => 12 * elements,
        BtfKind.Enum or BtfKind.FunctionPrototype => 8 * elements,
        BtfKind.Void or > BtfKind.Enum64 => -1,
        _ => 0,
    };

    private static uint LargestReference(ReadOnlySpan<byte> record, BtfKind kind, string name, int id, int tail, uint endOfStrings)
    {
        var word = BinaryPrimitives.ReadUInt32LittleEndian(record[8..]);
        var rest = record.Slice(RecordLength, tail);
        uint largest = 0;
        switch (kind)
        {
            case BtfKind.Integer or BtfKind.Float or BtfKind.Forward:
                return 0;
            case BtfKind.Struct or BtfKind.Union:
                for (; !rest.IsEmpty; rest = rest[12..])
                {
                    CheckName(name, id, BinaryPrimitives.ReadUInt32LittleEndian(rest), endOfStrings);
                    largest = Math.Max(largest, BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]));
                }
                return largest;
            case BtfKind.Enum or BtfKind.Enum64:
                for (; !rest.IsEmpty; rest = rest[(kind == BtfKind.Enum ? 8 : 12)..])
                    CheckName(name, id, BinaryPrimitives.ReadUInt32LittleEndian(rest), endOfStrings);
                return 0;
            case BtfKind.FunctionPrototype:
                for (largest = word; !rest.IsEmpty; rest = rest[8..])
                {
                    CheckName(name, id, BinaryPrimitives.ReadUInt32LittleEndian(rest), endOfStrings);
                    largest = Math.Max(largest, BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]));
                }
                return largest;
            case BtfKind.Array:
                return Math.Max(BinaryPrimitives.ReadUInt32LittleEndian(rest), BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]));
            case BtfKind.DataSection:
                for (; !rest.IsEmpty; rest = rest[12..])
                    largest = Math.Max(largest, BinaryPrimitives.ReadUInt32LittleEndian(rest));
                return largest;
            default:
                return word;
        }
    }

    private static void CheckName(string name, int id, uint offset, uint endOfStrings)
    {
        if (offset >= endOfStrings)
            throw new BadBtfException(name, $"type {id} has a name at {offset}, past the {endOfStrings} bytes of strings");
    }
}
