using System.Text;
using DdeKit.Foreign;

namespace EndToEnd.Tests;

/// <summary>Each mistake gets one line that names the thing and the number, and an exit code of its own kind; nothing is written.</summary>
public sealed class BadInputTests
{
    private const int DiskProblem = 4;
    private const int TableProblem = 5;
    private const int ModuleProblem = 6;
    private const int DriverGone = 7;

    [ToolFact]
    public void An_image_that_is_not_there() => ShouldFail(Host.Sweeper("--disk", "/nowhere/disk.img", "--list"), DiskProblem, "/nowhere/disk.img");

    [ToolFact]
    public void An_image_whose_size_is_no_multiple_of_the_sector_size()
    {
        using var image = DiskImage.Blank(1_000_001);
        ShouldFail(Host.Sweeper("--disk", image.Path, "--list"), DiskProblem, "1000001");
    }

    [ToolFact]
    public void More_disks_than_the_controller_takes()
    {
        using var image = DiskImage.Blank(1 << 20);
        string[] disks = [.. Enumerable.Range(0, 5).SelectMany(number =>
        {
            string path = Path.Combine(image.Folder, $"{number}.img");
            File.Copy(image.Path, path);
            return new[] { "--disk", path };
        })];
        ShouldFail(Host.Sweeper([.. disks, "--list"]), DiskProblem, "5");
    }

    [ToolFact("sfdisk")]
    public void Partitions_that_overlap()
    {
        using var image = DiskImage.Mbr();
        // The second entry (offset 446 + 16) begins inside the first: its first sector lies at +8.
        image.Write(446 + 16 + 8, 0x00, 0x10, 0x00, 0x00);
        ShouldFail(Host.Sweeper("--disk", image.Path, "--list"), TableProblem, "4096");
    }

    [ToolFact("sfdisk")]
    public void A_chain_of_logical_partitions_that_loops()
    {
        using var image = DiskImage.Mbr();
        // The second entry of the first EBR (sector 32768) points to the next EBR, relative to the extended partition: let it be the first again.
        image.Write(32768L * 512 + 446 + 16 + 8, 0, 0, 0, 0);
        ShouldFail(Host.Sweeper("--disk", image.Path, "--list"), TableProblem, "32768");
    }

    [ToolFact("sfdisk", "sgdisk")]
    public void A_gpt_whose_headers_are_both_bad()
    {
        using var image = DiskImage.Gpt();
        image.Write(512, 0xff);
        image.Write(131071L * 512, 0xff);
        ShouldFail(Host.Sweeper("--disk", image.Path, "--list"), TableProblem, "131071");
    }

    [ToolFact("sfdisk", "sgdisk")]
    public void A_gpt_whose_primary_header_is_bad_is_read_from_its_backup_with_a_warning()
    {
        using var image = DiskImage.Gpt();
        image.Write(512, 0xff);
        var result = Host.Sweeper("--disk", image.Path, "--list", "--json");
        result.ExitCode.ShouldBe(0);
        result.Error.ShouldContain("warning");
        result.Json.GetProperty("disks")[0].GetProperty("partitions").GetArrayLength().ShouldBe(3);
    }

    [ToolFact]
    public void A_module_that_is_cut_off() => ShouldFail(RunWith("ata_piix", bytes => bytes[..(bytes.Length / 2)]), ModuleProblem, "ata_piix");

    [ToolFact]
    public void A_module_for_another_machine() => ShouldFail(RunWith("ata_piix", bytes =>
    {
        bytes[18] = 183; // e_machine: EM_AARCH64
        return bytes;
    }), ModuleProblem, "183");

    [ToolFact]
    public void A_module_that_needs_what_nobody_supplies()
    {
        var result = RunWith("ata_piix", bytes => Rename(bytes, "pci_read_config_word", "pci_read_config_wurd"));
        ShouldFail(result, ModuleProblem, "pci_read_config_wurd");
        result.Error.ShouldContain("piix_");
    }

