using System.Text.Json;

namespace EndToEnd.Tests;

public sealed class TraceTests
{
    private const string Port = "linux-ata-piix";

    [ToolFact]
    public void Identify_and_the_read_of_the_partition_table_are_told_in_the_devices_own_words()
    {
        using var image = DiskImage.Blank(1 << 20);
        string[] lines = Trace(image);
        ShouldHave(lines,
            "ata_sff_exec_command+|piix.primary.taskfile.command <- identifyDevice",
            "ata_sff_data_xfer32+|piix.primary.taskfile.data -> 512 bytes");
        ShouldHave(lines,
            "ata_sff_tf_load+|piix.primary.taskfile.sectorCount <- 0x1",
            "ata_sff_tf_load+|piix.primary.taskfile.lbaLow <- 0",
            "ata_sff_tf_load+|piix.primary.taskfile.device <- obsolete5|lba|obsolete7",
            "ata_bmdma_setup+|piix.primary.busMaster.descriptorTable <- 0x",
            "ata_bmdma_setup+|piix.primary.busMaster.command <- toMemory",
            "ata_sff_exec_command+|piix.primary.taskfile.command <- readDma",
            "ata_bmdma_start+|piix.primary.busMaster.command -> toMemory",
            "|piix.primary.busMaster.command <- start|toMemory",
            "-|piix.primary interrupt -> ata_bmdma_interrupt+0x0 [libata]",
            "ata_bmdma_status+|piix.primary.busMaster.status -> interrupt",
            "ata_bmdma_stop+|piix.primary.busMaster.command <- toMemory",
            "ata_sff_check_status+|piix.primary.taskfile.status -> seekComplete|ready",
            "|piix.primary.busMaster.status <- interrupt");
        lines.ShouldContain(line => line.StartsWith("piix.primary.taskfile.data ", StringComparison.Ordinal) && line.EndsWith(" 1024", StringComparison.Ordinal));
        lines[^2].ShouldBe($"[{Port}@00:01.1] piix.primary interrupts: 2, not handled: 0");
        lines[^1].ShouldEndWith("lines, 0 damaged records");
    }

    [ToolFact]
    public void Two_traces_in_virtual_time_are_the_same()
    {
        using var image = DiskImage.Blank(1 << 20);
        Trace(image, "--for", "3s").ShouldBe(Trace(image, "--for", "3s"));
    }

    [ToolFact]
    public void A_sweep_can_be_traced_to_a_file_and_its_output_stays_what_it_was()
    {
        using var image = DiskImage.Blank(1 << 20);
        string file = Path.Combine(image.Folder, "trace.txt");
        var plain = Host.Sweeper("--disk", image.Path, "--list", "--json");
        var traced = Host.Sweeper("--disk", image.Path, "--list", "--json", "--trace", file);
        traced.ShouldBe(plain);
        string[] lines = File.ReadAllText(file).TrimEnd().Split('\n');
        ShouldHave(lines, "ata_sff_exec_command+|piix.primary.taskfile.command <- readDma", "|piix.primary.busMaster.command <- start|toMemory");
        lines[^1].ShouldEndWith("lines, 0 damaged records");
    }

    [ToolFact]
    public void Without_a_file_the_trace_of_a_sweep_goes_to_standard_error()
    {
        using var image = DiskImage.Blank(1 << 20);
        var result = Host.Sweeper("--disk", image.Path, "--select", "disk0", "--start", "--trace");
        result.ExitCode.ShouldBe(0);
        result.Output.ShouldNotContain("piix.");
        ShouldHave(result.Error.Split('\n'), "ata_sff_exec_command+|piix.primary.taskfile.command <- identifyDevice", "|piix.primary.taskfile.command <- readDma");
    }

