using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace DdeLinux.Packs.Tests;

/// <summary>Writes small stand-ins for what a kernel package holds: ELF files, kernel images, packages.</summary>
internal static class KernelBuilder
{
    /// <summary>The smallest BTF: a header, no types, the empty string.</summary>
    public static byte[] Types { get; } = [0x9F, 0xEB, 1, 0, 24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];

    /// <summary>An ELF file with one section of that name and its name table.</summary>
    public static byte[] Elf(string section, byte[] contents)
    {
        var names = Encoding.ASCII.GetBytes($"\0{section}\0.shstrtab\0");
        var image = new byte[64 + contents.Length + names.Length + (3 * 64)];
        "\u007fELF"u8.CopyTo(image);
        (image[4], image[5], image[6]) = (2, 1, 1);
        var table = 64 + contents.Length + names.Length;
        BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(0x28), (ulong)table);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x3A), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x3C), 3);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x3E), 2);
        contents.CopyTo(image, 64);
        names.CopyTo(image, 64 + contents.Length);
        WriteSection(image.AsSpan(table + 64), 1, 64, contents.Length);
        WriteSection(image.AsSpan(table + 128), section.Length + 2, 64 + contents.Length, names.Length);
        return image;
    }

    public static byte[] Vmlinux() => Elf(".BTF", Types);

    /// <summary>A bzImage around a payload that is compressed already; the unpacked size follows it unless it is gzip.</summary>
    public static byte[] Image(byte[] payload)
    {
        const int setupSectors = 1;
        const int payloadOffset = 16;
        var start = ((setupSectors + 1) * 512) + payloadOffset;
        var image = new byte[start + payload.Length];
        image[0x1F1] = setupSectors;
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x1FE), 0xAA55);
        "HdrS"u8.CopyTo(image.AsSpan(0x202));
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x206), 0x020F);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(0x248), payloadOffset);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(0x24C), (uint)payload.Length);
        payload.CopyTo(image, start);
        return image;
    }

    public static byte[] Gzip(byte[] data)
    {
        using var result = new MemoryStream();
        using (var gzip = new GZipStream(result, CompressionLevel.Fastest))
            gzip.Write(data);
        return result.ToArray();
    }

    /// <summary>A package of a whole small kernel.</summary>
    public static byte[] Package(string release = "1.2.3-test", params (string Path, byte[] Contents)[] more) =>
        Archive("data.tar.gz", Gzip(Tree(
        [
            ($"./boot/vmlinuz-{release}", Image(Gzip(Vmlinux()))),
            ($"./lib/modules/{release}/kernel/drivers/ata/libata.ko", Elf(".BTF", Types)),
            ($"./lib/modules/{release}/kernel/drivers/net/ne2k-pci.ko.gz", Gzip(Elf(".text", [1, 2, 3]))),
            ($"./lib/modules/{release}/modules.builtin", [1]),
            .. more,
        ])));

    public static byte[] Tree(params (string Path, byte[] Contents)[] files)
    {
        using var result = new MemoryStream();
        using (var writer = new TarWriter(result, TarEntryFormat.Gnu, leaveOpen: true))
        {
            foreach (var (path, contents) in files)
                writer.WriteEntry(new GnuTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(contents) });
        }
        return result.ToArray();
    }

    /// <summary>An ar archive as deb(5) describes it.</summary>
    public static byte[] Archive(string dataMember, byte[] data)
    {
        using var result = new MemoryStream();
        result.Write("!<arch>\n"u8);
        WriteMember(result, "debian-binary", "2.0\n"u8);
        WriteMember(result, "control.tar.xz", [1, 2, 3]);
        WriteMember(result, dataMember, data);
        return result.ToArray();
    }

    private static void WriteMember(MemoryStream archive, string name, ReadOnlySpan<byte> contents)
    {
        archive.Write(Encoding.ASCII.GetBytes($"{name,-16}{0,-12}{0,-6}{0,-6}{"100644",-8}{contents.Length,-10}`\n"));
        archive.Write(contents);
        if (contents.Length % 2 != 0)
            archive.WriteByte((byte)'\n');
    }

    private static void WriteSection(Span<byte> header, int name, int offset, int length)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)name);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(header[0x18..], (ulong)offset);
        BinaryPrimitives.WriteUInt64LittleEndian(header[0x20..], (ulong)length);
    }
}