    [ToolFact]
    public void A_kernel_pack_without_type_information()
    {
        using var cache = new KernelCache();
        cache.Replace("btf/vmlinux", null);
        using var image = DiskImage.Blank(1 << 20);
        ShouldFail(Host.SweeperWithCache(cache.Folder, "--disk", image.Path, "--list"), ModuleProblem, "btf/vmlinux");
    }

    [ToolFact]
    public void A_kernel_pack_with_damaged_type_information()
    {
        using var cache = new KernelCache();
        cache.Replace("btf/vmlinux", [0x9f, 0xeb, 1, 0, 24, 0, 0, 0]);
        using var image = DiskImage.Blank(1 << 20);
        ShouldFail(Host.SweeperWithCache(cache.Folder, "--disk", image.Path, "--list"), ModuleProblem, "vmlinux");
    }

    [ToolFact]
    public void A_driver_that_oopses_ends_with_a_report_and_the_disk_goes_away()
    {
        // mov qword [0x60001234], imm32, where the driver sets its bus master up: after the probe, at the first read.
        var result = RunWith("libata", bytes => Patch(bytes, "ata_bmdma_setup", 5, 0x48, 0xc7, 0x04, 0x25, 0x34, 0x12, 0x00, 0x60), out string report);
        ShouldFail(result, DriverGone, "ata_bmdma_setup+0x5 [libata]");
        result.Error.ShouldContain("0x60001234");
        report.ShouldContain("rip ");
        report.ShouldContain("called from ata_bmdma_qc_issue+");
        report.ShouldContain("last 20 calls of the shim");
        report.ShouldContain("iowrite8(");
    }

    [ToolFact]
    public void A_driver_that_runs_into_a_bug_check_ends_with_a_report()
    {
        var result = RunWith("libata", bytes => Patch(bytes, "ata_scsi_rw_xlat", 5, 0x0f, 0x0b), out string report);
        ShouldFail(result, DriverGone, "ata_scsi_rw_xlat+0x5 [libata]");
        report.ShouldContain("invalid opcode");
    }

    private static void ShouldFail(Host.Result result, int code, string names)
    {
        result.ExitCode.ShouldBe(code, result.Error);
        result.Error.TrimEnd().ShouldNotContain("\n");
        result.Error.ShouldContain(names);
    }

    private static Host.Result RunWith(string module, Func<byte[], byte[]> change) => RunWith(module, change, out _);

    private static Host.Result RunWith(string module, Func<byte[], byte[]> change, out string report)
    {
        using var cache = new KernelCache();
        cache.Change(module, change);
        using var image = DiskImage.Blank(1 << 20);
        var result = Host.SweeperWithCache(cache.Folder, "--disk", image.Path, "--list");
        string reports = Path.Combine(cache.Folder, "dde", "reports");
        report = Directory.Exists(reports) ? string.Join('\n', Directory.EnumerateFiles(reports).Select(File.ReadAllText)) : "";
        return result;
    }

    private static byte[] Rename(byte[] bytes, string from, string to)
    {
        int at = bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(from + "\0"));
        at.ShouldBeGreaterThan(0);
        // The first match may be in __versions; the string table's is preceded by the end of another name and followed by one.
        for (int place; (place = bytes.AsSpan(at).IndexOf(Encoding.ASCII.GetBytes(from + "\0"))) >= 0; at += place + 1)
            Encoding.ASCII.GetBytes(to).CopyTo(bytes, at + place);
        return bytes;
    }

    private static byte[] Patch(byte[] bytes, string function, int offset, params byte[] code)
    {
        var elf = ElfRelocatable.Parse(bytes, "patched");
        var symbol = elf.Symbols.Single(s => s.Name == function);
        var section = elf.Sections[symbol.Section];
        int start = bytes.AsSpan().IndexOf(section.Contents.Span[..4096]);
        code.CopyTo(bytes, start + (int)symbol.Value + offset);
        return bytes;
    }
}
