using System.Text.Json;
using Bddf;
using Bddf.Testing;
using L4;
using RootTask;

namespace DSweeper.Tests;

public sealed class ApplicationTests
{
    private static JsonElement Json(StringWriter output) => JsonDocument.Parse(output.ToString()).RootElement;

    [Fact]
    public void List_as_json_has_exactly_the_promised_shape()
    {
        var sandbox = new Sandbox(Sandbox.Disk());
        sandbox.Run("--disk", "a.img", "--list", "--json").ShouldBe(ExitCode.Ok);
        sandbox.Output.ToString().TrimEnd().ShouldBe("""
            {"mode":"readonly","disks":[{"name":"disk0","model":"RAM DISK","serial":"RAM0001","driver":"RAM disk of the tests","sectorSize":512,"sectors":4096,
            "partitions":[{"name":"disk0p1","scheme":"mbr","type":"83","firstSector":64,"sectors":1024},
            {"name":"disk0p2","scheme":"mbr","type":"c","firstSector":2048,"sectors":512}]}]}
            """.ReplaceLineEndings(""));
        sandbox.Error.ToString().ShouldBeEmpty();
        sandbox.Starts.ShouldBe([false]);
        sandbox.Running.ShouldBe(0);
    }

    [Fact]
    public void List_as_text_is_aligned()
    {
        var sandbox = new Sandbox(Sandbox.Disk());
        sandbox.Run("--disk", "a.img", "--list").ShouldBe(ExitCode.Ok);
        sandbox.Output.ToString().ShouldBe("""
            disk0  RAM DISK  serial RAM0001  2.0 MiB  4096 sectors of 512 bytes
                   driver RAM disk of the tests
              disk0p1  mbr  83 Linux            64 +1024         512.0 KiB
              disk0p2  mbr  c FAT32           2048 +512          256.0 KiB

            """);
    }

    [Fact]
    public void Without_a_terminal_it_lists_and_says_how_to_go_on()
    {
        var sandbox = new Sandbox(Sandbox.Disk());
        sandbox.Run("--disk", "a.img").ShouldBe(ExitCode.Ok);
        sandbox.Output.ToString().ShouldContain("disk0p1");
        sandbox.Output.ToString().ShouldContain("Go on with --select NAME --start");
    }

