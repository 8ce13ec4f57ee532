using System.Text.Json;
using DdeLinux.Packs;

namespace EndToEnd.Tests;

/// <summary>What a disk has on it, wherever the drivers live.</summary>
public abstract class ListTests(string isolation)
{
    [ToolFact("sfdisk")]
    public void An_mbr_disk_with_logical_partitions_is_listed_as_sfdisk_lists_it()
    {
        using var image = DiskImage.Mbr();
        ShouldMatchSfdisk(image, type => Convert.ToInt32(type, 16).ToString("x", null), "mbr", 5);
    }

    [ToolFact("sfdisk", "sgdisk")]
    public void A_gpt_disk_is_listed_as_sfdisk_lists_it()
    {
        using var image = DiskImage.Gpt();
        ShouldMatchSfdisk(image, type => type, "gpt", 3);
    }

    [ToolFact("sfdisk")]
    public void The_list_names_mode_model_serial_and_the_module_that_ran_with_its_checksum()
    {
        using var image = DiskImage.Mbr();
        var list = Sweeper("--disk", image.Path, "--list", "--json").Json;
        list.GetProperty("mode").GetString().ShouldBe("readonly");
        var disk = list.GetProperty("disks")[0];
        disk.GetProperty("model").GetString().ShouldBe("Dde emulated disk");
        disk.GetProperty("serial").GetString().ShouldNotBeNullOrEmpty();
        disk.GetProperty("sectorSize").GetInt32().ShouldBe(512);
        disk.GetProperty("sectors").GetInt64().ShouldBe(131072);
        string sha = Host.Sha256(KernelPackStore.Default.Select().FindModule("ata_piix").Path);
        disk.GetProperty("driver").GetString()!.ShouldBe($"linux-ata-piix ata_piix.ko sha256:{sha}");
    }

    [ToolFact("sfdisk", "sgdisk")]
    public void Several_disks_are_listed_in_the_order_of_the_command_line()
    {
        using var first = DiskImage.Mbr();
        using var second = DiskImage.Gpt();
        using var third = DiskImage.Blank(1 << 20);
        var list = Sweeper("--disk", first.Path, "--disk", second.Path, "--disk", third.Path, "--list", "--json").Json.GetProperty("disks");
        list.EnumerateArray().Select(d => d.GetProperty("partitions").GetArrayLength()).ShouldBe([5, 3, 0]);
        list.EnumerateArray().Select(d => d.GetProperty("sectors").GetInt64()).ShouldBe([131072, 131072, 2048]);
    }

    [ToolFact]
    public void Nothing_is_listed_for_a_disk_without_a_table()
    {
        using var image = DiskImage.Blank(8 << 20);
        var result = Sweeper("--disk", image.Path, "--list", "--json");
        result.ExitCode.ShouldBe(0);
        result.Json.GetProperty("disks")[0].GetProperty("partitions").GetArrayLength().ShouldBe(0);
    }

    private void ShouldMatchSfdisk(DiskImage image, Func<string, string> type, string scheme, int count)
    {
        var result = Sweeper("--disk", image.Path, "--list", "--json");
        result.ExitCode.ShouldBe(0, result.Error);
        var disk = result.Json.GetProperty("disks")[0];
        var listed = disk.GetProperty("partitions").EnumerateArray().ToList();
        var expected = Host.Tool("sfdisk", null, "--json", image.Path).Json.GetProperty("partitiontable").GetProperty("partitions").EnumerateArray().ToList();
        listed.Count.ShouldBe(count);
        Numbers(listed, p => p.GetProperty("name").GetString()!, p => p.GetProperty("firstSector"), p => p.GetProperty("sectors"), p => p.GetProperty("type").GetString()!)
            .ShouldBe(Numbers(expected, p => p.GetProperty("node").GetString()!, p => p.GetProperty("start"), p => p.GetProperty("size"), p => type(p.GetProperty("type").GetString()!)),
                ignoreOrder: true);
        listed.ShouldAllBe(p => p.GetProperty("scheme").GetString() == scheme);
    }

    private static List<string> Numbers(
        List<JsonElement> partitions, Func<JsonElement, string> name, Func<JsonElement, JsonElement> first, Func<JsonElement, JsonElement> sectors, Func<JsonElement, string> type) =>
        [.. partitions.Select(p => $"{TrailingNumber(name(p))} {first(p).GetInt64()}+{sectors(p).GetInt64()} {type(p)}")];

    private static string TrailingNumber(string name) => name[(name.LastIndexOfAny(['p', 'g', '/']) + 1)..];

    private Host.Result Sweeper(params string[] arguments) => Host.Sweeper([.. arguments, "--isolation", isolation]);
}

/// <summary>In one process.</summary>
public sealed class LocalListTests() : ListTests("none");

/// <summary>Each in a process of its own.</summary>
public sealed class IsolatedListTests() : ListTests("process");
