using System.Globalization;
using System.Text;

namespace DdeLinux.Packs;

/// <summary>Finds the file tree in a Debian package: an ar archive (deb(5)) with a member <c>data.tar</c> of some compression.</summary>
internal static class DebianPackage
{
    private const int HeaderLength = 60;

    private static ReadOnlySpan<byte> ArchiveMagic => "!<arch>\n"u8;

    /// <summary>Positions <paramref name="package"/> at its tree and returns the uncompressed tar stream.</summary>
    /// <param name="package">A seekable stream, at its start; the result reads from it.</param>
    /// <param name="name">For messages.</param>
    /// <exception cref="PackException">It is no package, is cut off, or its compression is unknown.</exception>
    internal static Stream OpenTree(Stream package, string name)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        var magic = header[..ArchiveMagic.Length];
        if (package.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) < magic.Length || !magic.SequenceEqual(ArchiveMagic))
            throw Bad(name, $"is no Debian package ({package.Length} bytes)");
        while (true)
        {
            var start = package.Position;
            var got = package.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false);
            if (got == 0)
                throw Bad(name, $"is a package without data.tar ({package.Length} bytes)");
            // "ar" header (deb(5), ar(5)): name 16, time 12, owner 6, group 6, mode 8, size 10, magic 2.
            if (got < HeaderLength || header[58] != '`' || header[59] != '\n'
                || !long.TryParse(Encoding.ASCII.GetString(header[48..58]), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var size))
                throw Bad(name, $"is damaged or cut off at byte {start} of {package.Length}");
            var member = Encoding.ASCII.GetString(header[..16]).TrimEnd(' ', '/');
            if (size > package.Length - package.Position)
                throw Bad(name, $"is cut off: {member} needs {size} bytes from {package.Position} on, of {package.Length}");
            if (!member.StartsWith("data.tar", StringComparison.Ordinal))
            {
                package.Position += size + (size & 1);
                continue;
            }
            return Decompressor.Open(package) ?? (member == "data.tar"
                ? package
                : throw Bad(name, $"has a {member} of unknown compression; XZ, Zstandard and gzip are supported"));
        }
    }

    private static PackException Bad(string name, string problem) => new(PackError.BadInput, $"{name}: {problem}");
}
