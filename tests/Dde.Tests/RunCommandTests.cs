using DdeLinux.Packs.Tests;
using RootTask;

namespace Dde.Tests;

public sealed class RunCommandTests
{
    [KernelPackFact]
    public void A_port_says_what_it_offers_and_ends_after_its_time()
    {
        using var dde = new CommandLine { OwnCache = false };
        var disk = dde.Write("disk.img", new byte[1 << 20]);
        var result = dde.Run("run", "linux-ata-piix", "--disk", disk, "--for", "1ms");
        result.Code.ShouldBe(ExitCode.Ok, result.Errors);
        result.Output.ShouldStartWith("linux-ata-piix offers 1 disk\n  disk0  ");
        result.Output.ShouldContain("2048 sectors of 512 bytes");
    }

    [KernelPackFact]
    public void What_it_offers_is_one_object_for_programs()
    {
        using var dde = new CommandLine { OwnCache = false };
        var disk = dde.Write("disk.img", new byte[1 << 20]);
        var result = dde.Run("run", "linux-ata-piix", "--disk", disk, "--for", "1ms", "--json");
        result.Code.ShouldBe(ExitCode.Ok, result.Errors);
        result.Json.GetProperty("port").GetString().ShouldBe("linux-ata-piix");
        result.Json.GetProperty("disks")[0].GetProperty("sectors").GetUInt64().ShouldBe(2048ul);
    }

    [Fact]
    public void Bad_arguments_are_one_line_and_a_code_each()
    {
        using var dde = new CommandLine();
        foreach (var (arguments, code, problem) in new (string[], ExitCode, string)[]
        {
            (["run"], ExitCode.Usage, "PORT"),
            (["run", "linux-ata-piix"], ExitCode.Usage, "add --disk FILE"),
            (["run", "linux-ata-piix", "--disk", "x.img", "--for", "soon"], ExitCode.Usage, "not 'soon'"),
            (["run", "linux-ata-piix", "--disk", "x.img", "--for", "9999h"], ExitCode.Usage, "not '9999h'"),
            (["run", "nonesuch", "--disk", "x.img"], ExitCode.Module, "no port nonesuch"),
            (["run", "linux-ata-piix", "--disk", "x.img"], ExitCode.MissingPrerequisite, "dde kernel fetch"),
            (["run", "linux-ata-piix", "--disk", "x.img", "--trace", "/nowhere/trace.txt"], ExitCode.InputOutput, "/nowhere/trace.txt"),
            (["trace"], ExitCode.Usage, "PORT"),
            (["trace", "linux-ata-piix"], ExitCode.Usage, "add --disk FILE"),
            (["trace", "nonesuch", "--disk", "x.img"], ExitCode.Module, "no port nonesuch"),
            (["trace", "linux-ata-piix", "--disk", "x.img", "--count", "-1"], ExitCode.Usage, "not '-1'"),
            (["trace", "linux-ata-piix", "--disk", "x.img", "--count", "many"], ExitCode.Usage, "'many'"),
            (["trace", "linux-ata-piix", "--disk", "x.img", "--for", "5"], ExitCode.Usage, "not '5'"),
            (["trace", "linux-ata-piix", "--disk", "x.img"], ExitCode.MissingPrerequisite, "dde kernel fetch"),
        })
        {
            var result = dde.Run(arguments);
            result.Code.ShouldBe(code, result.Errors);
            KernelCommandTests.ShouldBeOneLine(result.Errors);
            result.Errors.ShouldContain(problem);
        }
    }
}
