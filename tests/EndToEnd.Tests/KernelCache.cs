using DdeLinux.Packs;

namespace EndToEnd.Tests;

/// <summary>A cache folder with a copy of the kernel pack that a test may damage. The copy is made of links, but for what the test changes.</summary>
internal sealed class KernelCache : IDisposable
{
    private readonly KernelPack _original = KernelPackStore.Default.Select();

    internal KernelCache()
    {
        Folder = Directory.CreateTempSubdirectory("dde-cache-").FullName;
        Pack = Path.Combine(Folder, "dde", "kernels", _original.Release);
        foreach (string file in Directory.EnumerateFiles(_original.Folder, "*", SearchOption.AllDirectories)
            .Where(f => f.Contains("/drivers/ata/", StringComparison.Ordinal) || f.Contains("/drivers/scsi/scsi_", StringComparison.Ordinal) || !f.EndsWith(".ko", StringComparison.Ordinal)))
        {
            string link = Path.Combine(Pack, Path.GetRelativePath(_original.Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(link)!);
            File.CreateSymbolicLink(link, file);
        }
    }

    /// <summary>What XDG_CACHE_HOME is to be.</summary>
    internal string Folder { get; }

    internal string Pack { get; }

    /// <summary>Replaces a module by what <paramref name="change"/> makes of it.</summary>
    internal void Change(string module, Func<byte[], byte[]> change)
    {
        string original = _original.FindModule(module).Path;
        Replace(Path.GetRelativePath(_original.Folder, original), change(File.ReadAllBytes(original)));
    }

    /// <summary>Replaces a file of the pack, or removes it with null.</summary>
    internal void Replace(string path, byte[]? bytes)
    {
        string link = Path.Combine(Pack, path);
        File.Delete(link);
        if (bytes is not null)
            File.WriteAllBytes(link, bytes);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
