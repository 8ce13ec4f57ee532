using Bddf.Testing;
using RootTask;

namespace DSweeper.Tests;

public sealed class WindowTests
{
    private static Sandbox Sandbox(RamDisk disk, ScriptedTerminal terminal) => new(disk) { Terminal = terminal };

    [Fact]
    public void Readonly_run_from_choice_to_report()
    {
        var disk = Tests.Sandbox.Disk();
        byte[] before = [.. disk.Content];
        var terminal = new ScriptedTerminal()
            .When("DSweeper (readonly)", ConsoleKey.DownArrow, ConsoleKey.Spacebar)
            .When("1 chosen, 512.0 KiB", ConsoleKey.Tab, ConsoleKey.Tab, ConsoleKey.Tab, ConsoleKey.Enter)
            .When("would be erased; nothing was written", ConsoleKey.Q);
        var sandbox = Sandbox(disk, terminal);
        sandbox.Run("--disk", "a.img").ShouldBe(ExitCode.Ok);
        terminal.IsClosed.ShouldBeTrue();
        terminal.Screens[^1].ShouldContain("sectors 64 to 1087 of disk0: 1024 sectors, 524288 bytes");
        disk.Content.AsSpan().SequenceEqual(before).ShouldBeTrue();
        sandbox.Starts.ShouldBe([false]);
        sandbox.Running.ShouldBe(0);
    }

    [Fact]
    public void Write_run_opens_for_writing_only_between_the_serial_and_the_report()
    {
        var disk = Tests.Sandbox.Disk();
        byte[] expected = [.. disk.Content];
        expected.AsSpan(2048 * 512, 512 * 512).Clear();
        var terminal = new ScriptedTerminal()
            .When("1 chosen, 256.0 KiB", ConsoleKey.Tab, ConsoleKey.Tab, ConsoleKey.Spacebar, ConsoleKey.Tab, ConsoleKey.Enter)
            .WhenType("Type the serial number of disk0", "WRONG")
            .WhenType("Type the serial number of disk0", "RAM0001")
            .When("erased and verified", ConsoleKey.Enter)
            .When("[x] disk0p2", ConsoleKey.Q);
        var sandbox = Sandbox(disk, terminal);
        sandbox.Run("--disk", "a.img", "--write", "--select", "disk0p2").ShouldBe(ExitCode.Ok);
        terminal.Screens.ShouldAllBe(screen => screen.StartsWith(" DSweeper (WRITE)"));
        terminal.Screens.ShouldContain(screen => screen.Contains("'WRONG' is not the serial number of disk0. Nothing was written."));
        disk.Content.AsSpan().SequenceEqual(expected).ShouldBeTrue();
        sandbox.Starts.ShouldBe([false, true, false]);
        sandbox.Running.ShouldBe(0);
    }

    [Fact]
    public void Unknown_name_is_refused_before_the_window_opens()
    {
        var terminal = new ScriptedTerminal();
        var sandbox = Sandbox(Tests.Sandbox.Disk(), terminal);
        sandbox.Run("--disk", "a.img", "--select", "disk0p9").ShouldBe(ExitCode.Usage);
        sandbox.ErrorLines.ShouldBe(["dsweeper: there is no 'disk0p9'; there is disk0, disk0p1, disk0p2"]);
        terminal.Screens.ShouldBeEmpty();
        sandbox.Running.ShouldBe(0);
    }

    [Fact]
    public void System_that_cannot_be_started_for_writing_is_shown_and_is_the_exit_code()
    {
        var terminal = new ScriptedTerminal()
            .When("1 chosen", ConsoleKey.Tab, ConsoleKey.Tab, ConsoleKey.Tab, ConsoleKey.Enter)
            .WhenType("Type the serial", "RAM0001")
            .When("a.img cannot be opened for writing", ConsoleKey.Q);
        var sandbox = new Sandbox(Tests.Sandbox.Disk()) { Terminal = terminal, WriteFailure = "a.img cannot be opened for writing" };
        sandbox.Run("--disk", "a.img", "--write", "--select", "disk0p1").ShouldBe(ExitCode.Disk);
        sandbox.Running.ShouldBe(0);
    }

