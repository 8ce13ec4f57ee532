using System.Text;
using L4;
using static System.Buffers.Binary.BinaryPrimitives;

namespace DdeKit.Foreign;

/// <summary>
/// An ELF64 relocatable object for x86-64, such as a kernel module: sections, symbols and relocations, each index and offset
/// checked, so that whoever uses them need not. Format: System V gABI 4.1 and x86-64 psABI 1.0. Immutable.
/// </summary>
public sealed class ElfRelocatable
{
    private const int HeaderSize = 64;
    private const int SectionHeaderSize = 64;
    private const int SymbolSize = 24;
    private const int RelocationSize = 24;
    private const ulong AlignmentLimit = 1 << 20;

    private readonly ReadOnlyMemory<byte> _image;
    private readonly ElfRelocation[]?[] _relocations;

    private ElfRelocatable(ReadOnlyMemory<byte> image, string name)
    {
        _image = image;
        Name = name;
        CheckHeader();
        Sections = ReadSections();
        _relocations = new ElfRelocation[]?[Sections.Count];
        Symbols = ReadSymbols();
        foreach (var section in Sections)
        {
            if (section.Type == ElfSectionType.RelocationsWithAddend)
                ReadRelocations(section);
            else if (section.Type == ElfSectionType.Relocations)
                throw Bad($"section {section.Index} ({section.Name}) holds relocations without addends, which x86-64 does not use");
        }
    }

    /// <summary>Name of the module, for messages and symbols: <c>libata</c>.</summary>
    public string Name { get; }

    /// <summary>All sections; number 0 is the null section.</summary>
    public IReadOnlyList<ElfSection> Sections { get; }

    /// <summary>All symbols; number 0 is the null symbol.</summary>
    public IReadOnlyList<ElfSymbol> Symbols { get; }

    /// <summary>The bytes of the file.</summary>
    public ReadOnlyMemory<byte> Image => _image;

    /// <summary>Reads an object.</summary>
    /// <param name="image">The bytes of the file; kept, not copied.</param>
    /// <param name="name">Name of the module, for messages and symbols.</param>
    /// <exception cref="BadModuleException">The bytes are no such object.</exception>
    public static ElfRelocatable Parse(ReadOnlyMemory<byte> image, string name) => new(image, name);

    /// <summary>The relocations of a section that takes memory at run time; those of other sections are not read.</summary>
    public ReadOnlySpan<ElfRelocation> RelocationsOf(ElfSection section) => _relocations[section.Index];

    /// <summary>The first section of that name, or null.</summary>
    public ElfSection? FindSection(string name)
    {
        foreach (var section in Sections)
        {
            if (section.Name == name)
                return section;
        }
        return null;
    }

    private void CheckHeader()
    {
        var image = _image.Span;
        if (image.Length < HeaderSize)
            throw Bad($"the file has {image.Length} bytes, fewer than the {HeaderSize} of an ELF header");
        if (!image.StartsWith("\u007fELF"u8))
            throw Bad($"no ELF file: it begins with {Convert.ToHexStringLower(image[..4])}");
        // e_ident[4] EI_CLASS 2 = 64 bits, [5] EI_DATA 1 = little endian, [6] EI_VERSION 1.
        if (image[4] != 2)
            throw Bad($"ELF class {image[4]}, expected 2 (64 bits)");
        if (image[5] != 1)
            throw Bad($"ELF byte order {image[5]}, expected 1 (little endian)");
        if (image[6] != 1)
            throw Bad($"ELF version {image[6]}, expected 1");
        ushort machine = ReadUInt16LittleEndian(image[18..]);
        if (machine != 62)
            throw Bad($"made for machine {machine}{NameOfMachine(machine)}, expected 62 (x86-64)");
        ushort type = ReadUInt16LittleEndian(image[16..]);
        if (type != 1)
            throw Bad($"ELF type {type}, expected 1 (relocatable object)");
        ushort entrySize = ReadUInt16LittleEndian(image[58..]);
        if (entrySize != SectionHeaderSize)
            throw Bad($"section headers of {entrySize} bytes, expected {SectionHeaderSize}");
    }

    private static string NameOfMachine(ushort machine) => machine switch
    {
        3 => " (i386)",
        8 => " (MIPS)",
        21 => " (PowerPC64)",
        22 => " (s390x)",
        40 => " (Arm)",
        183 => " (AArch64)",
        243 => " (RISC-V)",
        258 => " (LoongArch)",
        _ => "",
    };

