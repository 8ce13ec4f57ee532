using System.IO.Compression;

namespace DdeLinux.Packs;

/// <summary>Opens compressed data by what it is, not by what its file is called.</summary>
internal static class Decompressor
{
    private static ReadOnlySpan<byte> Xz => [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0];

    private static ReadOnlySpan<byte> Zstandard => [0x28, 0xB5, 0x2F, 0xFD];

    private static ReadOnlySpan<byte> Gzip => [0x1F, 0x8B];

    /// <summary>The decompressed bytes of a seekable stream from its position on, or null when the data is not compressed in a way known here.</summary>
    /// <exception cref="PackException">The library for this compression is not installed.</exception>
    internal static Stream? Open(Stream source)
    {
        Span<byte> magic = stackalloc byte[6];
        var start = source.Position;
        magic = magic[..source.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false)];
        source.Position = start;
        if (magic.StartsWith(Gzip))
            return new GZipStream(source, CompressionMode.Decompress, leaveOpen: true);
        if (magic.StartsWith(Xz))
            return new DecodingStream(source, Start(() => new XzDecoder(), "liblzma5"));
        return magic.StartsWith(Zstandard) ? new DecodingStream(source, Start(() => new ZstandardDecoder(), "libzstd1")) : null;
    }

    /// <summary>All decompressed bytes, or the bytes themselves when they are not compressed.</summary>
    /// <exception cref="InvalidDataException">The data is damaged.</exception>
    /// <exception cref="EndOfStreamException">It is cut off.</exception>
    internal static byte[] Unpack(byte[] data)
    {
        using var source = new MemoryStream(data, writable: false);
        using var decompressed = Open(source);
        if (decompressed is null)
            return data;
        using var result = new MemoryStream(data.Length * 3);
        decompressed.CopyTo(result);
        return result.ToArray();
    }

    private static IDecoder Start(Func<IDecoder> create, string package)
    {
        try
        {
            return create();
        }
        catch (DllNotFoundException exception)
        {
            throw new PackException(PackError.MissingPrerequisite, $"the library of package {package} is not installed: apt-get install {package}", exception);
        }
    }
}
