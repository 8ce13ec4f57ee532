using System.Text;
using RootTask;

namespace Dde.Tests;

public sealed class RegistersCommandTests
{
    private const string Good = "`include \"width.rdl\"\naddrmap timer { reg { regwidth = `WIDTH; field {} enable[0:0] = 0; } control; };\n";

    [Theory]
    [InlineData("c", "#define TIMER_CONTROL_ENABLE_MASK 0x1u")]
    [InlineData("markdown", "| 0x0 | control | 16 bits | read/write | 0x0 |")]
    [InlineData("json", "\"path\": \"timer.control\"")]
    public void Description_is_written_as_asked(string output, string expected)
    {
        using var dde = new CommandLine();
        dde.Write("width.rdl", Encoding.UTF8.GetBytes("`define WIDTH 16\n"));
        var result = dde.Run("registers", dde.Write("timer.rdl", Encoding.UTF8.GetBytes(Good)), "--to", output);
        result.Errors.ShouldBeEmpty();
        result.Code.ShouldBe(ExitCode.Ok);
        result.Output.ShouldContain(expected);
    }

    [Fact]
    public void Bad_description_gives_diagnostics_and_no_output()
    {
        using var dde = new CommandLine();
        var file = dde.Write("bad.rdl", "addrmap m {\n  reg { field {} a[3:0] = 16; } control;\n};\n"u8.ToArray());
        var result = dde.Run("registers", file, "--to", "c");
        result.Code.ShouldBe(ExitCode.Usage);
        result.Output.ShouldBeEmpty();
        result.Errors.ShouldStartWith($"{file}:2:");
        result.Errors.ShouldContain("error RDL0404: ");
    }

    [Fact]
    public void Check_says_one_line_for_each_file()
    {
        using var dde = new CommandLine();
        var library = dde.Write("width.rdl", "`define WIDTH 16\n"u8.ToArray());
        var good = dde.Write("timer.rdl", Encoding.UTF8.GetBytes(Good));
        var bad = dde.Write("bad.rdl", "addrmap m { reg { field {} a[4] = 16; } x; nothing y; };\n"u8.ToArray());
        var result = dde.Run("registers", library, good, bad, "--check");
        result.Code.ShouldBe(ExitCode.Usage);
        result.Output.ShouldBe($"{library}: ok, definitions only\n{good}: ok\n{bad}: 2 errors\n2 of 3 compile\n");
        result.Errors.ShouldContain("error RDL0404: ");
        dde.Run("registers", good, "--check").Code.ShouldBe(ExitCode.Ok);
    }

    [Fact]
    public void Perl_runs_only_when_it_is_asked_for()
    {
        using var dde = new CommandLine();
        dde.Write("count.rdl", "<% our $count = 2; %>\n"u8.ToArray());
        var file = dde.Write("loop.rdl", """
            `include "count.rdl"
            addrmap m {
            <% for my $i (0..$count - 1) { %>
              reg { name = "Naïve <%=$i%>"; field {} f[8] = <%=$i * 16%>; } r<%=$i%>;
            <% } %>
            };
            """u8.ToArray());
        var refused = dde.Run("registers", file, "--to", "json");
        refused.Code.ShouldBe(ExitCode.Usage);
        refused.Errors.ShouldContain("RDL0900");
        var result = dde.Run("registers", file, "--to", "json", "--perl");
        result.Errors.ShouldBeEmpty();
        result.Json.GetProperty("maps")[0].GetProperty("children").EnumerateArray()
            .Select(r => (r.GetProperty("displayName").GetString(), r.GetProperty("reset").GetString()))
            .ShouldBe([("Naïve 0", "0x0"), ("Naïve 1", "0x10")]);
    }

    [Fact]
    public void Mistake_in_perl_is_reported_at_its_line()
    {
        using var dde = new CommandLine();
        var file = dde.Write("bad.rdl", "addrmap m {\n<% die 'on purpose'; %>\n};\n"u8.ToArray());
        dde.Run("registers", file, "--to", "c", "--perl").Errors.ShouldStartWith($"{file}:2:1: error RDL0019: Perl failed: on purpose");
    }

    [Fact]
    public void Missing_perl_is_said()
    {
        using var dde = new CommandLine { OnlyOwnTools = true };
        var file = dde.Write("any.rdl", "<% %>"u8.ToArray());
        dde.Run("registers", file, "--to", "c", "--perl").Errors.ShouldContain("Perl failed: perl is not there");
    }

    [Fact]
    public void Missing_file_and_unknown_output_are_mistakes_of_usage()
    {
        using var dde = new CommandLine();
        foreach (var arguments in new string[][] { ["registers", "nonesuch.rdl", "--to", "c"], ["registers", "nonesuch.rdl", "--to", "pdf"], ["registers", "x.rdl"],
            ["registers", "x.rdl", "--to", "c", "--check"], ["registers", "x.rdl", "y.rdl", "--to", "c"] })
        {
            var result = dde.Run(arguments);
            result.Code.ShouldBe(ExitCode.Usage);
            KernelCommandTests.ShouldBeOneLine(result.Errors);
        }
    }
}
