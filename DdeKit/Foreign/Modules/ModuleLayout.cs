using L4;

namespace DdeKit.Foreign;

/// <summary>
/// Where a module's sections go: instructions first, then what is read or written, each from a page of its own on; per-CPU variables
/// go to the domain's per-CPU area, where their symbols have the value of their offset.
/// </summary>
internal sealed class ModuleLayout
{
    /// <summary>The section of per-CPU variables. Linux: include/linux/percpu-defs.h.</summary>
    private const string PerCpuSection = ".data..percpu";

    /// <summary>Far above any module; what is larger is damage.</summary>
    private const ulong SizeLimit = 256 << 20;

    private readonly ulong[] _bytesAt;
    private readonly ulong[] _symbolBase;
    private readonly ulong[] _commonAt;
    private LowRegion? _text;
    private LowRegion? _data;

    public ModuleLayout(ElfRelocatable elf)
    {
        Elf = elf;
        _bytesAt = new ulong[elf.Sections.Count];
        _symbolBase = new ulong[elf.Sections.Count];
        _commonAt = new ulong[elf.Symbols.Count];
    }

    public ElfRelocatable Elf { get; }

    public LowRegion? Text => _text;

    public LowRegion? Data => _data;

    /// <summary>Takes the memory and copies the contents there.</summary>
    public void Place(LowMemory memory, ForeignCpu cpu)
    {
        _text = PlaceGroup(memory, LowAccess.Code, static section => section.IsExecutable, withCommon: false);
        _data = PlaceGroup(memory, LowAccess.Data, static section => !section.IsExecutable && section.Name != PerCpuSection, withCommon: true);
        foreach (var section in Elf.Sections)
        {
            if (!section.IsAllocated || section.Size == 0 || section.IsExecutable || section.Name != PerCpuSection)
                continue;
            // A second allocation of one name is refused; the module's name makes it unique, and a module loads once.
            nint offset = cpu.AllocatePerCpu($"{Elf.Name}{section.Name}", (int)section.Size, (int)section.Alignment);
            _symbolBase[section.Index] = (ulong)offset;
            _bytesAt[section.Index] = (ulong)(cpu.Area + offset);
            CopyContents(section);
        }
    }

    public void Release()
    {
        _text?.Dispose();
        _data?.Dispose();
    }

    /// <summary>Where the bytes of a section lie; 0 when it has none in memory.</summary>
    public ulong BytesAt(int section) => _bytesAt[section];

    /// <summary>Where the bytes of a section lie if addresses name them; 0 for per-CPU variables and what is not in memory.</summary>
    public ulong AddressOf(int section) => _symbolBase[section] == _bytesAt[section] ? _bytesAt[section] : 0;

    /// <summary>The value of a symbol that this module defines.</summary>
    public bool TryValueOf(int index, out ulong value)
    {
        var symbol = Elf.Symbols[index];
        if (symbol.Section == ElfSymbol.AbsoluteSection)
        {
            value = symbol.Value;
            return true;
        }
        if (symbol.Section == ElfSymbol.CommonSection)
        {
            value = _commonAt[index];
            return true;
        }
        value = 0;
        if (symbol.Section == ElfSymbol.UndefinedSection || _bytesAt[symbol.Section] == 0)
            return false;
        value = _symbolBase[symbol.Section] + symbol.Value;
        return true;
    }

    private LowRegion? PlaceGroup(LowMemory memory, LowAccess access, Func<ElfSection, bool> belongs, bool withCommon)
    {
        ulong size = 0;
        foreach (var section in Elf.Sections)
        {
            if (section.IsAllocated && section.Type != ElfSectionType.Null && belongs(section))
                _bytesAt[section.Index] = Append(ref size, section.Size, section.Alignment);
        }
        if (withCommon)
        {
            for (int index = 0; index < Elf.Symbols.Count; index++)
            {
                if (Elf.Symbols[index].Section == ElfSymbol.CommonSection)
                    _commonAt[index] = Append(ref size, Elf.Symbols[index].Size, Elf.Symbols[index].Value);
            }
        }
        if (size == 0)
            return null;
        // An alignment beyond the page is met by moving the whole group up.
        var region = memory.Allocate(size + LargestAlignment(belongs, withCommon) - LowMemory.PageSize, access);
        ulong start = AlignUp(region.Extent.First, LargestAlignment(belongs, withCommon));
        foreach (var section in Elf.Sections)
        {
            if (!section.IsAllocated || section.Type == ElfSectionType.Null || !belongs(section))
                continue;
            _bytesAt[section.Index] += start;
            _symbolBase[section.Index] = _bytesAt[section.Index];
            CopyContents(section);
        }
        for (int index = 0; withCommon && index < Elf.Symbols.Count; index++)
        {
            if (Elf.Symbols[index].Section == ElfSymbol.CommonSection)
                _commonAt[index] += start;
        }
        return region;
    }

    private ulong LargestAlignment(Func<ElfSection, bool> belongs, bool withCommon)
    {
        ulong largest = LowMemory.PageSize;
        foreach (var section in Elf.Sections)
        {
            if (section.IsAllocated && belongs(section))
                largest = Math.Max(largest, section.Alignment);
        }
        if (withCommon)
        {
            foreach (var symbol in Elf.Symbols)
            {
                if (symbol.Section == ElfSymbol.CommonSection)
                    largest = Math.Max(largest, symbol.Value);
            }
        }
        return largest;
    }

    private ulong Append(ref ulong size, ulong count, ulong alignment)
    {
        ulong at = AlignUp(size, alignment);
        if (!new Extent(0, SizeLimit).Contains(at, count))
            throw new BadModuleException(Elf.Name, $"its sections take more than {SizeLimit} bytes: {count} are wanted after {at}");
        size = at + count;
        return at;
    }

    private unsafe void CopyContents(ElfSection section) =>
        section.Contents.Span.CopyTo(new Span<byte>((void*)_bytesAt[section.Index], section.Contents.Length));

    private static ulong AlignUp(ulong value, ulong alignment) => (value + alignment - 1) & ~(alignment - 1);
}