    private ElfSection[] ReadSections()
    {
        var image = _image.Span;
        ulong offset = ReadUInt64LittleEndian(image[40..]);
        ushort count = ReadUInt16LittleEndian(image[60..]);
        ushort names = ReadUInt16LittleEndian(image[62..]);
        if (count == 0)
            throw Bad("no section headers");
        var headers = Take(offset, (ulong)count * SectionHeaderSize, $"{count} section headers");
        if (names >= count)
            throw Bad($"section names in section {names}, but there are {count} sections");
        var strings = TakeSection(headers.Span, names).Contents;
        var sections = new ElfSection[count];
        for (int index = 0; index < count; index++)
        {
            var section = TakeSection(headers.Span, index);
            uint name = ReadUInt32LittleEndian(headers.Span[(index * SectionHeaderSize)..]);
            sections[index] = section with { Name = index == 0 ? "" : StringAt(strings.Span, name, $"the name of section {index}") };
        }
        return sections;
    }

    private ElfSection TakeSection(ReadOnlySpan<byte> headers, int index)
    {
        var header = headers.Slice(index * SectionHeaderSize, SectionHeaderSize);
        var type = (ElfSectionType)ReadUInt32LittleEndian(header[4..]);
        var flags = (ElfSectionFlags)ReadUInt64LittleEndian(header[8..]);
        ulong offset = ReadUInt64LittleEndian(header[24..]);
        ulong size = ReadUInt64LittleEndian(header[32..]);
        ulong alignment = Math.Max(1, ReadUInt64LittleEndian(header[48..]));
        if (type == ElfSectionType.Null)
            return new ElfSection(index, "", type, ElfSectionFlags.None, 0, 1, default);
        if (!ulong.IsPow2(alignment) || alignment > AlignmentLimit)
            throw Bad($"section {index} wants alignment {alignment}, no power of two up to {AlignmentLimit}");
        if (type == ElfSectionType.NoBits)
        {
            // Nothing in the file bounds it, so the loader's reach does.
            if (!LowMemory.Reach.Contains(LowMemory.Reach.First, size))
                throw Bad($"section {index} wants {size} bytes of zeros, more than the low 2 GiB");
            return new ElfSection(index, "", type, flags, size, alignment, default);
        }
        bool compressed = (flags & ElfSectionFlags.Compressed) != 0;
        if (compressed && (flags & ElfSectionFlags.Allocate) != 0)
            throw Bad($"section {index} is compressed but takes memory at run time (flags {(ulong)flags:x})");
        return new ElfSection(index, "", type, flags, size, alignment, Take(offset, size, $"section {index}"));
    }

    private ElfSymbol[] ReadSymbols()
    {
        ElfSection? table = null;
        foreach (var section in Sections)
        {
            if (section.Type != ElfSectionType.SymbolTable)
                continue;
            if (table is not null)
                throw Bad($"two symbol tables, sections {table.Index} and {section.Index}");
            table = section;
        }
        if (table is null)
            throw Bad("no symbol table: the file was stripped of what relocation needs");
        var strings = StringsOf(table);
        var bytes = table.Contents.Span;
        if (bytes.Length % SymbolSize != 0)
            throw Bad($"a symbol table of {bytes.Length} bytes, no multiple of {SymbolSize}");
        var symbols = new ElfSymbol[bytes.Length / SymbolSize];
        for (int index = 0; index < symbols.Length; index++)
            symbols[index] = ReadSymbol(index, bytes.Slice(index * SymbolSize, SymbolSize), strings.Span);
        return symbols;
    }

    private ElfSymbol ReadSymbol(int index, ReadOnlySpan<byte> entry, ReadOnlySpan<byte> strings)
    {
        string name = StringAt(strings, ReadUInt32LittleEndian(entry), $"the name of symbol {index}");
        byte info = entry[4];
        int section = ReadUInt16LittleEndian(entry[6..]);
        ulong value = ReadUInt64LittleEndian(entry[8..]);
        ulong size = ReadUInt64LittleEndian(entry[16..]);
        var symbol = new ElfSymbol(name, (ElfSymbolType)(info & 15), (ElfBinding)(info >> 4), section, value, size);
        if (section == ElfSymbol.CommonSection)
        {
            if (!ulong.IsPow2(value) || value > AlignmentLimit || !LowMemory.Reach.Contains(LowMemory.Reach.First, size))
                throw Bad($"common symbol {index} ({name}) wants {size} bytes with alignment {value}");
        }
        else if (section >= ElfSymbol.FirstReservedSection)
        {
            if (section != ElfSymbol.AbsoluteSection)
                throw Bad($"symbol {index} ({name}) has the reserved section index {section:x}");
        }
        else if (section >= Sections.Count)
        {
            throw Bad($"symbol {index} ({name}) lies in section {section}, but there are {Sections.Count} sections");
        }
        else if (section != ElfSymbol.UndefinedSection && Sections[section].IsAllocated
            && !new Extent(0, Sections[section].Size).Contains(value, 0))
        {
            // Only the start is checked: a size past the end harms nobody, and hand-written assembler gets sizes wrong.
            throw Bad($"symbol {index} ({name}) has offset {value:x} in section {section} of {Sections[section].Size:x} bytes");
        }
        return symbol;
    }

