using System.Text;
using L4;

namespace DdeKit.Foreign;

/// <summary>A module in memory, relocated and bound. Its lookups may be used from any thread.</summary>
public sealed class LoadedModule
{
    private readonly ModuleLayout _layout;
    private readonly SymbolTable _symbols;
    private readonly Dictionary<string, nint> _addresses = new(StringComparer.Ordinal);

    internal LoadedModule(ModuleLayout layout, IReadOnlySet<LoadedModule> uses)
    {
        _layout = layout;
        Uses = uses;
        _symbols = SymbolTable.OfModule(layout.Elf, layout.AddressOf);
        for (int index = 0; index < layout.Elf.Symbols.Count; index++)
        {
            var symbol = layout.Elf.Symbols[index];
            if (symbol.Name.Length == 0 || symbol.Type == ElfSymbolType.File || !layout.TryValueOf(index, out ulong value))
                continue;
            // Two local symbols may share a name; a global one is what is meant then.
            if (symbol.Binding == ElfBinding.Local)
                _addresses.TryAdd(symbol.Name, (nint)value);
            else
                _addresses[symbol.Name] = (nint)value;
        }
        Exports = ExportTable.Read(this);
    }

    /// <summary>The module's name.</summary>
    public string Name => _layout.Elf.Name;

    /// <summary>The object that it was loaded from.</summary>
    public ElfRelocatable Elf => _layout.Elf;

    /// <summary>Addresses of its instructions; empty when it has none.</summary>
    public Extent Text => _layout.Text?.Extent ?? default;

    /// <summary>Addresses of its constants and variables; empty when it has none.</summary>
    public Extent Data => _layout.Data?.Extent ?? default;

    /// <summary>What it offers to other modules.</summary>
    public IReadOnlyDictionary<string, nint> Exports { get; }

    /// <summary>The modules whose exports it is bound to.</summary>
    public IReadOnlySet<LoadedModule> Uses { get; }

    /// <summary>The function to call after loading, or 0. Linux: include/linux/module.h, <c>init_module</c>.</summary>
    public nint Init => _addresses.GetValueOrDefault("init_module");

    /// <summary>The function to call before unloading, or 0.</summary>
    public nint Exit => _addresses.GetValueOrDefault("cleanup_module");

    /// <summary>Finds one of its symbols, exported or not.</summary>
    public bool TryGetSymbol(string name, out nint value) => _addresses.TryGetValue(name, out value);

    /// <summary>Finds where a section that takes memory lies: <c>__param</c>, <c>__bug_table</c>.</summary>
    public bool TryGetSection(string name, out Extent extent)
    {
        if (_layout.Elf.FindSection(name) is { } section && _layout.BytesAt(section.Index) is not 0 and ulong address)
        {
            extent = new Extent(address, section.Size);
            return true;
        }
        extent = default;
        return false;
    }

    /// <summary>Whether an address lies in the module.</summary>
    public bool Contains(nint address) => Text.Contains(unchecked((ulong)address)) || Data.Contains(unchecked((ulong)address));

    /// <summary>Names an address of the module: <c>ata_eh_reset+0x3eb [libata]</c>; false when it is not of the module.</summary>
    public bool TryDescribe(nint address, out string text)
    {
        ulong value = unchecked((ulong)address);
        if (_symbols.TryFind(value, out string name, out ulong offset) && Contains(address))
        {
            text = $"{name}+0x{offset:x} [{Name}]";
            return true;
        }
        text = Text.Contains(value) ? $".text+0x{value - Text.First:x} [{Name}]"
            : Data.Contains(value) ? $".data+0x{value - Data.First:x} [{Name}]" : "";
        return text.Length != 0;
    }

    /// <summary>Reads the text at an address of the module's data, as UTF-8 up to its end mark.</summary>
    internal unsafe string ReadText(ulong address, string what)
    {
        if (!Data.Contains(address))
            throw new BadModuleException(Name, $"{what} lies at 0x{address:x}, outside the module's data at 0x{Data.First:x} of {Data.Count} bytes");
        ulong room = Data.Count - (address - Data.First);
        var rest = new ReadOnlySpan<byte>((void*)address, (int)room);
        int end = rest.IndexOf((byte)0);
        var text = end < 0 ? rest : rest[..end];
        int odd = text.IndexOfAnyInRange((byte)0, (byte)0x1f);
        if (odd >= 0)
            throw new BadModuleException(Name, $"{what} holds the control character 0x{text[odd]:x2}");
        return Encoding.UTF8.GetString(text);
    }

    internal ModuleLayout Layout => _layout;

    internal void Release() => _layout.Release();
}