    [Fact]
    public void Leaving_the_confirmation_writes_nothing_and_keeps_the_choice()
    {
        var terminal = new ScriptedTerminal()
            .When("1 chosen", ConsoleKey.Tab, ConsoleKey.Tab, ConsoleKey.Tab, ConsoleKey.Enter)
            .When("Type the serial", ConsoleKey.Escape)
            .When("[x] disk0p1", ConsoleKey.Q);
        var sandbox = Sandbox(Tests.Sandbox.Disk(), terminal);
        sandbox.Run("--disk", "a.img", "--write", "--select", "disk0p1").ShouldBe(ExitCode.Ok);
        sandbox.Starts.ShouldBe([false]);
    }

    [Fact]
    public void Run_that_fails_is_shown_and_is_the_exit_code()
    {
        var disk = Tests.Sandbox.Disk();
        disk.LoseWrites(new L4.Extent(64, 3));
        var terminal = new ScriptedTerminal()
            .When("1 chosen", ConsoleKey.Tab, ConsoleKey.Tab, ConsoleKey.Spacebar, ConsoleKey.Tab, ConsoleKey.Enter)
            .WhenType("Type the serial", "RAM0001")
            .When("NOT erased: it reads back as something else", ConsoleKey.Q);
        Sandbox(disk, terminal).Run("--disk", "a.img", "--write", "--select", "disk0p1").ShouldBe(ExitCode.VerificationFailed);
        terminal.Screens[^1].ShouldContain("sectors 64 to 66: other data than written");
    }

    [Fact]
    public void Run_is_stopped_from_the_window()
    {
        using var reached = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        byte[] content = Tests.Sandbox.Disk().Content;
        var disk = new RamDisk(content)
        {
            MaximumSectors = 8,
            Intercept = request =>
            {
                // Sector 0 holds the partition table, which is read before there is a window.
                if (request.FirstSector >= 64)
                {
                    reached.Set();
                    release.Wait();
                }
                return null;
            },
        };
        var terminal = new ScriptedTerminal
        {
            Shown = screen =>
            {
                // The window is up before the run's thread has begun.
                if (screen.Contains("c stop", StringComparison.Ordinal))
                    reached.Wait();
                if (screen.Contains("Stopping ...", StringComparison.Ordinal))
                    release.Set();
            },
        };
        terminal
            .When("1 chosen", ConsoleKey.Tab, ConsoleKey.Tab, ConsoleKey.Tab, ConsoleKey.Enter)
            .When("c stop", ConsoleKey.C)
            .When("Stop? (y/n)", ConsoleKey.Y)
            .When("stopped, NOT finished", ConsoleKey.Q);
        Sandbox(disk, terminal).Run("--disk", "a.img", "--select", "disk0p1").ShouldBe(ExitCode.Canceled);
    }

    [Fact]
    public void Program_ended_in_the_middle_of_a_run_leaves_the_report_behind()
    {
        using var reached = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var disk = new RamDisk(Tests.Sandbox.Disk().Content)
        {
            MaximumSectors = 8,
            Intercept = request =>
            {
                if (request.FirstSector >= 64)
                {
                    reached.Set();
                    release.Wait();
                }
                return null;
            },
        };
        ScriptedTerminal terminal = null!;
        terminal = new ScriptedTerminal
        {
            EndsAt = "c stop",
            Shown = screen =>
            {
                if (screen.Contains("c stop", StringComparison.Ordinal))
                    reached.Wait();
                if (terminal.WasEnded)
                    release.Set();
            },
        };
        terminal.When("1 chosen", ConsoleKey.Tab, ConsoleKey.Tab, ConsoleKey.Tab, ConsoleKey.Enter);
        var sandbox = Sandbox(disk, terminal);
        sandbox.Run("--disk", "a.img", "--select", "disk0p1").ShouldBe(ExitCode.Canceled);
        terminal.IsClosed.ShouldBeTrue();
        sandbox.Output.ToString().ShouldContain("disk0p1: stopped, NOT finished");
    }
}
