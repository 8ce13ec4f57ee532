namespace DdeKit.Foreign;

/// <summary>One import of a module and who refers to it.</summary>
/// <param name="Name">The symbol.</param>
/// <param name="IsWeak">Whether the module can do without.</param>
/// <param name="References">How many relocations name it; 0 when it is declared but not used.</param>
/// <param name="Users">Functions (or data objects) of the module that refer to it, sorted; a section in brackets where no symbol covers
/// the place.</param>
public sealed record ImportUse(string Name, bool IsWeak, int References, IReadOnlyList<string> Users)
{
    /// <summary>All imports of an object, sorted by name. Nothing is loaded.</summary>
    public static IReadOnlyList<ImportUse> Analyze(ElfRelocatable elf)
    {
        var users = new SortedSet<string>?[elf.Symbols.Count];
        int[] references = new int[elf.Symbols.Count];
        foreach (var section in elf.Sections)
        {
            var relocations = elf.RelocationsOf(section);
            if (relocations.IsEmpty)
                continue;
            SymbolTable? symbols = null;
            foreach (ref readonly var relocation in relocations)
            {
                if (!elf.Symbols[relocation.Symbol].IsImport)
                    continue;
                symbols ??= SymbolTable.OfSection(elf, section);
                references[relocation.Symbol]++;
                (users[relocation.Symbol] ??= new(StringComparer.Ordinal))
                    .Add(symbols.TryFind(relocation.Offset, out string name, out _) ? name : $"[{section.Name}]");
            }
        }
        var imports = new List<ImportUse>();
        for (int index = 0; index < elf.Symbols.Count; index++)
        {
            var symbol = elf.Symbols[index];
            if (symbol.IsImport)
                imports.Add(new ImportUse(symbol.Name, symbol.Binding == ElfBinding.Weak, references[index], [.. users[index] ?? []]));
        }
        imports.Sort(static (left, right) => string.CompareOrdinal(left.Name, right.Name));
        return imports;
    }
}

/// <summary>A module imports what nobody supplies.</summary>
public sealed class UnresolvedImportsException : Exception
{
    internal UnresolvedImportsException(string module, IReadOnlyList<ImportUse> missing)
        : base($"{module}: {missing.Count} imports are not supplied: {string.Join("; ", missing.Select(Text))}")
    {
        Module = module;
        Missing = missing;
    }

    /// <summary>Name of the module.</summary>
    public string Module { get; }

    /// <summary>Every import that is missing, sorted by name.</summary>
    public IReadOnlyList<ImportUse> Missing { get; }

    private static string Text(ImportUse use) =>
        use.Users.Count == 0 ? $"{use.Name} (not used)" : $"{use.Name} (for {string.Join(", ", use.Users)})";
}
