using System.Globalization;
using System.Text.RegularExpressions;

namespace DdeLinux.Packs;

/// <summary>Fetches the distribution's current kernel package with apt, which needs no root, and makes a pack of it.</summary>
/// <param name="store">Where the pack goes.</param>
/// <param name="progress">Told how far the work is; may be null.</param>
public sealed partial class PackFetcher(KernelPackStore store, IProgress<PackProgress>? progress)
{
    // The package that always depends on the newest kernel.
    private const string MetaPackage = "linux-image-amd64";

    // The package and what it unpacks to, in sizes of the package.
    private const long RoomForPackage = 7;

    private readonly PackImporter _importer = new(store, progress);

    /// <summary>The pack of the newest kernel that apt knows; quick when it is there already.</summary>
    /// <exception cref="PackException">apt cannot give it, or the cache cannot be written.</exception>
    public KernelPack Fetch() => CacheErrors.Translate(store, () =>
    {
        using var storeLock = new StoreLock(store, progress);
        progress?.Report(new("asking apt for the newest kernel", 0, 0));
        var package = FindPackage() ?? (UpdateLists() ? FindPackage() : null)
            ?? throw Missing($"apt knows no package {MetaPackage}, its lists are empty");
        var source = FindSource(package) ?? (UpdateLists() ? FindSource(package) : null)
            ?? throw Missing($"apt knows no place to get {package} from");
        return _importer.Find(source.Sha256) ?? Download(package, source);
    });

    /// <summary>A package file as apt's lists describe it.</summary>
    private sealed record PackageSource(string File, long Size, string Sha256);

    private string? FindPackage()
    {
        var result = PackageTool.Run(store.Folder, null, "apt-cache", "show", "--no-all-versions", MetaPackage);
        var match = DependsLine().Match(result.Output);
        return match.Success ? match.Groups[1].Value : null;
    }

    private PackageSource? FindSource(string package)
    {
        var result = PackageTool.Run(store.Folder, null, "apt-get", "download", "--print-uris", package);
        var match = SourceLine().Match(result.Output);
        if (!match.Success)
            return null;
        return new(Path.GetFileName(match.Groups[1].Value), long.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture), match.Groups[3].Value);
    }

    // Only root may; whether it was done.
    private bool UpdateLists()
    {
        if (!Environment.IsPrivilegedProcess)
            return false;
        progress?.Report(new("fetching apt's package lists", 0, 0));
        var result = PackageTool.Run(store.Folder, null, "apt-get", "update", "-q");
        return result.ExitCode == 0 ? true : throw Missing($"apt-get update failed: {result.Problem}");
    }

    private KernelPack Download(string package, PackageSource source)
    {
        CacheErrors.RequireSpace(store, source.Size * RoomForPackage);
        var folder = Path.Combine(store.Folder, $".download-{Guid.NewGuid():n}");
        Directory.CreateDirectory(folder);
        try
        {
            var problem = TryDownload(package, source, folder);
            // The lists may be so old that the file has gone.
            if (problem is not null && UpdateLists())
                problem = TryDownload(package, source, folder);
            if (problem is not null)
                throw Missing($"apt-get could not download {package}: {problem}");
            var path = Path.Combine(folder, source.File);
            var hash = PackImporter.HashOf(path);
            return hash == source.Sha256
                ? _importer.ImportPackage(path, hash)
                : throw new PackException(PackError.BadInput, $"{source.File}: SHA-256 is {hash}, apt's lists say {source.Sha256}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Null when it worked, else what apt says.
    private string? TryDownload(string package, PackageSource source, string folder)
    {
        var stage = $"downloading {source.File}";
        progress?.Report(new(stage, 0, source.Size));
        // As root apt would change to a user that cannot write here.
        var result = PackageTool.Run(folder,
            () => progress?.Report(new(stage, new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length), source.Size)),
            "apt-get", "download", "-q", "-o", "APT::Sandbox::User=root", package);
        return result.ExitCode == 0 ? null : result.Problem;
    }

    private static PackException Missing(string problem) =>
        new(PackError.MissingPrerequisite, $"{problem}; check the network, run `apt-get update` as root, then try again");

    [GeneratedRegex(@"^Depends:.*?\b(linux-image-[0-9][^\s,(]*)", RegexOptions.Multiline)]
    private static partial Regex DependsLine();

    // 'URI' FILE SIZE SHA256:HASH
    [GeneratedRegex(@"^'[^']*' (\S+) ([0-9]+) SHA256:([0-9a-f]{64})", RegexOptions.Multiline)]
    private static partial Regex SourceLine();
}