    [ToolFact]
    public void A_running_port_can_be_traced_as_json_lines()
    {
        using var image = DiskImage.Blank(1 << 20);
        string file = Path.Combine(image.Folder, "trace.json");
        var result = Host.Dde("run", Port, "--disk", image.Path, "--for", "1ms", "--json", "--trace", file);
        result.ExitCode.ShouldBe(0, result.Error);
        result.Json.GetProperty("port").GetString().ShouldBe(Port);
        JsonElement[] lines = [.. File.ReadAllLines(file).Select(line => JsonDocument.Parse(line).RootElement)];
        lines[^1].GetProperty("kind").GetString().ShouldBe("counters");
        lines[^1].GetProperty("lines").GetInt64().ShouldBe(lines.Length - 1);
        var start = lines.First(line => line.TryGetProperty("text", out var text) && text.GetString() == "start|toMemory");
        start.GetProperty("register").GetString().ShouldBe("piix.primary.busMaster.command");
        start.GetProperty("value").GetString().ShouldBe("0x9");
        start.GetProperty("task").GetString().ShouldBe($"{Port}@00:01.1");
    }

    [ToolFact]
    public void A_trace_overwrites_neither_a_disk_nor_anything_else()
    {
        using var image = DiskImage.Blank(1 << 20);
        string before = Host.Sha256(image.Path);
        foreach (var result in new[]
        {
            Host.Sweeper("--disk", image.Path, "--list", "--trace", image.Path),
            Host.Dde("run", Port, "--disk", image.Path, "--for", "1ms", "--trace", image.Path),
        })
        {
            result.ExitCode.ShouldBe(10);
            result.Error.TrimEnd().ShouldNotContain("\n");
            result.Error.ShouldContain(image.Path);
        }
        Host.Sha256(image.Path).ShouldBe(before);
    }

    [ToolFact]
    public void A_network_card_whose_registers_are_in_memory_is_told_by_the_instructions_that_reach_them()
    {
        string[] lines = TraceCard("linux-e1000");
        ShouldHave(lines,
            "e1000_probe+|e1000.configuration.command <- ioSpace|memorySpace|busMaster",
            "e1000_reset_hw+|e1000.receiveControl <- 0",
            "e1000_acquire_eeprom+|e1000.eepromControl -> ",
            "e1000_open+|e1000.interruptMask <- ",
            "-|e1000 interrupt -> e1000_intr+0x0 [e1000]",
            "e1000_intr+|e1000.interruptCause -> ",
            "e1000_down+|e1000.interruptMaskClear <- ");
        lines.ShouldContain(line => line.StartsWith("e1000.vlanTable[] ", StringComparison.Ordinal));
        TraceCard("linux-e1000").ShouldBe(lines);
    }

    [ToolFact]
    public void A_network_card_with_pages_of_registers_is_told_by_the_page_that_is_there() => ShouldHave(TraceCard("linux-ne2k-pci"),
        "ne2k_pci_init_one+|ne2000.common.command <- stop|remote=0x4|page=0x1",
        "ne2k_pci_init_one+|ne2000.page1.multicast[5] <- 0xff",
        "ne2k_pci_init_one+|ne2000.common.command <- remote=0x4",
        "ne2k_pci_init_one+|ne2000.page0.alignmentErrors -> 0",
        "ne2k_pci_init_one+|ne2000.reset[7] <- 0",
        "ne2k_pci_init_one+|ne2000.page0.interruptStatus -> reset",
        "ne2k_pci_init_one+|ne2000.data[7:0] -> 0x52");

    private static string[] TraceCard(string port)
    {
        var result = Host.Dde("trace", port);
        result.ExitCode.ShouldBe(0, result.Error);
        return result.Output.TrimEnd().Split('\n');
    }

    /// <summary>Looks for accesses in this order, others between them; each is the start of the place in the driver, and of the access.</summary>
    private static void ShouldHave(string[] lines, params string[] wanted)
    {
        int at = 0;
        foreach (string access in wanted)
        {
            string[] parts = access.Split('|', 2);
            int found = Array.FindIndex(lines, at, line => line.Contains("  " + parts[0], StringComparison.Ordinal) && line.Contains("  " + parts[1], StringComparison.Ordinal));
            found.ShouldBeGreaterThanOrEqualTo(0, $"{access} is not in the trace after: {(at == 0 ? "its start" : lines[at - 1])}");
            at = found + 1;
        }
    }

    private static string[] Trace(DiskImage image, params string[] more)
    {
        var result = Host.Dde(["trace", Port, "--disk", image.Path, .. more]);
        result.ExitCode.ShouldBe(0, result.Error);
        result.Error.ShouldBe("");
        return result.Output.TrimEnd().Split('\n');
    }
}
