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
    public void Missing_file_and_unknown_output_are_mistakes_of_usage()
    {
        using var dde = new CommandLine();
        foreach (var arguments in new string[][] { ["registers", "nonesuch.rdl", "--to", "c"], ["registers", "nonesuch.rdl", "--to", "pdf"], ["registers", "x.rdl"] })
        {
            var result = dde.Run(arguments);
            result.Code.ShouldBe(ExitCode.Usage);
            KernelCommandTests.ShouldBeOneLine(result.Errors);
        }
    }
}
