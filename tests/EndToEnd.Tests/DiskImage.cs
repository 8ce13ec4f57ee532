namespace EndToEnd.Tests;

/// <summary>A raw disk image in a folder of its own that goes with it.</summary>
internal sealed class DiskImage : IDisposable
{
    private const string MbrTable = """
        label: dos
        label-id: 0x12345678
        start=2048, size=20480, type=83, bootable
        start=22528, size=10240, type=82
        start=32768, size=65536, type=5
        start=34816, size=20480, type=c
        start=57344, size=16384, type=7
        """;

    private DiskImage(long bytes)
    {
        Folder = Directory.CreateTempSubdirectory("dde-test-").FullName;
        Path = System.IO.Path.Combine(Folder, "disk.img");
        using var file = File.Create(Path);
        file.SetLength(bytes);
    }

    internal string Folder { get; }

    internal string Path { get; }

    /// <summary>An image without a partition table, with <paramref name="bytes"/> bytes.</summary>
    internal static DiskImage Blank(long bytes) => new(bytes);

    /// <summary>64 MiB with two primary, one extended and two logical partitions, made by sfdisk, and something in every sector.</summary>
    internal static DiskImage Mbr()
    {
        var image = new DiskImage(64 << 20);
        image.Fill();
        Host.Tool("sfdisk", MbrTable, "--quiet", "--no-reread", "--no-tell-kernel", image.Path);
        return image;
    }

    /// <summary>64 MiB with three GPT partitions made by sgdisk, the middle one with entry number 7.</summary>
    internal static DiskImage Gpt()
    {
        var image = new DiskImage(64 << 20);
        image.Fill();
        Host.Tool("sgdisk", null, "--clear", "--new=1:2048:+8M", "--typecode=1:8300", "--new=7:0:+16M", "--typecode=7:ef00", "--new=3:0:0", "--typecode=3:8200", image.Path);
        return image;
    }

    internal byte[] Read(ulong firstSector, ulong sectors)
    {
        using var file = File.OpenHandle(Path);
        byte[] bytes = new byte[sectors * 512];
        RandomAccess.Read(file, bytes, (long)firstSector * 512);
        return bytes;
    }

    internal void Write(long offset, params byte[] bytes)
    {
        using var file = File.OpenHandle(Path, FileMode.Open, FileAccess.Write);
        RandomAccess.Write(file, bytes, offset);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private void Fill()
    {
        using var file = File.OpenHandle(Path, FileMode.Open, FileAccess.Write);
        byte[] bytes = new byte[64 << 20];
        new Random(20_07).NextBytes(bytes);
        RandomAccess.Write(file, bytes, 0);
    }
}
