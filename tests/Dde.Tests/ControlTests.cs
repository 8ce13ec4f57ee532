using System.Text.Json;
using DdeLinux.Packs.Tests;
using RootTask;

namespace Dde.Tests;

/// <summary>A system that runs in one process, seen and changed from another.</summary>
public sealed class ControlTests
{
    [KernelPackFact]
    public void Running_system_is_shown_and_its_driver_replaced()
    {
        using var dde = new CommandLine { OwnCache = false, OwnRuntime = true };
        using var system = dde.Begin("run", "linux-ata-piix", "--disk", dde.Write("disk.img", new byte[1 << 20]));
        // Its last line comes when it serves.
        system.WaitForOutput("disk0");
        var driver = Driver(dde);
        (driver.GetProperty("device").GetString(), driver.GetProperty("port").GetString(), driver.GetProperty("state").GetString())
            .ShouldBe(("00:01.1", "linux-ata-piix", "Running"));

        dde.Run("replace", "00:01.1", "linux-ata-piix").Code.ShouldBe(ExitCode.Ok);

        driver = Driver(dde);
        (driver.GetProperty("state").GetString(), driver.GetProperty("recoveries").GetInt32(), driver.GetProperty("losses").GetProperty("Replacement").GetInt32()).ShouldBe(("Running", 1, 1));
        dde.Run("ps").Output.ShouldContain("00:01.1  linux-ata-piix");
        string[] events = dde.Run("events", "--json").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] kinds = [.. events.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("kind").GetString()!)];
        kinds.ShouldContain("driver-lost");
        kinds.ShouldContain("driver-recovered");

        foreach (var (arguments, code, problem) in new (string[], ExitCode, string)[]
        {
            (["replace", "00:01.1", "linux-e1000"], ExitCode.Usage, "linux-e1000 does not drive 00:01.1"),
            (["replace", "00:1f.0", "linux-ata-piix"], ExitCode.Usage, "there are: 00:01.1"),
            (["replace", "00:01.1", "nonesuch"], ExitCode.Module, "no port nonesuch"),
            (["replace", "00:01.1", "linux-ata-piix", "--kernel", "nonesuch"], ExitCode.Module, "no kernel pack nonesuch"),
            (["events", "--pid", "1"], ExitCode.Usage, "process 1 has no running system"),
        })
        {
            var result = dde.Run(arguments);
            result.Code.ShouldBe(code, result.Errors);
            KernelCommandTests.ShouldBeOneLine(result.Errors);
            result.Errors.ShouldContain(problem);
        }
    }

    [Fact]
    public void Without_a_running_system_there_is_nothing_to_show()
    {
        using var dde = new CommandLine { OwnRuntime = true };
        var shown = dde.Run("ps");
        (shown.Code, shown.Output, shown.Errors).ShouldBe((ExitCode.Ok, "", ""));
        dde.Run("ps", "--json").Json.GetProperty("systems").GetArrayLength().ShouldBe(0);
        foreach (string[] arguments in new string[][] { ["events"], ["replace", "00:01.1", "linux-ata-piix"] })
        {
            var result = dde.Run(arguments);
            result.Code.ShouldBe(ExitCode.Usage);
            result.Errors.ShouldBe("dde: no system is running; start one with dde run or dsweeper\n");
        }
    }

    private static JsonElement Driver(CommandLine dde)
    {
        var systems = dde.Run("ps", "--json").Json.GetProperty("systems");
        systems.GetArrayLength().ShouldBe(1);
        return systems[0].GetProperty("drivers")[0];
    }
}
