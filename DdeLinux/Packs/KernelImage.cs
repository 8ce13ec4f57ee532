using System.Buffers.Binary;
using L4;

namespace DdeLinux.Packs;

/// <summary>
/// The kernel inside a bzImage: the kernel's Documentation/arch/x86/boot.rst gives setup_sects, payload_offset and payload_length.
/// </summary>
internal static class KernelImage
{
    private const int SetupSectors = 0x1F1;
    private const int BootFlag = 0x1FE;
    private const int HeaderMagic = 0x202;
    private const int Version = 0x206;
    private const int PayloadOffset = 0x248;
    private const int PayloadLength = 0x24C;
    private const int HeaderEnd = 0x250;
    private const int SectorSize = 512;
    private const int PayloadSinceVersion = 0x0208;

    /// <summary>The vmlinux ELF file inside <paramref name="image"/>.</summary>
    /// <param name="image">A bzImage.</param>
    /// <param name="name">For messages.</param>
    /// <exception cref="PackException">It is none, is cut off, or its compression is unknown.</exception>
    internal static byte[] Unpack(byte[] image, string name)
    {
        ReadOnlySpan<byte> span = image;
        if (span.Length < HeaderEnd || BinaryPrimitives.ReadUInt16LittleEndian(span[BootFlag..]) != 0xAA55
            || !span[HeaderMagic..].StartsWith("HdrS"u8))
            throw Bad(name, $"is no x86 kernel image ({span.Length} bytes)");
        var version = BinaryPrimitives.ReadUInt16LittleEndian(span[Version..]);
        if (version < PayloadSinceVersion)
            throw Bad(name, $"has boot protocol 0x{version:x4}, older than 0x{PayloadSinceVersion:x4}");
        var sectors = span[SetupSectors] == 0 ? 4 : span[SetupSectors];
        var start = ((ulong)(sectors + 1) * SectorSize) + BinaryPrimitives.ReadUInt32LittleEndian(span[PayloadOffset..]);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(span[PayloadLength..]);
        if (length < 4 || !new Extent(0, (ulong)span.Length).Contains(start, length))
            throw Bad(name, $"is cut off: its payload {start}+{length} is outside its {span.Length} bytes");
        return Decompress(image, (int)start, (int)length, name);
    }

    private static byte[] Decompress(byte[] image, int start, int length, string name)
    {
        try
        {
            using var payload = new MemoryStream(image, start, length, writable: false);
            using var decompressed = Decompressor.Open(payload)
                ?? throw Bad(name, $"has a payload of unknown compression (it begins with {Convert.ToHexStringLower(image.AsSpan(start, 4))}); XZ, Zstandard and gzip are supported");
            // The build appends the unpacked size to the payload (gzip ends in it by itself).
            var size = BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(start + length - 4));
            using var result = new MemoryStream((int)Math.Min(size, (uint)length * 10));
            decompressed.CopyTo(result);
            return result.Length == size ? result.ToArray() : throw Bad(name, $"unpacks to {result.Length} bytes, not the {size} that it announces");
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            throw new PackException(PackError.BadInput, $"{name}: the compressed kernel is damaged: {exception.Message}", exception);
        }
    }

    private static PackException Bad(string name, string problem) => new(PackError.BadInput, $"{name}: {problem}");
}
