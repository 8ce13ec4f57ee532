namespace DdeLinux.Packs;

/// <summary>The kernel packs of one user, each in a folder named after the kernel's release.</summary>
/// <param name="folder">Where they lie; made when the first pack is.</param>
public sealed class KernelPackStore(string folder)
{
    /// <summary>The store in the user's cache folder (XDG Base Directory Specification): <c>$XDG_CACHE_HOME</c> or <c>~/.cache</c>.</summary>
    public static KernelPackStore Default => new(Path.Combine(CacheFolder(), "dde", "kernels"));

    /// <summary>Where the packs lie.</summary>
    public string Folder { get; } = folder;

    /// <summary>All packs, the newest release first.</summary>
    /// <exception cref="PackException">One of them is damaged.</exception>
    public IReadOnlyList<KernelPack> Enumerate() => !Directory.Exists(Folder) ? [] :
    [
        .. Directory.EnumerateDirectories(Folder)
            .Where(path => File.Exists(Path.Combine(path, KernelPack.DescriptionFile)) && !Path.GetFileName(path).StartsWith('.'))
            .Select(KernelPack.Open)
            .OrderByDescending(pack => pack.Release, ReleaseOrder.Instance),
    ];

    /// <summary>The pack of that release, or of the newest when <paramref name="release"/> is null.</summary>
    /// <exception cref="PackException">There is none.</exception>
    public KernelPack Select(string? release = null)
    {
        var packs = Enumerate();
        if (packs.Count == 0)
            throw new PackException(PackError.MissingPrerequisite, $"no kernel pack in {Folder}: run `dde kernel fetch`");
        return packs.FirstOrDefault(pack => release is null || pack.Release == release)
            ?? throw new PackException(PackError.NotFound,
                $"no kernel pack {release} in {Folder}; there are: {string.Join(", ", packs.Select(pack => pack.Release))}");
    }

    private static string CacheFolder()
    {
        // The specification says that a relative path is to be ignored.
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
        return Path.IsPathRooted(cache) ? cache : Path.Combine(home, ".cache");
    }
}
