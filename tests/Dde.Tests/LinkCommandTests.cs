using System.Text.Json;
using DdeLinux.Packs.Tests;
using RootTask;

namespace Dde.Tests;

/// <summary>Commands whose card is joined to the host: what they leave behind, and what they say when the host takes something away.</summary>
public sealed class LinkCommandTests
{
    private static string Interface => $"ddetest{Environment.ProcessId % 10_000}";

    [NamespaceFact("tshark")]
    public void A_run_that_is_ended_by_a_signal_leaves_a_whole_capture_and_no_interface()
    {
        using var dde = new CommandLine { OwnCache = false };
        string capture = dde.PathOf("frames.pcapng");
        using var run = dde.Begin("run", "linux-e1000", "--link", $"tap:{Interface}", "--capture", capture);
        run.WaitForOutput("nic0");
        HostCommand.Run("ip", "address", "add", "198.18.78.1/24", "dev", Interface).ShouldBe(0);
        HostCommand.Run("ip", "neighbour", "add", "198.18.78.2", "lladdr", "02:00:00:00:00:02", "dev", Interface).ShouldBe(0);
        // Nobody answers.
        HostCommand.Run("ping", "-c", "20", "-i", "0.002", "-W", "1", "198.18.78.2").ShouldBe(1);

        var result = run.Terminate();

        result.Code.ShouldBe(ExitCode.Ok, result.Errors);
        Directory.Exists($"/sys/class/net/{Interface}").ShouldBeFalse();
        // tshark fails at a file that ends in the middle of a block.
        HostCommand.Run("tshark", ["-r", capture, "-Y", "icmp.type == 8", "-T", "fields", "-e", "icmp.seq", "-e", "frame.time_epoch"], out string lines).ShouldBe(0);
        var requests = lines.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        // The wire brings each of them back.
        requests.Length.ShouldBeInRange(20, 40);
        DateTimeOffset.UtcNow.ToUnixTimeSeconds().ShouldBeInRange((long)double.Parse(requests[0].Split('\t')[1], System.Globalization.CultureInfo.InvariantCulture), long.MaxValue);
    }

    [NamespaceFact]
    public void An_interface_that_vanishes_is_one_line_and_the_command_goes_on()
    {
        using var dde = new CommandLine { OwnCache = false };
        using var run = dde.Begin("nic", "stats", "linux-8139too", "--link", $"tap:{Interface}", "--json");
        while (!Directory.Exists($"/sys/class/net/{Interface}"))
            Thread.Yield();
        while (HostCommand.Run("ip", "link", "delete", Interface) != 0)
            Thread.Yield();
        run.WaitForError($"tap:{Interface} is gone");

        var result = run.Terminate();

        result.Code.ShouldBe(ExitCode.Ok, result.Errors);
        result.Errors.Split('\n').Count(line => line.StartsWith("dde: ", StringComparison.Ordinal)).ShouldBe(1, result.Errors);
        result.Json.GetProperty("nics")[0].GetProperty("nic").GetString().ShouldBe("nic0");
    }

    [NamespaceFact]
    public void A_demonstration_that_is_ended_by_a_signal_leaves_no_namespace()
    {
        using var dde = new CommandLine { OwnCache = false };
        using var run = dde.Begin("demo", "net", "--pair", "linux-e1000,linux-ne2k-pci");
        run.WaitForError("<->");

        var result = run.Terminate();

        result.Code.ShouldBe(ExitCode.Canceled, result.Errors);
        HostCommand.Run("ip", ["netns", "list"], out string namespaces).ShouldBe(0);
        namespaces.ShouldNotContain($"-{run.Id} ");
        Directory.Exists($"/sys/class/net/ddenear{run.Id % 100_000}").ShouldBeFalse();
    }

    [NamespaceFact("setpriv")]
    public void Who_may_not_make_interfaces_is_told_how_to_get_one()
    {
        using var dde = new CommandLine { OwnCache = false };
        foreach (string[] arguments in new string[][] { ["run", "linux-e1000", "--link", $"tap:{Interface}"], ["demo", "net"] })
        {
            var result = dde.RunUnder(["setpriv", "--bounding-set", "-net_admin", "--inh-caps", "-net_admin"], arguments);

            result.Code.ShouldBe(ExitCode.Refused, result.Errors);
            ShouldEndWithOneLine(result, "Operation not permitted; run as root, or make the interface for this user first: ip tuntap add ");
        }
    }

    [NamespaceFact]
    public void What_cannot_be_a_link_or_a_capture_is_one_line()
    {
        using var dde = new CommandLine { OwnCache = false };
        foreach (var (arguments, code, problem) in new (string[], ExitCode, string)[]
        {
            (["--link", "tap:lo"], ExitCode.Usage, "tap:lo: the host has an interface of that name, and it is no TAP interface"),
            (["--link", "tap:"], ExitCode.Usage, "1 to 15 bytes"),
            (["--link", "dgram:/nowhere/a,/nowhere/b"], ExitCode.Usage, "binding to /nowhere/a: No such file or directory"),
            (["--link", $"tap:{Interface}", "--capture", "/nowhere/x.pcapng"], ExitCode.InputOutput, "--capture /nowhere/x.pcapng: "),
            (["--link", $"tap:{Interface}", "--capture", "/"], ExitCode.InputOutput, "--capture /: "),
        })
        {
            var result = dde.Run(["run", "linux-e1000", .. arguments]);

            result.Code.ShouldBe(code, result.Errors);
            ShouldEndWithOneLine(result, problem);
        }
    }

    [KernelPackFact]
    public void What_cards_counted_is_one_object_for_programs()
    {
        using var dde = new CommandLine { OwnCache = false };
        foreach (string port in new[] { "linux-e1000", "linux-8139too", "linux-8139cp", "linux-ne2k-pci" })
        {
            var result = dde.Run("nic", "stats", port, "--for", "1ms", "--json");

            result.Code.ShouldBe(ExitCode.Ok, result.Errors);
            var row = result.Json.GetProperty("nics")[0];
            row.GetProperty("frames").GetProperty("transmitDropped").GetUInt64().ShouldBe(0UL);
            row.GetProperty("driver").GetProperty("registerAccesses").ValueKind.ShouldBe(JsonValueKind.Number);
        }
    }

    /// <summary>The last line is the problem; what comes before it says what is being started.</summary>
    private static void ShouldEndWithOneLine(CommandResult result, string problem)
    {
        string[] lines = result.Errors.TrimEnd('\n').Split('\n');
        lines[^1].ShouldStartWith("dde: ");
        lines[^1].ShouldContain(problem);
        lines[..^1].ShouldAllBe(line => line.StartsWith("starting ", StringComparison.Ordinal));
    }
}
