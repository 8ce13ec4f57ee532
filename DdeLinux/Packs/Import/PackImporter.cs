using System.Formats.Tar;
using System.Security.Cryptography;

namespace DdeLinux.Packs;

/// <summary>Makes kernel packs out of what is on this machine. What is there already is not made again.</summary>
/// <param name="store">Where they go.</param>
/// <param name="progress">Told how far the work is; may be null.</param>
public sealed class PackImporter(KernelPackStore store, IProgress<PackProgress>? progress)
{
    private const string RunningTypes = "/sys/kernel/btf/vmlinux";
    // A report for each of these many bytes.
    private const long ProgressStep = 1 << 20;
    // No kernel and no module comes near it; a damaged length must not cost memory.
    private const long LargestFile = 1 << 30;

    /// <summary>Makes a pack of a Debian kernel package.</summary>
    /// <exception cref="PackException">The file is missing, damaged or no kernel package; or the cache cannot be written.</exception>
    public KernelPack ImportPackage(string packageFile)
    {
        if (!File.Exists(packageFile))
            throw new PackException(PackError.BadInput, $"{packageFile}: there is no such file");
        return CacheErrors.Translate(store, () =>
        {
            using var storeLock = new StoreLock(store, progress);
            progress?.Report(new($"checking {Path.GetFileName(packageFile)}", 0, new FileInfo(packageFile).Length));
            var sha256 = HashOf(packageFile);
            return Find(sha256) ?? ImportPackage(packageFile, sha256);
        });
    }

    /// <summary>Makes a pack of the kernel that runs: its modules and its types.</summary>
    /// <exception cref="PackException">The system does not have them; or the cache cannot be written.</exception>
    public KernelPack ImportRunning()
    {
        var release = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        var modules = $"/lib/modules/{release}";
        return Directory.Exists(modules)
            ? ImportFolder(release, modules, RunningTypes)
            : throw new PackException(PackError.MissingPrerequisite,
                $"the running kernel {release} has no folder {modules}: use `dde kernel fetch` or `dde kernel import --deb FILE`");
    }

    /// <summary>Makes a pack of a folder of modules and a file of types.</summary>
    /// <param name="release">The kernel's release.</param>
    /// <param name="modules">Such as <c>/lib/modules/RELEASE</c>; compressed modules are unpacked.</param>
    /// <param name="typesFile">The kernel's raw BTF.</param>
    /// <exception cref="PackException">Something is missing or damaged; or the cache cannot be written.</exception>
    internal KernelPack ImportFolder(string release, string modules, string typesFile)
    {
        if (!File.Exists(typesFile))
            throw new PackException(PackError.MissingPrerequisite, $"the kernel {release} gives no type information: {typesFile} is missing (CONFIG_DEBUG_INFO_BTF)");
        return CacheErrors.Translate(store, () =>
        {
            using var storeLock = new StoreLock(store, progress);
            using var writer = new PackWriter(store);
            writer.SetTypes(File.ReadAllBytes(typesFile));
            var files = Directory.EnumerateFiles(modules, "*.ko*", SearchOption.AllDirectories).Where(PackWriter.IsModule).ToList();
            for (var index = 0; index < files.Count; index++)
            {
                progress?.Report(new("unpacking modules", index, files.Count));
                writer.AddModule(Path.GetRelativePath(modules, files[index]), File.ReadAllBytes(files[index]));
            }
            return writer.Commit(new(release, HostSystem.Name, null, null, DateTimeOffset.UtcNow), modules);
        });
    }

    /// <summary>The pack that was made of a package with this hash.</summary>
    internal KernelPack? Find(string sha256) => store.Enumerate().FirstOrDefault(pack => pack.Description.PackageSha256 == sha256);

    /// <summary>SHA-256 of a file in lower-case hex.</summary>
    internal static string HashOf(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>Makes the pack; the caller holds the store's lock and knows that it is not there yet.</summary>
    internal KernelPack ImportPackage(string packageFile, string sha256)
    {
        var name = Path.GetFileName(packageFile);
        using var file = File.OpenRead(packageFile);
        var length = file.Length;
        using var writer = new PackWriter(store);
        try
        {
            using var tree = DebianPackage.OpenTree(file, name);
            var release = Unpack(file, tree, writer, name);
            return writer.Commit(new(release, "Debian package", name, sha256, DateTimeOffset.UtcNow), name);
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new PackException(PackError.BadInput, $"{name}: is damaged or cut off ({length} bytes): {exception.Message}", exception);
        }
    }

    // Returns the release, which only the paths in the package tell.
    private string Unpack(FileStream file, Stream tree, PackWriter writer, string name)
    {
        var release = "";
        var nextReport = 0L;
        using var reader = new TarReader(tree, leaveOpen: true);
        while (NextEntry(reader) is { } entry)
        {
            if (file.Position >= nextReport)
            {
                progress?.Report(new("unpacking modules", file.Position, file.Length));
                nextReport = file.Position + ProgressStep;
            }
            if (entry.DataStream is not { } contents || entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile))
                continue;
            var path = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;
            if (path.StartsWith("usr/lib/", StringComparison.Ordinal))
                path = path["usr/".Length..];
            if (path.StartsWith("boot/vmlinuz-", StringComparison.Ordinal))
            {
                progress?.Report(new("unpacking the kernel image", file.Position, file.Length));
                writer.SetTypes(TypesOf(ReadAll(contents, entry), $"{name}: {path}").Span);
                continue;
            }
            // lib/modules/RELEASE/...
            var parts = path.Split('/', 4);
            if (parts.Length < 4 || parts[0] != "lib" || parts[1] != "modules" || !PackWriter.IsModule(path))
                continue;
            if (release.Length != 0 && release != parts[2])
                throw new PackException(PackError.BadInput, $"{name}: holds two kernels, {release} and {parts[2]}");
            release = parts[2];
            writer.AddModule(parts[3], ReadAll(contents, entry));
        }
        return release.Length != 0 ? release : throw new PackException(PackError.BadInput, $"{name}: holds no kernel (0 modules below lib/modules)");
    }

    // TarReader documents InvalidDataException, yet lets through what its number and entry parsers throw for some damaged headers.
    private static TarEntry? NextEntry(TarReader reader)
    {
        try
        {
            return reader.GetNextEntry();
        }
        catch (Exception exception) when (exception is OverflowException or NotSupportedException or ArgumentException or InvalidOperationException)
        {
            throw new InvalidDataException(exception.Message, exception);
        }
    }

    private static ReadOnlyMemory<byte> TypesOf(byte[] image, string name) =>
        ElfSections.Find(KernelImage.Unpack(image, name), ".BTF", name) is { IsEmpty: false } types
            ? types
            : throw new PackException(PackError.BadInput, $"{name}: the kernel has no type information (section .BTF; CONFIG_DEBUG_INFO_BTF)");

    private static byte[] ReadAll(Stream contents, TarEntry entry)
    {
        if (entry.Length > LargestFile)
            throw new InvalidDataException($"{entry.Name} has {entry.Length} bytes");
        var data = new byte[entry.Length];
        contents.ReadExactly(data);
        return data;
    }
}
