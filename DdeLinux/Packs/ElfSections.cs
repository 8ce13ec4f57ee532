using System.Buffers.Binary;
using System.Text;
using L4;

namespace DdeLinux.Packs;

/// <summary>Finds sections by name in any 64-bit ELF file: kernel images (which the module loader does not take) and modules.</summary>
internal static class ElfSections
{
    private const int HeaderLength = 64;
    private const int SectionHeaderLength = 64;
    private const uint NoBits = 8;

    internal static bool IsElf(ReadOnlySpan<byte> image) => image.StartsWith("\u007fELF"u8);

    /// <summary>The contents of a section; null when there is none of that name. Fields: System V ABI, "Sections", Elf64_Ehdr and Elf64_Shdr.</summary>
    /// <exception cref="PackException">The file is no little-endian 64-bit ELF file, or is cut off.</exception>
    internal static ReadOnlyMemory<byte>? Find(ReadOnlyMemory<byte> image, string name, string file)
    {
        var span = image.Span;
        if (!IsElf(span))
            throw Bad(file, "is not an ELF file");
        if (span.Length < HeaderLength)
            throw Bad(file, $"is cut off: {span.Length} bytes");
        if (span[4] != 2 || span[5] != 1)
            throw Bad(file, $"is ELF of class {span[4]}, byte order {span[5]}; only 64-bit little-endian (2, 1) is supported");
        var table = BinaryPrimitives.ReadUInt64LittleEndian(span[0x28..]);
        var entryLength = BinaryPrimitives.ReadUInt16LittleEndian(span[0x3A..]);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(span[0x3C..]);
        var namesIndex = BinaryPrimitives.ReadUInt16LittleEndian(span[0x3E..]);
        var whole = new Extent(0, (ulong)span.Length);
        if (entryLength != SectionHeaderLength || namesIndex >= count || !whole.Contains(table, (ulong)count * SectionHeaderLength))
            throw Bad(file, $"is cut off or damaged: {count} section headers at {table} of {span.Length} bytes");
        var headers = span.Slice((int)table, count * SectionHeaderLength);
        var names = Contents(image, headers[(namesIndex * SectionHeaderLength)..], file).Span;
        var wanted = Encoding.ASCII.GetBytes(name);
        for (var index = 0; index < count; index++)
        {
            var header = headers[(index * SectionHeaderLength)..];
            var nameOffset = BinaryPrimitives.ReadUInt32LittleEndian(header);
            if (nameOffset >= (uint)names.Length)
                throw Bad(file, $"is damaged: section {index} has its name at {nameOffset} of {names.Length} bytes");
            var text = names[(int)nameOffset..];
            if (text.StartsWith(wanted) && text.Length > wanted.Length && text[wanted.Length] == 0)
                return Contents(image, header, file);
        }
        return null;
    }

    private static ReadOnlyMemory<byte> Contents(ReadOnlyMemory<byte> image, ReadOnlySpan<byte> header, string file)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) == NoBits)
            return ReadOnlyMemory<byte>.Empty;
        var offset = BinaryPrimitives.ReadUInt64LittleEndian(header[0x18..]);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(header[0x20..]);
        if (!new Extent(0, (ulong)image.Length).Contains(offset, length))
            throw Bad(file, $"is cut off: a section at {offset}+{length} of {image.Length} bytes");
        return image.Slice((int)offset, (int)length);
    }

    private static PackException Bad(string file, string problem) => new(PackError.BadInput, $"{file}: {problem}");
}
