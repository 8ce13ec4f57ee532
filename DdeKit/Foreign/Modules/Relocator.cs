using System.Runtime.CompilerServices;

namespace DdeKit.Foreign;

/// <summary>Applies the relocations of a placed module. x86-64 psABI 1.0, section 4.4.</summary>
internal static unsafe class Relocator
{
    /// <param name="layout">The module.</param>
    /// <param name="values">The value of each symbol.</param>
    public static void Apply(ModuleLayout layout, ReadOnlySpan<ulong> values)
    {
        var elf = layout.Elf;
        foreach (var section in elf.Sections)
        {
            ulong start = layout.BytesAt(section.Index);
            foreach (ref readonly var relocation in elf.RelocationsOf(section))
            {
                CheckDefined(layout, section, relocation.Symbol);
                Apply(elf, section, in relocation, start + relocation.Offset, values[relocation.Symbol]);
            }
        }
    }

    private static void CheckDefined(ModuleLayout layout, ElfSection section, int index)
    {
        var symbol = layout.Elf.Symbols[index];
        if (symbol.Section is not ElfSymbol.UndefinedSection and < ElfSymbol.FirstReservedSection && layout.BytesAt(symbol.Section) == 0)
            throw new BadModuleException(layout.Elf.Name,
                $"{section.Name} refers to {NameOf(layout.Elf, index)} in section {symbol.Section} ({layout.Elf.Sections[symbol.Section].Name}), which takes no memory");
    }

    private static void Apply(ElfRelocatable elf, ElfSection section, in ElfRelocation relocation, ulong place, ulong symbol)
    {
        // Addresses wrap by definition: S + A - P is arithmetic on 64 bits.
        ulong absolute = unchecked(symbol + (ulong)relocation.Addend);
        ulong relative = unchecked(absolute - place);
        byte* target = (byte*)place;
        switch (relocation.Type)
        {
            case RelocationType.None:
                break;
            case RelocationType.Absolute64:
                Unsafe.WriteUnaligned(target, absolute);
                break;
            case RelocationType.Relative64:
                Unsafe.WriteUnaligned(target, relative);
                break;
            case RelocationType.Relative32 or RelocationType.Branch32:
                if (unchecked((long)relative) is < int.MinValue or > int.MaxValue)
                    throw OutOfRange(elf, section, in relocation, place, symbol, unchecked((long)relative));
                Unsafe.WriteUnaligned(target, unchecked((int)relative));
                break;
            case RelocationType.AbsoluteSigned32:
                if (unchecked((long)absolute) is < int.MinValue or > int.MaxValue)
                    throw OutOfRange(elf, section, in relocation, place, symbol, unchecked((long)absolute));
                Unsafe.WriteUnaligned(target, unchecked((int)absolute));
                break;
            case RelocationType.Absolute32:
                if (absolute > uint.MaxValue)
                    throw OutOfRange(elf, section, in relocation, place, symbol, unchecked((long)absolute));
                Unsafe.WriteUnaligned(target, (uint)absolute);
                break;
            default:
                throw new BadModuleException(elf.Name,
                    $"relocation type {relocation.Type} at {section.Name}+0x{relocation.Offset:x} is not one that kernel modules use");
        }
    }

    private static BadModuleException OutOfRange(
        ElfRelocatable elf, ElfSection section, in ElfRelocation relocation, ulong place, ulong symbol, long result) => new(elf.Name,
        $"relocation type {relocation.Type} at {section.Name}+0x{relocation.Offset:x} (address 0x{place:x}) to {NameOf(elf, relocation.Symbol)} "
        + $"(value 0x{symbol:x}, addend {relocation.Addend}) gives {result}, which does not fit 32 bits");

    private static string NameOf(ElfRelocatable elf, int index)
    {
        var symbol = elf.Symbols[index];
        return symbol.Type == ElfSymbolType.Section && symbol.Section < elf.Sections.Count ? elf.Sections[symbol.Section].Name : symbol.Name;
    }
}
