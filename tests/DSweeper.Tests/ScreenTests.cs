using Bddf;
using DSweeper.Core;
using DSweeper.Screens;
using DSweeper.Terminal;

namespace DSweeper.Tests;

public class ScreenTests
{
    private static readonly SweeperOptions _options = new([], false, false, [], EraseMethod.Zero, false, false, false, []);

    private static (SweeperScreen Screen, SelectPage Page) Select(SweepMode mode, params BlockDeviceInfo[] devices)
    {
        var page = new SelectPage(mode, devices, _options);
        return (new SweeperScreen(mode, page), page);
    }

    private static string Text(SweeperScreen screen, int width = 80, int height = 24) => Drawn(screen, width, height).ToText();

    private static Canvas Drawn(SweeperScreen screen, int width = 80, int height = 24)
    {
        var canvas = new Canvas(width, height);
        screen.Draw(canvas);
        return canvas;
    }

    [Fact]
    public void Readonly_window_of_80_by_24_shows_everything_that_is_to_be_chosen()
    {
        var (screen, _) = Select(SweepMode.ReadOnly, Disks.Partitioned(), Disks.Disk1());
        Text(screen).ShouldBe("""
             DSweeper (readonly)                                    nothing will be written

             ▸ [ ] disk0  DDE HARDDISK                                           256.0 MiB
                 [ ] disk0p1   mbr Linux                  2048 +131072            64.0 MiB
                 [ ] disk0p2   mbr extended             133120 +391168           191.0 MiB
                 [ ] disk0p5   mbr FAT32                135168 +65536             32.0 MiB
               [ ] disk1  DDE HARDDISK                                           256.0 MiB






            ────────────────────────────────────────────────────────────────────────────────
             disk0: DDE HARDDISK, serial DDE-0001, 524288 sectors of 512 bytes
             driver linux-ata-piix ata_piix.ko
               sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
            ────────────────────────────────────────────────────────────────────────────────
             Method        (*) zeros   ( ) random
             Verification  [ ] read back and compare

             [ Start ]  nothing chosen

             arrows move   space choose   tab to Start, then enter   q quit   ? help

            """);
    }

    [Fact]
    public void Write_mode_is_red_and_says_so_and_readonly_mode_is_neither()
    {
        var write = Drawn(Select(SweepMode.Write, Disks.Partitioned()).Screen);
        write.ToText().ShouldStartWith(" DSweeper (WRITE)");
        Enumerable.Range(0, 80).ShouldAllBe(column => write[0, column].Style == Style.DangerTitle);

        var safe = Drawn(Select(SweepMode.ReadOnly, Disks.Partitioned()).Screen);
        safe.ToText().ShouldStartWith(" DSweeper (readonly)");
        Enumerable.Range(0, 80).ShouldAllBe(column => safe[0, column].Style == Style.SafeTitle);
        for (int row = 0; row < 24; row++)
            Enumerable.Range(0, 80).ShouldAllBe(column => safe[row, column].Style != Style.DangerTitle);
    }

    [Fact]
    public void Keyboard_reaches_every_setting_and_start()
    {
        var (screen, page) = Select(SweepMode.ReadOnly, Disks.Partitioned());
        screen.Press(ConsoleKey.DownArrow, ConsoleKey.Spacebar, ConsoleKey.Tab, ConsoleKey.RightArrow, ConsoleKey.DownArrow, ConsoleKey.Spacebar).ShouldBe(ScreenRequest.None);
        page.Names.ShouldBe(["disk0p1"]);
        page.Method.ShouldBe(EraseMethod.Random);
        page.Verify.ShouldBeTrue();
        Text(screen).ShouldContain("( ) zeros   (*) random");
        Text(screen).ShouldContain("[x] disk0p1");
        Text(screen).ShouldContain("1 chosen, 64.0 MiB");
        screen.Press(ConsoleKey.Tab, ConsoleKey.Enter).ShouldBe(ScreenRequest.Start);
        screen.Handle(Keys.BackTab);
        screen.Press(ConsoleKey.Spacebar);
        page.Verify.ShouldBeFalse();
    }

    [Fact]
    public void Disk_and_its_partitions_exclude_each_other()
    {
        var (screen, page) = Select(SweepMode.ReadOnly, Disks.Partitioned());
        screen.Press(ConsoleKey.DownArrow, ConsoleKey.Spacebar, ConsoleKey.DownArrow, ConsoleKey.DownArrow, ConsoleKey.Spacebar);
        page.Names.ShouldBe(["disk0p1", "disk0p5"]);
        screen.Press(ConsoleKey.UpArrow, ConsoleKey.Spacebar);
        page.Names.ShouldBe(["disk0p1", "disk0p2"], "the extended partition contains disk0p5");
        screen.Press(ConsoleKey.Home, ConsoleKey.Spacebar);
        page.Names.ShouldBe(["disk0"]);
    }

