using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Bench;
using RootTask;

namespace Dde;

/// <summary><c>dde demo</c>: real traffic of programs that nobody here wrote.</summary>
internal static class DemoCommand
{
    internal static Command Create() => new("demo", "Real traffic through real drivers.") { CreateNet() };

    private static Command CreateNet()
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var pairs = PortPairs.Option();
        var time = PortArguments.DurationOption("--for", $"How long iperf3 runs each way ({Duration.Forms}); else 3s.");
        var command = new Command(
            "net",
            "Makes two network namespaces with a TAP interface each and puts two driver domains between them, their emulated cards joined by a wire; then ping and "
            + $"iperf3 run through both drivers. Needs root, iproute2, iputils-ping and iperf3; where TAP is not permitted: one line, exit code {(int)ExitCode.Refused}.")
        { pairs, time, json };
        command.SetAction(parsed =>
        {
            var results = PortPairs.Read(parsed.GetValue(pairs))
                .Select(pair => NetDemo.Run(pair.Near, pair.Far, parsed.GetValue(time) ?? TimeSpan.FromSeconds(3), Console.Error.WriteLine)).ToList();
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(new NetDemoJson(results), DdeJson.Default.NetDemoJson));
            else
                results.ForEach(Print);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static void Print(NetDemoResult result)
    {
        var traffic = result.Traffic;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"""
            {result.Near} <-> {result.Far}
              iperf3     {traffic.ForwardMegabits,8:0} Mb/s there, {traffic.BackwardMegabits:0} Mb/s back
              ping       p50 {traffic.Ping.P50:0.000} ms, p99 {traffic.Ping.P99:0.000} ms, p99.9 {traffic.Ping.P999:0.000} ms
              ping -f    {traffic.Flood.Received} of {traffic.Flood.Sent} answered
              frames lost in drivers, cards and links: {result.FramesLost}
            """));
    }
}

/// <summary>The output of <c>dde demo net --json</c>.</summary>
internal sealed record NetDemoJson(IReadOnlyList<NetDemoResult> Pairs);
