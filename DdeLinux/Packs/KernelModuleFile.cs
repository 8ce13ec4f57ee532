using System.Security.Cryptography;
using DdeKit.Foreign.Btf;

namespace DdeLinux.Packs;

/// <summary>A module of a kernel pack: the distribution's file, bit for bit (unpacked where the distribution compresses it).</summary>
public sealed class KernelModuleFile
{
    internal KernelModuleFile(string path)
    {
        Path = path;
        Name = NameOf(System.IO.Path.GetFileNameWithoutExtension(path));
    }

    /// <summary>The module's name as the kernel knows it, with underscores.</summary>
    public string Name { get; }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>SHA-256 of the file, lower-case hex; computed at each call.</summary>
    public string ComputeSha256()
    {
        using var stream = File.OpenRead(Path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>The file's bytes.</summary>
    public byte[] Read() => File.ReadAllBytes(Path);

    /// <summary>The module's own types on top of the kernel image's; null when it has none.</summary>
    /// <exception cref="PackException">The file is damaged.</exception>
    /// <exception cref="BadBtfException">Its types are.</exception>
    public BtfTypes? ReadTypes(BtfTypes image) =>
        ElfSections.Find(Read(), ".BTF", Path) is { IsEmpty: false } raw ? BtfTypes.ParseSplit(image, raw, Name) : null;

    /// <summary>One spelling for a module: the kernel takes dash and underscore for the same.</summary>
    internal static string NameOf(string name) => name.Replace('-', '_');
}
