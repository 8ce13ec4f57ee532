using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using RootTask;

namespace Bench;

/// <summary>Round trips, in milliseconds.</summary>
/// <param name="Count">How many.</param>
/// <param name="P50">Half of them took no longer.</param>
/// <param name="P99">99 of 100 took no longer.</param>
/// <param name="P999">999 of 1000 took no longer.</param>
/// <param name="GcPauses">Garbage collections of this process meanwhile.</param>
/// <param name="GcPauseMilliseconds">How long they stopped it in all.</param>
public sealed record PingTimes(int Count, double P50, double P99, double P999, int GcPauses, double GcPauseMilliseconds);

/// <summary>What <c>ping -f</c> says.</summary>
/// <param name="Sent">Requests.</param>
/// <param name="Received">Answers.</param>
public sealed record PingFlood(int Sent, int Received);

/// <summary>What ping and iperf3 say of the way between two namespaces.</summary>
/// <param name="ForwardMegabits">iperf3's TCP rate, received at the far end, in millions of bits a second.</param>
/// <param name="BackwardMegabits">The same the other way.</param>
/// <param name="Ping">One round trip after the other.</param>
/// <param name="Flood">As many as answers allow.</param>
public sealed partial record Traffic(double ForwardMegabits, double BackwardMegabits, PingTimes Ping, PingFlood Flood)
{
    private const int Pings = 3000;
    private const int Floods = 20_000;
    private const int FloodSeconds = 10;

    /// <summary>Measures. The interfaces are up and their links too.</summary>
    internal static Traffic Measure(NamespacePair pair, TimeSpan time, Action<string> progress)
    {
        string seconds = Math.Max(1, (int)time.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        progress("  ping");
        HostTool.Run(["ip", "netns", "exec", pair.Near, "ping", "-q", "-c", "3", "-i", "0.2", NamespacePair.FarAddress]);
        var ping = MeasurePing(pair);
        progress("  ping -f");
        var flood = MeasureFlood(pair);
        progress("  iperf3");
        double forward = Iperf(pair, "-t", seconds).GetProperty("bits_per_second").GetDouble() / 1e6;
        double backward = Iperf(pair, "-t", seconds, "-R").GetProperty("bits_per_second").GetDouble() / 1e6;
        return new Traffic(forward, backward, ping, flood);
    }

    /// <summary>UDP datagrams of 18 bytes, which make the shortest frames, received a second while iperf3 sends what it can.</summary>
    internal static double MeasureSmallFrames(NamespacePair pair, TimeSpan time)
    {
        var received = Iperf(pair, "-u", "-b", "0", "-l", "18", "-t", Math.Max(1, (int)time.TotalSeconds).ToString(CultureInfo.InvariantCulture));
        return (received.GetProperty("packets").GetDouble() - received.GetProperty("lost_packets").GetDouble()) / received.GetProperty("seconds").GetDouble();
    }

    private static PingTimes MeasurePing(NamespacePair pair)
    {
        var (pauses, paused) = (GC.CollectionCount(0), GC.GetTotalPauseDuration());
        string output = HostTool.Run("ip", "netns", "exec", pair.Near, "ping", "-c", $"{Pings}", "-i", "0.001", NamespacePair.FarAddress);
        double[] times = [.. RoundTrip().Matches(output).Select(match => double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)).Order()];
        if (times.Length == 0)
            throw new SystemStartException(ExitCode.InputOutput, "ping printed no times");
        return new PingTimes(times.Length, At(0.5), At(0.99), At(0.999), GC.CollectionCount(0) - pauses, (GC.GetTotalPauseDuration() - paused).TotalMilliseconds);

        double At(double part) => times[Math.Min(times.Length - 1, (int)(times.Length * part))];
    }

    private static PingFlood MeasureFlood(NamespacePair pair)
    {
        // Its exit code 1 says that some were not answered, which is what is to be counted.
        string output = HostTool.Run("ip", "netns", "exec", pair.Near, "sh", "-c", $"ping -f -q -c {Floods} -w {FloodSeconds} {NamespacePair.FarAddress} || test $? = 1");
        var match = FloodSummary().Match(output);
        return match.Success
            ? new PingFlood(int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture))
            : throw new SystemStartException(ExitCode.InputOutput, $"ping -f said '{output.ReplaceLineEndings(" ")}'");
    }

    /// <returns>What iperf3 says of the receiver.</returns>
    private static JsonElement Iperf(NamespacePair pair, params string[] arguments)
    {
        using var server = HostTool.Start("ip", "netns", "exec", pair.Far, "iperf3", "--server", "--one-off", "--forceflush");
        try
        {
            // It says when it listens; before that the client would be refused.
            for (string? line = ""; line is not null && !line.Contains("listening", StringComparison.Ordinal);)
                line = server.StandardOutput.ReadLine();
            string output = HostTool.Run(["ip", "netns", "exec", pair.Near, "iperf3", "--client", NamespacePair.FarAddress, "--json", .. arguments]);
            return JsonDocument.Parse(output).RootElement.GetProperty("end").GetProperty("sum_received");
        }
        finally
        {
            if (!server.WaitForExit(2000))
                server.Kill();
        }
    }

    [GeneratedRegex(@"time=([0-9.]+) ms")]
    private static partial Regex RoundTrip();

    [GeneratedRegex(@"(\d+) packets transmitted, (\d+) received")]
    private static partial Regex FloodSummary();
}
