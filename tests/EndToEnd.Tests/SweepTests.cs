namespace EndToEnd.Tests;

/// <summary>Erasing, and not erasing, wherever the drivers live.</summary>
public abstract class SweepTests(string isolation)
{
    [ToolFact("sfdisk")]
    public void Start_in_read_only_mode_leaves_every_byte_as_it_was()
    {
        using var image = DiskImage.Mbr();
        string before = Host.Sha256(image.Path);
        var result = Sweeper("--disk", image.Path, "--select", "disk0p1,disk0p5", "--method", "zero", "--verify", "--start", "--json");
        result.ExitCode.ShouldBe(0, result.Error);
        result.Json.GetProperty("mode").GetString().ShouldBe("readonly");
        Host.Sha256(image.Path).ShouldBe(before);
    }

    [ToolFact("sfdisk")]
    public void Zero_with_write_clears_exactly_the_partition()
    {
        using var image = DiskImage.Mbr();
        byte[] before = File.ReadAllBytes(image.Path);
        var result = Sweeper("--disk", image.Path, "--select", "disk0p5", "--method", "zero", "--verify", "--start", "--write", "--confirm", Serial(image), "--json");
        result.ExitCode.ShouldBe(0, result.Error);
        Array.Clear(before, 34816 * 512, 20480 * 512);
        File.ReadAllBytes(image.Path).AsSpan().SequenceEqual(before).ShouldBeTrue();
    }

    [ToolFact("sfdisk", "sgdisk")]
    public void Random_with_write_changes_every_sector_of_the_partition_and_nothing_else()
    {
        using var image = DiskImage.Gpt();
        byte[] before = File.ReadAllBytes(image.Path);
        var result = Sweeper("--disk", image.Path, "--select", "disk0p7", "--method", "random", "--verify", "--start", "--write", "--confirm", Serial(image), "--json");
        result.ExitCode.ShouldBe(0, result.Error);
        byte[] after = File.ReadAllBytes(image.Path);
        var partition = Sweeper("--disk", image.Path, "--list", "--json").Json.GetProperty("disks")[0].GetProperty("partitions").EnumerateArray()
            .Single(p => p.GetProperty("name").GetString() == "disk0p7");
        int first = partition.GetProperty("firstSector").GetInt32(), sectors = partition.GetProperty("sectors").GetInt32();
        for (int sector = 0; sector < after.Length / 512; sector++)
        {
            bool inside = sector >= first && sector < first + sectors;
            after.AsSpan(sector * 512, 512).SequenceEqual(before.AsSpan(sector * 512, 512)).ShouldBe(!inside, $"sector {sector}");
        }
    }

    [ToolFact("sfdisk")]
    public void A_wrong_serial_writes_nothing_and_says_so()
    {
        using var image = DiskImage.Mbr();
        string before = Host.Sha256(image.Path);
        var result = Sweeper("--disk", image.Path, "--select", "disk0p1", "--method", "zero", "--start", "--write", "--confirm", "WRONG");
        result.ExitCode.ShouldBe(8);
        OneLine(result.Error).ShouldContain("WRONG");
        Host.Sha256(image.Path).ShouldBe(before);
    }

    [ToolFact("sfdisk")]
    public void A_partition_that_is_not_there_is_a_mistake_that_names_those_that_are()
    {
        using var image = DiskImage.Mbr();
        var result = Sweeper("--disk", image.Path, "--select", "disk0p9", "--method", "zero", "--start");
        result.ExitCode.ShouldBe(2);
        OneLine(result.Error).ShouldContain("disk0p9");
        result.Error.ShouldContain("disk0p6");
    }

    private string Serial(DiskImage image) =>
        Sweeper("--disk", image.Path, "--list", "--json").Json.GetProperty("disks")[0].GetProperty("serial").GetString()!;

    private static string OneLine(string error)
    {
        error.TrimEnd().ShouldNotContain("\n");
        return error;
    }

    private Host.Result Sweeper(params string[] arguments) => Host.Sweeper([.. arguments, "--isolation", isolation]);
}

/// <summary>In one process.</summary>
public sealed class LocalSweepTests() : SweepTests("none");

/// <summary>Each in a process of its own.</summary>
public sealed class IsolatedSweepTests() : SweepTests("process");
