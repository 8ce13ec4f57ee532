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
