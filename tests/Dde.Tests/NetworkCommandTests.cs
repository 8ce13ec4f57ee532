using DdeLinux.Packs.Tests;
using RootTask;

namespace Dde.Tests;

public sealed class NetworkCommandTests
{
    [KernelPackFact]
    public void Cards_are_listed_with_the_address_that_was_asked_for()
    {
        using var dde = new CommandLine { OwnCache = false };

        var result = dde.Run("nic", "list", "linux-e1000", "--mac", "52:54:00:fe:dc:ba", "--json");

        result.Code.ShouldBe(ExitCode.Ok, result.Errors);
        var nic = result.Json.GetProperty("nics")[0];
        nic.GetProperty("address").GetString().ShouldBe("52:54:00:fe:dc:ba");
        nic.GetProperty("mtu").GetInt32().ShouldBe(1500);
        nic.GetProperty("driver").GetString()!.ShouldStartWith("linux-e1000 e1000.ko sha256:");
    }

    [KernelPackFact]
    public void Run_says_what_a_network_port_offers()
    {
        using var dde = new CommandLine { OwnCache = false };

        var result = dde.Run("run", "linux-e1000", "--for", "1ms");

        result.Code.ShouldBe(ExitCode.Ok, result.Errors);
        result.Output.ShouldStartWith("linux-e1000 offers 1 network card\n  nic0  52:54:00:dd:e0:01  MTU 1500");
    }

    [Fact]
    public void Bad_arguments_are_one_line_and_a_code_each()
    {
        using var dde = new CommandLine();
        foreach (var (arguments, problem) in new (string[], string)[]
        {
            (["run", "linux-e1000", "--disk", "x.img"], "drives no disks"),
            (["run", "linux-ata-piix", "--link", "tap:x", "--disk", "x.img"], "drives no network cards"),
            (["nic", "list", "linux-ata-piix", "--disk", "x.img"], "drives no network cards"),
            (["run", "linux-e1000", "--mac", "ff:ff:ff:ff:ff:ff"], "not 'ff:ff:ff:ff:ff:ff'"),
            (["run", "linux-e1000", "--capture", "x.pcapng"], "add --link"),
            (["nic", "trace", "linux-e1000"], "add --capture FILE"),
            (["run", "linux-e1000", "--link", "nonsense"], "'nonsense' is no link; there are tap:NAME or dgram:LOCAL,REMOTE"),
            (["run", "linux-e1000", "--link", "dgram:one"], "'dgram:one' is no link"),
            (["run", "linux-e1000", "--wire", "nonsense"], "'nonsense' is no link"),
            (["demo", "net", "--pair", "linux-e1000"], "two ports"),
        })
        {
            var result = dde.Run(arguments);
            KernelCommandTests.ShouldBeOneLine(result.Errors);
            result.Errors.ShouldContain(problem);
            result.Code.ShouldBe(ExitCode.Usage, result.Errors);
        }
    }

    [NamespaceFact]
    public void Ping_and_iperf3_of_the_distribution_run_through_two_drivers()
    {
        using var dde = new CommandLine { OwnCache = false };

        var result = dde.Run("demo", "net", "--pair", "linux-e1000,linux-e1000", "--for", "1s", "--json");

        result.Code.ShouldBe(ExitCode.Ok, result.Errors);
        var traffic = result.Json.GetProperty("pairs")[0].GetProperty("traffic");
        traffic.GetProperty("forwardMegabits").GetDouble().ShouldBeGreaterThan(0);
        traffic.GetProperty("backwardMegabits").GetDouble().ShouldBeGreaterThan(0);
        traffic.GetProperty("ping").GetProperty("count").GetInt32().ShouldBeGreaterThan(0);
        traffic.GetProperty("flood").GetProperty("received").GetInt32().ShouldBeGreaterThan(0);
    }
}
