using System.Text;
using Iced.Intel;
using static System.Buffers.Binary.BinaryPrimitives;

namespace DdeKit.Foreign.Tests;

/// <summary>Makes small relocatable objects: sections, symbols and relocations as given, checked by nobody.</summary>
internal sealed class ElfBuilder
{
    public const uint Relative32 = 2;
    public const uint Branch32 = 4;
    public const uint Absolute64 = 1;
    public const uint Absolute32 = 10;
    public const uint AbsoluteSigned32 = 11;
    public const uint Relative64 = 24;

    private readonly List<Section> _sections = [new("", ElfSectionType.Null, ElfSectionFlags.None, 0)];
    private readonly List<Symbol> _symbols = [new("", 0, 0, 0, 0, 0)];
    private readonly List<(int Section, ulong Offset, uint Type, int Symbol, long Addend)> _relocations = [];

    public ElfBuilder(string name)
    {
        Name = name;
        Text = AddSection(".text", ElfSectionFlags.Allocate | ElfSectionFlags.Execute, 16);
        Data = AddSection(".data", ElfSectionFlags.Allocate | ElfSectionFlags.Write, 32);
    }

    public string Name { get; }

    public int Text { get; }

    public int Data { get; }

    public static byte[] Assemble(Action<Assembler> write)
    {
        var assembler = new Assembler(64);
        write(assembler);
        using var stream = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(stream), 0);
        return stream.ToArray();
    }

    public int AddSection(string name, ElfSectionFlags flags, ulong alignment, ElfSectionType type = ElfSectionType.ProgramBits, ulong size = 0)
    {
        _sections.Add(new Section(name, type, flags, alignment) { ZeroSize = size });
        return _sections.Count - 1;
    }

    /// <summary>Appends to a section and returns the offset.</summary>
    public ulong Append(int section, params ReadOnlySpan<byte> bytes)
    {
        ulong offset = (ulong)_sections[section].Bytes.Count;
        foreach (byte value in bytes)
            _sections[section].Bytes.Add(value);
        return offset;
    }

    public int AddSymbol(string name, int section, ulong value = 0, ulong size = 0, ElfSymbolType type = ElfSymbolType.None, ElfBinding binding = ElfBinding.Global)
    {
        _symbols.Add(new Symbol(name, type, binding, section, value, size));
        return _symbols.Count - 1;
    }

    public int AddImport(string name) => AddSymbol(name, ElfSymbol.UndefinedSection);

    /// <summary>Appends a function to the instructions and returns its symbol.</summary>
    public int AddFunction(string name, params ReadOnlySpan<byte> code)
    {
        ulong offset = Append(Text, code);
        return AddSymbol(name, Text, offset, (ulong)code.Length, ElfSymbolType.Function);
    }

    /// <summary>Appends a function that calls others in turn and returns.</summary>
    public int AddCaller(string name, params int[] callees)
    {
        ulong start = (ulong)_sections[Text].Bytes.Count;
        foreach (int callee in callees)
        {
            ulong call = Append(Text, 0xe8, 0, 0, 0, 0);
            AddRelocation(Text, call + 1, Branch32, callee, -4);
        }
        Append(Text, 0xc3);
        return AddSymbol(name, Text, start, (ulong)_sections[Text].Bytes.Count - start, ElfSymbolType.Function);
    }

    public void AddRelocation(int section, ulong offset, uint type, int symbol, long addend) =>
        _relocations.Add((section, offset, type, symbol, addend));

    /// <summary>Exports a symbol as Linux does.</summary>
    public void AddExport(string name, int symbol)
    {
        int table = _sections.FindIndex(section => section.Name == "__ksymtab");
        if (table < 0)
            table = AddSection("__ksymtab", ElfSectionFlags.Allocate, 4);
        ulong text = Append(Data, [.. Encoding.UTF8.GetBytes(name), 0]);
        int nameSymbol = AddSymbol($"__kstrtab_{name}", Data, text, binding: ElfBinding.Local);
        ulong entry = Append(table, new byte[12]);
        AddRelocation(table, entry, Relative32, symbol, 0);
        AddRelocation(table, entry + 4, Relative32, nameSymbol, 0);
    }

    public ElfRelocatable Parse() => ElfRelocatable.Parse(Build(), Name);

    public byte[] Build()
    {
        var sections = new List<(Section Section, uint Link, uint Info)>();
        foreach (var section in _sections)
            sections.Add((section, 0, 0));
        uint symbolTable = (uint)sections.Count;
        var strings = new StringTable();
        var symbols = new Section(".symtab", ElfSectionType.SymbolTable, ElfSectionFlags.None, 8);
        foreach (var symbol in _symbols)
            symbols.Bytes.AddRange(Encode(symbol, strings));
        sections.Add((symbols, symbolTable + 1, 0));
        var names = new Section(".strtab", ElfSectionType.StringTable, ElfSectionFlags.None, 1);
        names.Bytes.AddRange(strings.Bytes);
        sections.Add((names, 0, 0));
        foreach (var group in _relocations.GroupBy(relocation => relocation.Section))
        {
            var table = new Section($".rela{_sections[group.Key].Name}", ElfSectionType.RelocationsWithAddend, ElfSectionFlags.None, 8);
            foreach (var (_, offset, type, symbol, addend) in group)
                table.Bytes.AddRange(EncodeRelocation(offset, type, symbol, addend));
            sections.Add((table, symbolTable, (uint)group.Key));
        }
        return Write(sections);
    }

    private static byte[] Write(List<(Section Section, uint Link, uint Info)> sections)
    {
        var sectionNames = new StringTable();
        int[] nameAt = [.. sections.Select(entry => sectionNames.Add(entry.Section.Name)), sectionNames.Add(".shstrtab")];
        var nameSection = new Section(".shstrtab", ElfSectionType.StringTable, ElfSectionFlags.None, 1);
        nameSection.Bytes.AddRange(sectionNames.Bytes);
        sections.Add((nameSection, 0, 0));

        var file = new List<byte>(new byte[64]);
        var headers = new List<byte>();
        for (int index = 0; index < sections.Count; index++)
        {
            var (section, link, info) = sections[index];
            byte[] header = new byte[64];
            WriteInt32LittleEndian(header, nameAt[index]);
            WriteUInt32LittleEndian(header.AsSpan(4), (uint)section.Type);
            WriteUInt64LittleEndian(header.AsSpan(8), (ulong)section.Flags);
            WriteUInt64LittleEndian(header.AsSpan(24), (ulong)file.Count);
            WriteUInt64LittleEndian(header.AsSpan(32), section.Type == ElfSectionType.NoBits ? section.ZeroSize : (ulong)section.Bytes.Count);
            WriteUInt32LittleEndian(header.AsSpan(40), link);
            WriteUInt32LittleEndian(header.AsSpan(44), info);
            WriteUInt64LittleEndian(header.AsSpan(48), section.Alignment);
            headers.AddRange(header);
            file.AddRange(section.Bytes);
        }
        byte[] image = [.. file, .. headers];
        ((ReadOnlySpan<byte>)[0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]).CopyTo(image);
        WriteUInt16LittleEndian(image.AsSpan(16), 1);
        WriteUInt16LittleEndian(image.AsSpan(18), 62);
        WriteUInt32LittleEndian(image.AsSpan(20), 1);
        WriteUInt64LittleEndian(image.AsSpan(40), (ulong)file.Count);
        WriteUInt16LittleEndian(image.AsSpan(52), 64);
        WriteUInt16LittleEndian(image.AsSpan(58), 64);
        WriteUInt16LittleEndian(image.AsSpan(60), (ushort)sections.Count);
        WriteUInt16LittleEndian(image.AsSpan(62), (ushort)(sections.Count - 1));
        return image;
    }

    private static byte[] Encode(Symbol symbol, StringTable strings)
    {
        byte[] entry = new byte[24];
        WriteInt32LittleEndian(entry, strings.Add(symbol.Name));
        entry[4] = (byte)((int)symbol.Binding << 4 | (int)symbol.Type);
        WriteUInt16LittleEndian(entry.AsSpan(6), (ushort)symbol.Section);
        WriteUInt64LittleEndian(entry.AsSpan(8), symbol.Value);
        WriteUInt64LittleEndian(entry.AsSpan(16), symbol.Size);
        return entry;
    }

    private static byte[] EncodeRelocation(ulong offset, uint type, int symbol, long addend)
    {
        byte[] entry = new byte[24];
        WriteUInt64LittleEndian(entry, offset);
        WriteUInt32LittleEndian(entry.AsSpan(8), type);
        WriteInt32LittleEndian(entry.AsSpan(12), symbol);
        WriteInt64LittleEndian(entry.AsSpan(16), addend);
        return entry;
    }

    private sealed record Section(string Name, ElfSectionType Type, ElfSectionFlags Flags, ulong Alignment)
    {
        public List<byte> Bytes { get; } = [];

        public ulong ZeroSize { get; init; }
    }

    private sealed record Symbol(string Name, ElfSymbolType Type, ElfBinding Binding, int Section, ulong Value, ulong Size);

    private sealed class StringTable
    {
        public List<byte> Bytes { get; } = [0];

        public int Add(string text)
        {
            if (text.Length == 0)
                return 0;
            int offset = Bytes.Count;
            Bytes.AddRange(Encoding.UTF8.GetBytes(text));
            Bytes.Add(0);
            return offset;
        }
    }
}