    [Fact]
    public void Start_with_nothing_chosen_says_what_to_do()
    {
        var (screen, _) = Select(SweepMode.ReadOnly, Disks.Partitioned());
        screen.Press(ConsoleKey.Tab, ConsoleKey.Tab, ConsoleKey.Tab, ConsoleKey.Enter).ShouldBe(ScreenRequest.None);
        Text(screen).ShouldContain("Nothing is chosen: go to a partition and press space.");
    }

    [Fact]
    public void Disk_that_went_away_cannot_be_chosen()
    {
        var (screen, page) = Select(SweepMode.ReadOnly, Disks.Partitioned() with { Gone = "driver ended" });
        screen.Press(ConsoleKey.DownArrow, ConsoleKey.Spacebar);
        page.Names.ShouldBeEmpty();
        Text(screen).ShouldContain("disk0 went away: driver ended");
    }

    [Fact]
    public void Damaged_table_is_shown_with_its_disk() =>
        Text(Select(SweepMode.ReadOnly, Disks.Damaged()).Screen).ShouldContain("disk2: partitions 1 and 2 overlap at sector 2048");

    [Fact]
    public void Long_list_scrolls_with_the_focus()
    {
        var partitions = Enumerable.Range(1, 128).Select(i => new BlockPartition($"disk0p{i}", "gpt", "0FC63DAF-8483-4772-8E79-3D69D8477DE4", (ulong)(2048 * i), 2048));
        var (screen, _) = Select(SweepMode.ReadOnly, Disks.Disk0([.. partitions]));
        Text(screen).ShouldContain("1 to 11 of 129");
        screen.Press(ConsoleKey.End);
        Text(screen).ShouldContain("▸   [ ] disk0p128 gpt Linux");
        Text(screen).ShouldContain("119 to 129 of 129");
        screen.Press(ConsoleKey.Home);
        Text(screen).ShouldContain("▸ [ ] disk0 ");
    }

    [Theory]
    [InlineData(20, 5)]
    [InlineData(1, 1)]
    [InlineData(59, 24)]
    [InlineData(60, 16)]
    [InlineData(200, 60)]
    public void Any_size_of_window_is_drawn(int width, int height)
    {
        var (screen, _) = Select(SweepMode.ReadOnly, Disks.Partitioned(), Disks.Damaged());
        string text = Text(screen, width, height);
        text.Split('\n').Length.ShouldBe(height + 1);
        text.Contains("[ Start ]", StringComparison.Ordinal).ShouldBe(width >= 60 && height >= 16);
    }

    [Fact]
    public void Control_characters_from_a_disk_do_not_reach_the_terminal()
    {
        var (screen, _) = Select(SweepMode.ReadOnly, Disks.Disk0() with { Model = "EVIL\e]0;x\a\u009b2J\u202e" });
        var canvas = Drawn(screen);
        canvas.ToText().ShouldContain("EVIL?]0;x??2J?");
        string.Concat(TextReports.List([Disks.Disk0() with { Model = "EVIL\e[2J" }])).ShouldNotContain('\e');
    }

    [Fact]
    public void Help_covers_the_page_until_a_key_is_pressed()
    {
        var (screen, page) = Select(SweepMode.ReadOnly, Disks.Partitioned());
        screen.Handle(Keys.Of(ConsoleKey.Oem2, '?'));
        Text(screen).ShouldContain("Read-only: Start reads all that would be erased");
        screen.Press(ConsoleKey.Spacebar);
        page.Names.ShouldBeEmpty();
        Text(screen).ShouldContain("[ Start ]");
    }

    [Theory]
    [InlineData(ConsoleKey.Q)]
    [InlineData(ConsoleKey.Escape)]
    public void Leaving_is_one_key(ConsoleKey key) => Select(SweepMode.ReadOnly, Disks.Partitioned()).Screen.Press(key).ShouldBe(ScreenRequest.Quit);

    [Fact]
    public void Control_c_leaves_the_choice() => Select(SweepMode.ReadOnly).Screen.Handle(Keys.ControlC).ShouldBe(ScreenRequest.Quit);

    [Fact]
    public void Writing_needs_the_serial_of_each_disk_typed()
    {
        var plan = SweepPlan.Create([Disks.Partitioned(), Disks.Disk1()], ["disk0p1", "disk1"], SweepMode.ReadOnly, EraseMethod.Random, false);
        var page = new ConfirmPage(plan);
        var screen = new SweeperScreen(SweepMode.Write, page);
        Text(screen).ShouldContain("All data on this will be destroyed and replaced by random data:");
        Text(screen).ShouldContain("disk0p1      64.0 MiB   sectors 2048 to 133119 of disk0");
        screen.Type("DDE-0002").ShouldBe(ScreenRequest.None);
        Text(screen).ShouldContain("'DDE-0002' is not the serial number of disk0. Nothing was written.");
        screen.Type("").ShouldBe(ScreenRequest.None);
        screen.Type("dde-0001").ShouldBe(ScreenRequest.None);
        page.Serials.ShouldBeEmpty();
        screen.Type("DDE-0001").ShouldBe(ScreenRequest.None);
        Text(screen).ShouldContain("Type the serial number of disk1");
        screen.Type("DDE-0002").ShouldBe(ScreenRequest.Confirmed);
        page.Serials.ShouldBe(["DDE-0001", "DDE-0002"]);
    }