    private void ReadRelocations(ElfSection table)
    {
        var header = HeaderOf(table);
        uint link = ReadUInt32LittleEndian(header[40..]);
        uint info = ReadUInt32LittleEndian(header[44..]);
        if (info == 0 || info >= (uint)Sections.Count)
            throw Bad($"section {table.Index} ({table.Name}) relocates section {info}, but there are {Sections.Count} sections");
        var target = Sections[(int)info];
        if (!target.IsAllocated)
            return;
        if (link >= (uint)Sections.Count || Sections[(int)link].Type != ElfSectionType.SymbolTable)
            throw Bad($"section {table.Index} ({table.Name}) takes its symbols from section {link}, which is no symbol table");
        var bytes = table.Contents.Span;
        if (bytes.Length % RelocationSize != 0)
            throw Bad($"section {table.Index} ({table.Name}) has {bytes.Length} bytes of relocations, no multiple of {RelocationSize}");
        if (_relocations[info] is not null)
            throw Bad($"section {info} ({target.Name}) is relocated twice, the second time by section {table.Index}");
        var relocations = new ElfRelocation[bytes.Length / RelocationSize];
        for (int index = 0; index < relocations.Length; index++)
        {
            var entry = bytes.Slice(index * RelocationSize, RelocationSize);
            ulong offset = ReadUInt64LittleEndian(entry);
            uint type = ReadUInt32LittleEndian(entry[8..]);
            uint symbol = ReadUInt32LittleEndian(entry[12..]);
            if (symbol >= (uint)Symbols.Count)
                throw Bad($"relocation {index} of {target.Name} names symbol {symbol}, but there are {Symbols.Count}");
            if (!new Extent(0, (ulong)target.Contents.Length).Contains(offset, RelocationType.WidthOf(type)))
                throw Bad($"relocation {index} of {target.Name} changes offset {offset:x}, past the section's {target.Contents.Length:x} bytes");
            relocations[index] = new ElfRelocation(offset, type, (int)symbol, ReadInt64LittleEndian(entry[16..]));
        }
        _relocations[info] = relocations;
    }

    private ReadOnlySpan<byte> HeaderOf(ElfSection section) =>
        _image.Span.Slice((int)ReadUInt64LittleEndian(_image.Span[40..]) + section.Index * SectionHeaderSize, SectionHeaderSize);

    private ReadOnlyMemory<byte> StringsOf(ElfSection table)
    {
        uint link = ReadUInt32LittleEndian(HeaderOf(table)[40..]);
        if (link >= (uint)Sections.Count || Sections[(int)link].Type != ElfSectionType.StringTable)
            throw Bad($"the symbol table takes its names from section {link}, which is no string table");
        return Sections[(int)link].Contents;
    }

    private string StringAt(ReadOnlySpan<byte> strings, uint offset, string what)
    {
        if (offset >= (uint)strings.Length)
        {
            // The empty name of an empty table is allowed.
            return offset == 0 ? "" : throw Bad($"{what} is at {offset}, past a string table of {strings.Length} bytes");
        }
        var rest = strings[(int)offset..];
        int end = rest.IndexOf((byte)0);
        if (end < 0)
            throw Bad($"{what} at {offset} runs past the end of its string table");
        // Names go into messages of one line and onto terminals.
        int odd = rest[..end].IndexOfAnyInRange((byte)0, (byte)0x1f);
        if (odd >= 0)
            throw Bad($"{what} holds the control character 0x{rest[odd]:x2}");
        return Encoding.UTF8.GetString(rest[..end]);
    }

    private ReadOnlyMemory<byte> Take(ulong offset, ulong size, string what)
    {
        if (!new Extent(0, (ulong)_image.Length).Contains(offset, size))
            throw Bad($"{what} at offset {offset} with {size} bytes does not fit the file of {_image.Length} bytes");
        return _image.Slice((int)offset, (int)size);
    }

    private BadModuleException Bad(string problem) => new(Name, problem);
}