    [Fact]
    public void Damaged_table_is_one_line_and_the_other_disk_is_still_listed()
    {
        var damaged = Sandbox.Disk("RAM0002");
        PartitionTable.Write(damaged.Content, (0x83, 64, 1024), (0x83, 1000, 512));
        var sandbox = new Sandbox(damaged, Sandbox.Disk());
        sandbox.Run("--disk", "a.img", "--disk", "b.img", "--list", "--json").ShouldBe(ExitCode.PartitionTable);
        sandbox.ErrorLines.Length.ShouldBe(1);
        sandbox.ErrorLines[0].ShouldStartWith("dsweeper: disk0");
        var disks = Json(sandbox.Output).GetProperty("disks");
        disks[0].GetProperty("partitions").GetArrayLength().ShouldBe(0);
        disks[1].GetProperty("partitions").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public void Readonly_start_reports_what_would_be_erased_and_writes_nothing()
    {
        var disk = Sandbox.Disk();
        byte[] before = [.. disk.Content];
        var sandbox = new Sandbox(disk);
        sandbox.Run("--disk", "a.img", "--select", "disk0p1,disk0p2", "--method", "random", "--verify", "--start", "--json").ShouldBe(ExitCode.Ok);
        var json = Json(sandbox.Output);
        json.GetProperty("mode").GetString().ShouldBe("readonly");
        json.GetProperty("method").GetString().ShouldBe("random");
        json.GetProperty("verify").GetBoolean().ShouldBeTrue();
        json.GetProperty("result").GetString().ShouldBe("rehearsed");
        var target = json.GetProperty("targets")[1];
        target.GetProperty("name").GetString().ShouldBe("disk0p2");
        target.GetProperty("firstSector").GetUInt64().ShouldBe(2048UL);
        target.GetProperty("sectors").GetUInt64().ShouldBe(512UL);
        target.GetProperty("bytes").GetUInt64().ShouldBe(262_144UL);
        target.GetProperty("written").GetUInt64().ShouldBe(0UL);
        target.GetProperty("read").GetUInt64().ShouldBe(524_288UL);
        target.GetProperty("errors").GetArrayLength().ShouldBe(0);
        sandbox.Starts.ShouldBe([false]);
        disk.Content.AsSpan().SequenceEqual(before).ShouldBeTrue();
    }

    [Fact]
    public void Write_with_the_serial_erases_exactly_the_selection()
    {
        var disk = Sandbox.Disk();
        byte[] expected = [.. disk.Content];
        expected.AsSpan(64 * 512, 1024 * 512).Clear();
        var sandbox = new Sandbox(disk);
        sandbox.Run("--disk", "a.img", "--select", "disk0p1", "--method", "zero", "--verify", "--start", "--write", "--confirm", "RAM0001", "--json").ShouldBe(ExitCode.Ok);
        var target = Json(sandbox.Output).GetProperty("targets")[0];
        target.GetProperty("verified").GetUInt64().ShouldBe(524_288UL);
        target.GetProperty("result").GetString().ShouldBe("verified");
        disk.Content.AsSpan().SequenceEqual(expected).ShouldBeTrue();
        sandbox.Starts.ShouldBe([false, true]);
        sandbox.Running.ShouldBe(0);
    }

    [Theory]
    [InlineData("WRONG", "dsweeper: disk0 (RAM DISK) has serial number 'RAM0001', not 'WRONG'; nothing was written")]
    [InlineData("ram0001", "dsweeper: disk0 (RAM DISK) has serial number 'RAM0001', not 'ram0001'; nothing was written")]
    [InlineData("RAM0001,RAM0002", "dsweeper: no selected disk has the serial number 'RAM0002'; nothing was written")]
    [InlineData(null, "dsweeper: disk0 (RAM DISK) is written only with its serial number: add --confirm SERIAL; nothing was written")]
    public void Wrong_or_missing_serial_is_refused_before_anything_is_opened_for_writing(string? serial, string message)
    {
        var disk = Sandbox.Disk();
        byte[] before = [.. disk.Content];
        var sandbox = new Sandbox(disk, Sandbox.Disk("RAM0002"));
        string[] confirm = serial is null ? [] : ["--confirm", serial];
        sandbox.Run(["--disk", "a.img", "--select", "disk0p1", "--start", "--write", .. confirm]).ShouldBe(ExitCode.Refused);
        sandbox.ErrorLines.ShouldBe([message]);
        sandbox.Starts.ShouldBe([false]);
        disk.Content.AsSpan().SequenceEqual(before).ShouldBeTrue();
    }

    [Theory]
    [InlineData("RAM0001\nRAM0002\n", ExitCode.Ok)]
    [InlineData("RAM0001\nRAM0001\n", ExitCode.Refused)]
    [InlineData("", ExitCode.Refused)]
    public void Serials_are_asked_for_on_a_terminal(string typed, ExitCode code)
    {
        var sandbox = new Sandbox(Sandbox.Disk(), Sandbox.Disk("RAM0002")) { Typed = typed };
        sandbox.Run("--disk", "a.img", "--disk", "b.img", "--select", "disk0p1,disk1p2", "--start", "--write").ShouldBe(code);
        sandbox.Starts.Count.ShouldBe(code == ExitCode.Ok ? 2 : 1);
        sandbox.Error.ToString().ShouldContain("ALL DATA on disk1p2 (256.0 KiB) of disk1 (RAM DISK) will be destroyed.");
    }

    [Fact]
    public void Failed_verification_has_a_code_of_its_own_and_names_the_sector()
    {
        var disk = Sandbox.Disk();
        disk.LoseWrites(new Extent(100, 1));
        var sandbox = new Sandbox(disk);
        sandbox.Run("--disk", "a.img", "--select", "disk0p1", "--verify", "--start", "--write", "--confirm", "RAM0001").ShouldBe(ExitCode.VerificationFailed);
        sandbox.ErrorLines.ShouldBe(["dsweeper: disk0p1: other data than written in 1 sector, the first is sector 100 of disk0"]);
        sandbox.Output.ToString().ShouldContain("disk0p1: NOT erased: it reads back as something else");
        sandbox.Output.ToString().ShouldContain("sector 100: other data than written");
    }

    [Fact]
    public void Bad_sector_is_a_disk_problem_and_listed_in_json()
    {
        var disk = Sandbox.Disk();
        disk.FailMedium(new Extent(70, 2), BlockOperation.Write);
        var sandbox = new Sandbox(disk);
        sandbox.Run("--disk", "a.img", "--select", "disk0p1", "--start", "--write", "--confirm", "RAM0001", "--json").ShouldBe(ExitCode.Disk);
        var error = Json(sandbox.Output).GetProperty("targets")[0].GetProperty("errors")[0];
        error.GetProperty("phase").GetString().ShouldBe("write");
        error.GetProperty("firstSector").GetUInt64().ShouldBe(70UL);
        error.GetProperty("sectors").GetUInt64().ShouldBe(2UL);
        Json(sandbox.Output).GetProperty("result").GetString().ShouldBe("mediumErrors");
    }

    [Fact]
    public void Driver_that_dies_is_one_line_with_its_cause()
    {
        var disk = new RamDisk(Sandbox.Disk().Content)
        {
            // An exception that leaves a driver's thread ends its task.
            Intercept = request => request.FirstSector >= 64 ? throw new InvalidOperationException("oops: read at ata_sff_exec+0x10") : null,
        };
        var sandbox = new Sandbox(disk);
        sandbox.Run("--disk", "a.img", "--select", "disk0p1", "--start", "--json").ShouldBe(ExitCode.DriverGone);
        sandbox.ErrorLines.Single().ShouldStartWith("dsweeper: disk0 went away while reading sector 64: ");
        sandbox.ErrorLines.Single().ShouldEndWith("oops: read at ata_sff_exec+0x10");
        Json(sandbox.Output).GetProperty("result").GetString().ShouldBe("diskGone");
    }

    [Fact]
    public void Disk_that_takes_no_writes_is_refused()
    {
        var sandbox = new Sandbox(new RamDisk(Sandbox.Disk().Content) { Writable = false });
        sandbox.Run("--disk", "a.img", "--select", "disk0p1", "--start", "--write", "--confirm", "RAM0001").ShouldBe(ExitCode.Refused);
        sandbox.ErrorLines.Length.ShouldBe(1);
    }

    [Theory]
    [InlineData("no disk is given", "--list")]
    [InlineData("--disk needs the name of a file", "--disk", "", "--list")]
    [InlineData("./a is given 2 times", "--disk", "./a", "--disk", "b", "--disk", "a", "--list")]
    [InlineData("--list only lists", "--disk", "a", "--list", "--write")]
    [InlineData("--list only lists", "--disk", "a", "--list", "--start", "--select", "disk0")]
    [InlineData("--json goes with --list or --start", "--disk", "a", "--json")]
    [InlineData("--start needs --select", "--disk", "a", "--start")]
    [InlineData("--confirm goes with --write and --start", "--disk", "a", "--select", "disk0", "--start", "--confirm", "X")]
    [InlineData("'shred'", "--disk", "a", "--method", "shred")]
    [InlineData("'--frobnicate'", "--disk", "a", "--frobnicate")]
    [InlineData("'--disk'", "--disk")]
    public void Command_line_that_makes_no_sense_is_one_line(string text, params string[] arguments)
    {
        var sandbox = new Sandbox(Sandbox.Disk());
        sandbox.Run(arguments).ShouldBe(ExitCode.Usage);
        sandbox.ErrorLines.Single().ShouldContain(text);
        sandbox.Starts.ShouldBeEmpty();
    }

    [Fact]
    public void Unknown_name_lists_what_there_is()
    {
        var sandbox = new Sandbox(Sandbox.Disk());
        sandbox.Run("--disk", "a.img", "--select", "disk0p7", "--start").ShouldBe(ExitCode.Usage);
        sandbox.ErrorLines.ShouldBe(["dsweeper: there is no 'disk0p7'; there is disk0, disk0p1, disk0p2"]);
    }

    [Fact]
    public void Help_teaches_with_examples()
    {
        var sandbox = new Sandbox();
        sandbox.Run("--help").ShouldBe(ExitCode.Ok);
        sandbox.Output.ToString().ShouldContain("dsweeper --disk disk.img --select disk0p1 --start");
        sandbox.Starts.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("--disk", "a.img", "--list")]
    [InlineData("--help")]
    public void Output_that_cannot_be_written_is_one_line(params string[] arguments)
    {
        var sandbox = new Sandbox(Sandbox.Disk()) { Output = new FullWriter() };
        sandbox.Run(arguments).ShouldBe(ExitCode.InputOutput);
        sandbox.ErrorLines.ShouldBe(["dsweeper: output cannot be written: the device is full"]);
    }

    private sealed class FullWriter : StringWriter
    {
        public override void Write(char value) => throw new IOException("the device is full");

        public override void Write(string? value) => throw new IOException("the device is full");

        public override void Write(char[] buffer, int index, int count) => throw new IOException("the device is full");
    }

    [Fact]
    public void A_trace_needs_a_file_where_the_window_has_the_screen()
    {
        var sandbox = new Sandbox(Sandbox.Disk());
        sandbox.Run("--disk", "a.img", "--trace").ShouldBe(ExitCode.Usage);
        sandbox.Run("--disk", "a.img", "--list", "--trace", "").ShouldBe(ExitCode.Usage);
        sandbox.ErrorLines.Length.ShouldBe(2);
        sandbox.ErrorLines[0].ShouldContain("--trace without a file goes with --list or --start");
        sandbox.Starts.ShouldBeEmpty();
    }
}