    [Fact]
    public void Disk_without_serial_is_never_confirmed()
    {
        var plan = SweepPlan.Create([Disks.Disk0() with { Serial = "" }], ["disk0"], SweepMode.ReadOnly, EraseMethod.Zero, false);
        var screen = new SweeperScreen(SweepMode.Write, new ConfirmPage(plan));
        screen.Type("").ShouldBe(ScreenRequest.None);
        Text(screen).ShouldContain("disk0 has no serial number");
        screen.Press(ConsoleKey.Escape).ShouldBe(ScreenRequest.Back);
    }

    [Fact]
    public void Progress_shows_rate_time_left_and_failures()
    {
        var plan = SweepPlan.Create([Disks.Partitioned()], ["disk0p1", "disk0p5"], SweepMode.ReadOnly, EraseMethod.Zero, true);
        var page = new ProgressPage(plan)
        {
            Progress = new SweepProgress(1, SweepPhase.Verify, 1 << 20, 96 << 20, 192 << 20, 12.5 * (1 << 20), TimeSpan.FromSeconds(75), TimeSpan.FromSeconds(8), 3),
        };
        string text = Text(new SweeperScreen(SweepMode.ReadOnly, page));
        text.ShouldContain("  disk0p1      64.0 MiB   done");
        text.ShouldContain("▸ disk0p5      32.0 MiB   reading again");
        text.ShouldContain("50 %");
        text.ShouldContain("96.0 MiB of 192.0 MiB        rate 12.5 MiB/s");
        text.ShouldContain("elapsed 0:08                 left 1:15");
        text.ShouldContain("3 sectors FAILED");
    }

    [Fact]
    public void Stopping_a_run_is_asked_twice()
    {
        var plan = SweepPlan.Create([Disks.Partitioned()], ["disk0p1"], SweepMode.ReadOnly, EraseMethod.Zero, false);
        var screen = new SweeperScreen(SweepMode.ReadOnly, new ProgressPage(plan));
        screen.Press(ConsoleKey.Escape, ConsoleKey.N).ShouldBe(ScreenRequest.None);
        screen.Press(ConsoleKey.C).ShouldBe(ScreenRequest.None);
        Text(screen).ShouldContain("Stop? (y/n)");
        screen.Press(ConsoleKey.Y).ShouldBe(ScreenRequest.Cancel);
        screen.Press(ConsoleKey.Y).ShouldBe(ScreenRequest.None);
        Text(screen).ShouldContain("Stopping ...");
    }

    [Fact]
    public void Report_is_red_unless_all_went_well()
    {
        var plan = SweepPlan.Create([Disks.Partitioned()], ["disk0p1"], SweepMode.ReadOnly, EraseMethod.Zero, false);
        var target = plan.Targets[0];
        SweepTargetReport Ended(SweepOutcome outcome) =>
            new(target, outcome, target.Bytes, 0, 0, false, [new SectorFault(SweepPhase.Rehearse, 2050, 2, "medium error")], TimeSpan.FromSeconds(2), null);

        var good = Drawn(new SweeperScreen(SweepMode.ReadOnly, new ReportPage(new SweepReport(plan, [Ended(SweepOutcome.Rehearsed)], TimeSpan.FromSeconds(2)))));
        good.ToText().ShouldContain("would be erased; nothing was written (2.0 s)");
        good.ToText().ShouldContain("sectors 2048 to 133119 of disk0: 131072 sectors, 67108864 bytes (64.0 MiB)");
        good[2, 1].Style.ShouldBe(Style.Good);

        var bad = Drawn(new SweeperScreen(SweepMode.ReadOnly, new ReportPage(new SweepReport(plan, [Ended(SweepOutcome.MediumErrors)], TimeSpan.FromSeconds(2)))));
        bad.ToText().ShouldContain("sectors 2050 to 2051: medium error (reading)");
        bad[2, 1].Style.ShouldBe(Style.Bad);
    }

    [Theory]
    [InlineData("short", 20, "short")]
    [InlineData("  two words break here", 14, "  two words|    break here")]
    [InlineData("abcdefghijklmnopqrst", 8, "abcdefgh|  ijklmn|  opqrst")]
    [InlineData("a  b", 1, "a|b")]
    public void Long_lines_are_broken_at_words(string line, int width, string expected) =>
        string.Join('|', Human.Wrap(line, width)).ShouldBe(expected);

    [Fact]
    public void Only_changed_cells_are_sent_to_the_terminal()
    {
        var presenter = new AnsiPresenter(unicode: false);
        var canvas = new Canvas(20, 3);
        canvas.Put(1, 2, "▸█é", Style.Bad);
        presenter.Present(canvas).ShouldContain("\e[0;1;31m>#?");
        presenter.Present(canvas).ShouldBe("\e[0m\e[0m");
        canvas.Put(1, 4, "x", Style.Bad);
        presenter.Present(canvas).ShouldBe("\e[0m\e[2;5H\e[0;1;31mx\e[0m");
    }
}
