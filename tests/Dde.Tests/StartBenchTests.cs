using DdeLinux.Packs.Tests;
using RootTask;

namespace Dde.Tests;

public sealed class StartBenchTests
{
    private const string FakeGuest = """
        echo booting
        echo "first sector read"
        exec sleep 60
        """;

    [KernelPackFact]
    public void Processes_and_drivers_are_started_and_a_missing_guest_is_one_line()
    {
        using var dde = new CommandLine { OwnCache = false, OnlyOwnTools = true };
        string disk = dde.Write("disk.img", new byte[1 << 20]);
        var result = dde.Run("bench", "start", "--disk", disk, "--rounds", "1", "--json");
        result.Code.ShouldBe(ExitCode.Ok, result.Errors);
        result.Json.GetProperty("guestSkipped").GetString().ShouldBe("qemu-system-x86_64 is missing; install it with: sudo apt-get install qemu-system-x86");
        var rows = result.Json.GetProperty("rows").EnumerateArray().ToList();
        rows.Count.ShouldBe(5);
        rows.ShouldAllBe(static row => row.GetProperty("residentBytes").GetInt64() > 1 << 20 && row.GetProperty("firstReplyMilliseconds").GetDouble() > 0);
        rows[2].GetProperty("firstSectorMilliseconds").GetDouble().ShouldBeGreaterThan(rows[2].GetProperty("firstReplyMilliseconds").GetDouble());
    }

    [KernelPackFact]
    public void A_guest_without_its_kernel_is_one_line()
    {
        using var dde = new CommandLine { OwnCache = false };
        dde.WriteTool("qemu-system-x86_64", FakeGuest);
        var result = dde.Run("bench", "start", "--disk", dde.Write("disk.img", new byte[1 << 20]), "--rounds", "1", "--kernel", "/nowhere/vmlinuz");
        result.Code.ShouldBe(ExitCode.Ok, result.Errors);
        result.Output.ShouldContain("guest skipped: the kernel image /nowhere/vmlinuz is missing");
    }

    [KernelPackFact]
    public void A_guest_is_measured_until_it_says_that_it_read_its_sector()
    {
        using var dde = new CommandLine { OwnCache = false };
        dde.WriteTool("qemu-system-x86_64", "echo \"$@\" > arguments\n" + FakeGuest);
        string kernel = dde.Write("vmlinuz", [1]);
        var result = dde.Run("bench", "start", "--disk", dde.Write("disk.img", new byte[1 << 20]), "--rounds", "1", "--kernel", kernel);
        result.Code.ShouldBe(ExitCode.Ok, result.Errors);
        result.Output.ShouldContain("QEMU guest with ata_piix (tcg)");
        result.Output.ShouldNotContain("guest skipped");
        dde.Read("arguments").ShouldContain($"-kernel {kernel} ");
    }

    [KernelPackFact]
    public void A_guest_that_ends_without_a_sector_is_an_error_with_its_words()
    {
        using var dde = new CommandLine { OwnCache = false };
        dde.WriteTool("qemu-system-x86_64", "echo 'Kernel panic'\necho 'no such machine' >&2\nexit 1");
        var result = dde.Run("bench", "start", "--disk", dde.Write("disk.img", new byte[1 << 20]), "--rounds", "1", "--kernel", dde.Write("vmlinuz", [1]));
        result.Code.ShouldBe(ExitCode.Internal);
        result.Errors.ShouldContain("the guest read no sector; QEMU ended with exit code 1: no such machine");
        result.Errors.ShouldContain("Kernel panic");
    }

    [Fact]
    public void Bad_arguments_are_one_line()
    {
        using var dde = new CommandLine();
        dde.Run("bench", "start").Code.ShouldBe(ExitCode.Usage);
        dde.Run("bench", "start", "--disk", "/nowhere/disk.img").Code.ShouldBe(ExitCode.Disk);
        dde.Run("bench", "start", "--disk", "/nowhere/disk.img", "--rounds", "0").Errors.ShouldContain("--rounds is at least 1");
        dde.Run("bench", "start", "--disk", "/nowhere/disk.img", "--accel", "magic").Code.ShouldBe(ExitCode.Usage);
        dde.Run("bench", "start", "--disk", dde.Write("disk.img", new byte[512])).Code.ShouldBe(ExitCode.MissingPrerequisite);
    }
}
