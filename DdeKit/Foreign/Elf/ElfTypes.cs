namespace DdeKit.Foreign;

/// <summary>Section types. System V ABI, gABI 4.1, "Section Header", sh_type.</summary>
public enum ElfSectionType : uint
{
    /// <summary>No section.</summary>
    Null = 0,

    /// <summary>Bytes in the file.</summary>
    ProgramBits = 1,

    /// <summary>The symbol table.</summary>
    SymbolTable = 2,

    /// <summary>Names.</summary>
    StringTable = 3,

    /// <summary>Relocations with addends.</summary>
    RelocationsWithAddend = 4,

    /// <summary>Notes.</summary>
    Note = 7,

    /// <summary>Zeros that take no room in the file.</summary>
    NoBits = 8,

    /// <summary>Relocations without addends; not used on x86-64.</summary>
    Relocations = 9,
}

/// <summary>Section flags. gABI 4.1, sh_flags.</summary>
[Flags]
public enum ElfSectionFlags : ulong
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Written to at run time.</summary>
    Write = 0x1,

    /// <summary>Takes memory at run time.</summary>
    Allocate = 0x2,

    /// <summary>Holds machine instructions.</summary>
    Execute = 0x4,

    /// <summary>Compressed; not for what takes memory at run time.</summary>
    Compressed = 0x800,
}

/// <summary>One section of a relocatable object.</summary>
/// <param name="Index">Its number.</param>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Flags">Its flags.</param>
/// <param name="Size">Bytes in memory.</param>
/// <param name="Alignment">A power of two, 1 or more.</param>
/// <param name="Contents">The bytes of the file; empty for <see cref="ElfSectionType.NoBits"/>.</param>
public sealed record ElfSection(
    int Index, string Name, ElfSectionType Type, ElfSectionFlags Flags, ulong Size, ulong Alignment, ReadOnlyMemory<byte> Contents)
{
    /// <summary>Whether it takes memory at run time.</summary>
    public bool IsAllocated => (Flags & ElfSectionFlags.Allocate) != 0;

    /// <summary>Whether it holds instructions.</summary>
    public bool IsExecutable => (Flags & ElfSectionFlags.Execute) != 0;
}

/// <summary>Symbol types. gABI 4.1, "Symbol Table", st_info.</summary>
public enum ElfSymbolType
{
    /// <summary>Not said.</summary>
    None = 0,

    /// <summary>Data.</summary>
    Object = 1,

    /// <summary>Instructions.</summary>
    Function = 2,

    /// <summary>A section itself.</summary>
    Section = 3,

    /// <summary>The name of a source file.</summary>
    File = 4,
}

/// <summary>Symbol bindings. gABI 4.1, "Symbol Table", st_info.</summary>
public enum ElfBinding
{
    /// <summary>Seen in its object only.</summary>
    Local = 0,

    /// <summary>Seen by other objects.</summary>
    Global = 1,

    /// <summary>As global, but need not be defined.</summary>
    Weak = 2,
}

/// <summary>One symbol.</summary>
/// <param name="Name">Its name; empty for section symbols.</param>
/// <param name="Type">Its type.</param>
/// <param name="Binding">Its binding.</param>
/// <param name="Section">Index of its section, or one of the special indices below.</param>
/// <param name="Value">Offset in its section; the alignment for a common symbol.</param>
/// <param name="Size">Bytes, or 0.</param>
public readonly record struct ElfSymbol(string Name, ElfSymbolType Type, ElfBinding Binding, int Section, ulong Value, ulong Size)
{
    /// <summary>SHN_UNDEF: defined elsewhere.</summary>
    public const int UndefinedSection = 0;

    /// <summary>SHN_LORESERVE: special indices begin.</summary>
    public const int FirstReservedSection = 0xff00;

    /// <summary>SHN_ABS: the value is no address.</summary>
    public const int AbsoluteSection = 0xfff1;

    /// <summary>SHN_COMMON: the loader finds zeroed room for it.</summary>
    public const int CommonSection = 0xfff2;

    /// <summary>Whether another object has to supply it.</summary>
    public bool IsImport => Section == UndefinedSection && Binding != ElfBinding.Local && Name.Length != 0;

    /// <summary>Whether it names a function of this object.</summary>
    public bool NamesCode => Type == ElfSymbolType.Function && Section is not UndefinedSection and < FirstReservedSection;
}

/// <summary>One relocation.</summary>
/// <param name="Offset">Where in the section.</param>
/// <param name="Type">One of the types of the x86-64 psABI, table 4.9.</param>
/// <param name="Symbol">Index of the symbol.</param>
/// <param name="Addend">Added to the symbol's value.</param>
public readonly record struct ElfRelocation(ulong Offset, uint Type, int Symbol, long Addend);
