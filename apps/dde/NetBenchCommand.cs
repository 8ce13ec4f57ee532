using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Bench;
using RootTask;

namespace Dde;

/// <summary><c>dde bench net</c>: how fast frames pass.</summary>
internal static class NetBenchCommand
{
    internal static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var pairs = PortPairs.Option();
        var time = PortArguments.DurationOption("--for", $"How long each rate is measured ({Duration.Forms}); else 2s.");
        var command = new Command(
            "net", "Frames through Debian's e1000 alone, its accesses patched and trapped; and ping and iperf3 between two namespaces through two drivers, beside a veth "
            + "pair and beside a trivial loop between two TAPs, all in one run. Without the right to make TAP interfaces only the first.")
        { pairs, time, json };
        command.SetAction(parsed =>
        {
            var result = NetBench.Run(PortPairs.Read(parsed.GetValue(pairs)), parsed.GetValue(time) ?? TimeSpan.FromSeconds(2), Console.Error.WriteLine);
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(result, DdeJson.Default.NetBenchResult));
            else
                Print(result);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static void Print(NetBenchResult result)
    {
        Console.WriteLine("e1000 alone              patched       trapped   ratio  alloc");
        foreach (var row in result.Driver)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{row.Name,-20} {row.PatchedPerSecond / 1e6,6:0.00} Mpps   {row.TrappedPerSecond / 1e6,6:0.00} Mpps  {row.Ratio,5:0.0} {row.AllocatedBytesPerFrame,6:0.00}"));
        }
        if (result.Skipped is { } reason)
        {
            Console.WriteLine($"skipped: {reason}");
            return;
        }
        Console.WriteLine("between two namespaces                there        back      of TAPs   small frames  of TAPs   ping p50 / p99 / p99.9           GC pauses");
        foreach (var row in result.Ways)
        {
            var (traffic, ping) = (row.Traffic, row.Traffic.Ping);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{row.Name,-32} {traffic.ForwardMegabits,7:0} Mb/s {traffic.BackwardMegabits,7:0} Mb/s {row.RatioToTapLoop,6:0.00} {row.SmallFramesPerSecond,10:0} /s {row.SmallRatioToTapLoop,8:0.00}   {ping.P50:0.000} / {ping.P99:0.000} / {ping.P999:0.000} ms {ping.GcPauses,6} ({ping.GcPauseMilliseconds:0.0} ms)"));
        }
        Console.WriteLine("alloc: managed bytes a frame; of TAPs: ratio to the loop between two TAPs; GC pauses: of this process while the pings ran.");
    }
}
