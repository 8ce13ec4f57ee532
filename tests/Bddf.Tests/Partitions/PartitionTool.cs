using System.Diagnostics;
using System.Text.Json;
using Bddf.Partitions;

namespace Bddf.Tests.Partitions;

/// <summary>A test that needs sfdisk and sgdisk.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PartitionToolsFactAttribute : FactAttribute
{
    public PartitionToolsFactAttribute()
    {
        if (PartitionTool.Find("sfdisk") is null || PartitionTool.Find("sgdisk") is null)
            Skip = "needs sfdisk and sgdisk (apt install fdisk gdisk)";
    }
}

/// <summary>A disk image in a temporary file, and the ordinary tools that partition it.</summary>
internal sealed class PartitionTool : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"bddf-{Guid.NewGuid():N}.img");

    public PartitionTool(long bytes)
    {
        using var file = File.Create(_path);
        file.SetLength(bytes);
    }

    public static string? Find(string tool) =>
        new[] { "/usr/sbin", "/sbin", "/usr/bin", "/bin" }.Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);

    public void Dispose() => File.Delete(_path);

    /// <summary>Partitions the image from a script.</summary>
    public void Sfdisk(string script, params string[] arguments) => Run("sfdisk", script, [.. arguments, "--quiet", _path]);

    public void Sgdisk(params string[] arguments) => Run("sgdisk", "", [.. arguments, _path]);

    /// <summary>Overwrites bytes.</summary>
    public void Overwrite(ulong sector, int offset, params byte[] bytes)
    {
        using var file = File.OpenWrite(_path);
        file.Position = (long)sector * 512 + offset;
        file.Write(bytes);
    }

    /// <summary>What sfdisk says is there: number, type, first sector, sectors.</summary>
    public IEnumerable<(int Number, string Type, ulong First, ulong Sectors)> Witness()
    {
        using var document = JsonDocument.Parse(Run("sfdisk", "", ["--json", _path]));
        foreach (var partition in document.RootElement.GetProperty("partitiontable").GetProperty("partitions").EnumerateArray())
        {
            string node = partition.GetProperty("node").GetString()!;
            yield return (int.Parse(node[_path.Length..].TrimStart('p')), partition.GetProperty("type").GetString()!,
                partition.GetProperty("start").GetUInt64(), partition.GetProperty("size").GetUInt64());
        }
    }

    /// <summary>What the framework says is there.</summary>
    public PartitionTable ReadTable()
    {
        using var reader = new ImageReader(_path);
        return PartitionTable.Read("disk0", reader);
    }

    /// <summary>The framework agrees with sfdisk.</summary>
    public PartitionTable ShouldEqualWitness()
    {
        var table = ReadTable();
        table.Error.ShouldBeNull();
        table.Partitions.Select(p => (int.Parse(p.Name["disk0p".Length..]), p.Type, p.FirstSector, p.Sectors)).ShouldBe(Witness());
        return table;
    }

    private static string Run(string tool, string input, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Find(tool)!, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, $"{tool}: {errors.GetAwaiter().GetResult()}");
        return output;
    }

    private sealed class ImageReader(string path) : ISectorReader, IDisposable
    {
        private readonly FileStream _file = File.OpenRead(path);

        public uint SectorSize => 512;

        public ulong Sectors => (ulong)_file.Length / SectorSize;

        public BlockStatus Read(ulong firstSector, Span<byte> into)
        {
            _file.Position = (long)(firstSector * SectorSize);
            _file.ReadExactly(into);
            return BlockStatus.Ok;
        }

        public void Dispose() => _file.Dispose();
    }
}
