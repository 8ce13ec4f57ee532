namespace DdeKit.Foreign;

/// <summary>Finds the symbol that covers an address. Immutable.</summary>
internal sealed class SymbolTable
{
    private readonly ulong[] _starts;
    private readonly Entry[] _entries;

    private SymbolTable(List<Entry> entries)
    {
        entries.Sort(static (left, right) =>
            left.Start != right.Start ? left.Start.CompareTo(right.Start) : left.Rank != right.Rank ? left.Rank.CompareTo(right.Rank) : string.CompareOrdinal(left.Name, right.Name));
        _entries = [.. entries];
        _starts = [.. entries.Select(static entry => entry.Start)];
    }

    /// <summary>The symbols of one section, by offset.</summary>
    public static SymbolTable OfSection(ElfRelocatable elf, ElfSection section)
    {
        var entries = new List<Entry>();
        foreach (var symbol in elf.Symbols)
        {
            if (symbol.Section == section.Index && Rank(symbol) is int rank)
                entries.Add(new Entry(symbol.Value, symbol.Size, rank, symbol.Name));
        }
        return new SymbolTable(entries);
    }

    /// <summary>The symbols of a whole module, by address.</summary>
    /// <param name="elf">The module.</param>
    /// <param name="addressOf">The address of a section; 0 for one that has none.</param>
    public static SymbolTable OfModule(ElfRelocatable elf, Func<int, ulong> addressOf)
    {
        var entries = new List<Entry>();
        foreach (var symbol in elf.Symbols)
        {
            if (symbol.Section is ElfSymbol.UndefinedSection or >= ElfSymbol.FirstReservedSection || Rank(symbol) is not int rank)
                continue;
            ulong address = addressOf(symbol.Section);
            if (address != 0)
                entries.Add(new Entry(address + symbol.Value, symbol.Size, rank, symbol.Name));
        }
        return new SymbolTable(entries);
    }

    /// <summary>Finds the nearest symbol at or below <paramref name="address"/> that reaches it. A symbol without a size reaches to the
    /// next symbol.</summary>
    public bool TryFind(ulong address, out string name, out ulong offset)
    {
        int index = Array.BinarySearch(_starts, address);
        if (index < 0)
            index = ~index - 1;
        // Of several symbols with one address any may have been hit; the first is the best ranked.
        while (index > 0 && _starts[index - 1] == _starts[index])
            index--;
        if (index >= 0)
        {
            var entry = _entries[index];
            offset = address - entry.Start;
            if (entry.Size == 0 || offset < entry.Size)
            {
                name = entry.Name;
                return true;
            }
        }
        name = "";
        offset = 0;
        return false;
    }

    // Functions are what people look for, then data, then labels.
    private static int? Rank(ElfSymbol symbol) => symbol.Name.Length == 0
        ? null
        : symbol.Type switch
        {
            ElfSymbolType.Function => 0,
            ElfSymbolType.Object => 1,
            ElfSymbolType.None => 2,
            _ => null,
        };

    private readonly record struct Entry(ulong Start, ulong Size, int Rank, string Name);
}
