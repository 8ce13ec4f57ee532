namespace DdeLinux.Packs;

/// <summary>Makes one pack in a temporary folder and puts it in its place at once, so that nobody ever opens half a pack.</summary>
internal sealed class PackWriter : IDisposable
{
    private readonly KernelPackStore _store;
    private readonly string _temporary;
    private int _modules;
    private bool _hasTypes;

    /// <param name="store">Whose lock the caller holds.</param>
    internal PackWriter(KernelPackStore store)
    {
        _store = store;
        _temporary = Path.Combine(store.Folder, $".new-{Guid.NewGuid():n}");
        Directory.CreateDirectory(Path.Combine(_temporary, KernelPack.ModulesFolder));
    }

    /// <summary>Whether <paramref name="path"/> names a module, compressed or not.</summary>
    internal static bool IsModule(string path) => path.EndsWith(".ko", StringComparison.Ordinal) || path.EndsWith(".ko.xz", StringComparison.Ordinal)
        || path.EndsWith(".ko.zst", StringComparison.Ordinal) || path.EndsWith(".ko.gz", StringComparison.Ordinal);

    /// <summary>Whether a release or file name can be a folder of its own.</summary>
    internal static bool IsPlainName(string name) => name.Length != 0 && name[0] != '.' && !name.Contains('/') && !name.Contains('\0');

    /// <summary>Adds a module.</summary>
    /// <param name="relativePath">Below the folder of the release, e.g. <c>kernel/drivers/ata/libata.ko.xz</c>.</param>
    /// <param name="contents">The file's bytes, compressed or not.</param>
    /// <exception cref="PackException">The path leads elsewhere, or the contents are no module.</exception>
    internal void AddModule(string relativePath, byte[] contents)
    {
        if (!relativePath.Split('/').All(IsPlainName))
            throw new PackException(PackError.BadInput, $"{relativePath}: leads out of the folder of modules");
        byte[] module;
        try
        {
            module = Decompressor.Unpack(contents);
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            throw new PackException(PackError.BadInput, $"{relativePath}: {exception.Message}", exception);
        }
        if (!ElfSections.IsElf(module))
            throw new PackException(PackError.BadInput, $"{relativePath}: is not an ELF file ({contents.Length} bytes)");
        var plain = relativePath[..(relativePath.LastIndexOf(".ko", StringComparison.Ordinal) + 3)];
        var target = Path.Combine(_temporary, KernelPack.ModulesFolder, plain);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.WriteAllBytes(target, module);
        _modules++;
    }

    /// <summary>Sets the kernel image's types.</summary>
    internal void SetTypes(ReadOnlySpan<byte> types)
    {
        var target = Path.Combine(_temporary, KernelPack.TypesFile);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.WriteAllBytes(target, types);
        _hasTypes = true;
    }

    /// <summary>Puts the pack in its place; one of the same release gives way.</summary>
    /// <exception cref="PackException">Modules or types are missing.</exception>
    internal KernelPack Commit(PackDescription description, string source)
    {
        if (!IsPlainName(description.Release))
            throw new PackException(PackError.BadInput, $"{source}: '{description.Release}' is no kernel release");
        if (_modules == 0)
            throw new PackException(PackError.BadInput, $"{source}: holds no kernel modules (0 files *.ko below lib/modules)");
        if (!_hasTypes)
            throw new PackException(PackError.BadInput, $"{source}: holds {_modules} modules but no kernel image (boot/vmlinuz-{description.Release})");
        description.Write(Path.Combine(_temporary, KernelPack.DescriptionFile));
        var target = Path.Combine(_store.Folder, description.Release);
        if (Directory.Exists(target))
            Directory.Move(target, Path.Combine(_store.Folder, $".old-{Guid.NewGuid():n}"));
        Directory.Move(_temporary, target);
        foreach (var old in Directory.EnumerateDirectories(_store.Folder, ".old-*"))
            Directory.Delete(old, recursive: true);
        return KernelPack.Open(target);
    }

    public void Dispose()
    {
        if (Directory.Exists(_temporary))
            Directory.Delete(_temporary, recursive: true);
    }
}
