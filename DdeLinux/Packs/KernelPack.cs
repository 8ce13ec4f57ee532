using DdeKit.Foreign.Btf;

namespace DdeLinux.Packs;

/// <summary>
/// One kernel's modules and types in the cache: <c>pack.json</c>, <c>btf/vmlinux</c>, <c>modules/**.ko</c>. Read-only once made; any thread.
/// </summary>
public sealed class KernelPack
{
    internal const string DescriptionFile = "pack.json";
    internal const string TypesFile = "btf/vmlinux";
    internal const string ModulesFolder = "modules";

    private readonly Lazy<BtfTypes> _types;
    private readonly Lazy<SortedDictionary<string, KernelModuleFile>> _modules;

    private KernelPack(string folder, PackDescription description)
    {
        Folder = folder;
        Description = description;
        _types = new(() => BtfTypes.Parse(ReadTypes(), $"vmlinux {Release}"));
        _modules = new(FindModules);
    }

    /// <summary>Where it lies.</summary>
    public string Folder { get; }

    /// <summary>Where it comes from.</summary>
    public PackDescription Description { get; }

    /// <summary>The kernel's release, as <c>uname -r</c> prints it.</summary>
    public string Release => Description.Release;

    /// <summary>The kernel image's types; read at the first use.</summary>
    /// <exception cref="PackException">The pack has none.</exception>
    /// <exception cref="BadBtfException">They are damaged.</exception>
    public BtfTypes Types => _types.Value;

    /// <summary>All modules, by name.</summary>
    public IReadOnlyCollection<KernelModuleFile> Modules => _modules.Value.Values;

    /// <summary>Opens the pack in <paramref name="folder"/>.</summary>
    /// <exception cref="PackException">There is none, or its description is damaged.</exception>
    public static KernelPack Open(string folder)
    {
        var description = Path.Combine(folder, DescriptionFile);
        return File.Exists(description)
            ? new(folder, PackDescription.Read(description))
            : throw new PackException(PackError.NotFound, $"{folder}: no kernel pack there ({DescriptionFile} is missing)");
    }

    /// <summary>The kernel image's types as they are stored (BTF).</summary>
    /// <exception cref="PackException">The pack has none.</exception>
    public byte[] ReadTypes()
    {
        var path = Path.Combine(Folder, TypesFile);
        return File.Exists(path)
            ? File.ReadAllBytes(path)
            : throw new PackException(PackError.BadInput, $"{Folder}: the pack has no type information ({TypesFile} is missing)");
    }

    /// <summary>A module by its name; <c>-</c> and <c>_</c> are the same.</summary>
    /// <exception cref="PackException">The pack has no such module.</exception>
    public KernelModuleFile FindModule(string name) => _modules.Value.TryGetValue(KernelModuleFile.NameOf(name), out var module)
        ? module
        : throw new PackException(PackError.NotFound, $"kernel {Release} has no module {name} (it has {Modules.Count})");

    /// <summary>The image's types together with those of <paramref name="modules"/>, in that search order.</summary>
    /// <exception cref="PackException">The pack has no types, or a module is damaged.</exception>
    /// <exception cref="BadBtfException">Types are damaged.</exception>
    public BtfTypeSet TypesWith(params IEnumerable<KernelModuleFile> modules) =>
        new(Types, [.. modules.Select(module => module.ReadTypes(Types)).OfType<BtfTypes>()]);

    private SortedDictionary<string, KernelModuleFile> FindModules()
    {
        var modules = new SortedDictionary<string, KernelModuleFile>(StringComparer.Ordinal);
        var folder = Path.Combine(Folder, ModulesFolder);
        if (!Directory.Exists(folder))
            throw new PackException(PackError.BadInput, $"{Folder}: the pack has no folder {ModulesFolder}");
        // Descending, so that updates/ wins over kernel/ where both have a module, as in depmod's default order.
        foreach (var path in Directory.EnumerateFiles(folder, "*.ko", SearchOption.AllDirectories).OrderDescending(StringComparer.Ordinal))
        {
            var module = new KernelModuleFile(path);
            modules.TryAdd(module.Name, module);
        }
        return modules;
    }
}
