using RootTask;

namespace Bench;

/// <summary>One direction of Debian's e1000 in a domain of its own, patched and trapped.</summary>
/// <param name="Name">Direction and length.</param>
/// <param name="PatchedPerSecond">Frames a second when the driver's accesses of the card are patched.</param>
/// <param name="TrappedPerSecond">Frames a second when each traps.</param>
/// <param name="Ratio">The one by the other.</param>
/// <param name="AllocatedBytesPerFrame">Managed memory that the process allocated for one frame, patched.</param>
public sealed record DriverLoopRow(string Name, double PatchedPerSecond, double TrappedPerSecond, double Ratio, double AllocatedBytesPerFrame);

/// <summary>One way between two namespaces.</summary>
/// <param name="Name">What is between them.</param>
/// <param name="Traffic">What ping and iperf3 say.</param>
/// <param name="SmallFramesPerSecond">The shortest frames received a second while iperf3 sends what it can.</param>
/// <param name="RatioToTapLoop">TCP there, by that of the trivial loop between two TAPs in the same run.</param>
/// <param name="SmallRatioToTapLoop">Small frames, by those of the trivial loop.</param>
public sealed record TrafficRow(string Name, Traffic Traffic, double SmallFramesPerSecond, double RatioToTapLoop, double SmallRatioToTapLoop);

/// <summary>What <see cref="NetBench"/> measured.</summary>
/// <param name="Driver">One domain alone.</param>
/// <param name="Ways">Whole ways between the host's own programs; empty where the host does not permit TAP interfaces.</param>
/// <param name="Skipped">Why there are none; null when there are.</param>
public sealed record NetBenchResult(IReadOnlyList<DriverLoopRow> Driver, IReadOnlyList<TrafficRow> Ways, string? Skipped);

/// <summary>How fast frames pass: through a driver alone, and through two drivers beside ways without them, all in one run.</summary>
public static class NetBench
{
    private static readonly int[] s_lengths = [64, 1500];

    /// <summary>Measures everything.</summary>
    /// <param name="pairs">Ports to put between two namespaces.</param>
    /// <param name="time">How long each rate is measured.</param>
    /// <param name="progress">Told what is being done.</param>
    /// <exception cref="SystemStartException">A tool or the kernel pack is missing.</exception>
    public static NetBenchResult Run(IReadOnlyList<(string Near, string Far)> pairs, TimeSpan time, Action<string> progress)
    {
        var driver = MeasureDriver(time, progress);
        try
        {
            return new NetBenchResult(driver, MeasureWays(pairs, time, progress), null);
        }
        catch (SystemStartException exception) when (exception.Code == ExitCode.Refused)
        {
            return new NetBenchResult(driver, [], exception.Message);
        }
    }

    private static List<DriverLoopRow> MeasureDriver(TimeSpan time, Action<string> progress)
    {
        progress("e1000 alone, patched");
        var patched = DriverLoop.Measure(true, s_lengths, time);
        progress("e1000 alone, each access trapped");
        var trapped = DriverLoop.Measure(false, s_lengths, time);
        return [.. s_lengths.SelectMany((length, i) => new[]
        {
            Row($"transmit {length} bytes", patched[i].Transmit, trapped[i].Transmit),
            Row($"receive {length} bytes", patched[i].Receive, trapped[i].Receive),
        })];
    }

    private static DriverLoopRow Row(string name, DriverLoop.Rate patched, DriverLoop.Rate trapped) =>
        new(name, patched.FramesPerSecond, trapped.FramesPerSecond, patched.FramesPerSecond / trapped.FramesPerSecond, patched.AllocatedBytesPerFrame);

    private static List<TrafficRow> MeasureWays(IReadOnlyList<(string Near, string Far)> pairs, TimeSpan time, Action<string> progress)
    {
        progress("loop between two TAPs");
        var (limit, limitSmall) = NetDemo.InNamespaces((pair, near, far) =>
        {
            near.BringUp(1500);
            far.BringUp(1500);
            pair.Connect(near, far);
            using var loop = new TapLoop(near, far);
            return (Traffic.Measure(pair, time, progress), Traffic.MeasureSmallFrames(pair, time));
        });
        progress("veth pair");
        var (plain, plainSmall) = NetDemo.InNamespaces((pair, _, _) =>
        {
            string near = $"ddeva{Environment.ProcessId % 100_000}", far = $"ddevb{Environment.ProcessId % 100_000}";
            HostTool.Run("ip", "link", "add", near, "type", "veth", "peer", "name", far);
            pair.Connect(near, far);
            return (Traffic.Measure(pair, time, progress), Traffic.MeasureSmallFrames(pair, time));
        });
        List<TrafficRow> rows = [Row("loop between two TAPs", limit, limitSmall), Row("veth pair", plain, plainSmall)];
        foreach (var (near, far) in pairs)
        {
            double small = 0;
            var result = NetDemo.Run(near, far, time, progress, pair => small = Traffic.MeasureSmallFrames(pair, time));
            rows.Add(Row($"{near} <-> {far}", result.Traffic, small));
        }
        return rows;

        TrafficRow Row(string name, Traffic traffic, double small) =>
            new(name, traffic, small, traffic.ForwardMegabits / limit.ForwardMegabits, small / limitSmall);
    }
}
