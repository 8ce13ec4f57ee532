using System.Diagnostics;
using System.Reflection;
using L4;

namespace Bench;

/// <summary>How long a round trip takes.</summary>
/// <param name="Name">What went back and forth.</param>
/// <param name="MedianNanoseconds">Half of the round trips were as fast.</param>
/// <param name="P99Nanoseconds">99 of 100 were.</param>
/// <param name="P999Nanoseconds">999 of 1000 were.</param>
/// <param name="Ratio">Median beside that of the C program's futex, which spins as long as the substrate does; null without a C compiler.</param>
public sealed record IpcBenchRow(string Name, long MedianNanoseconds, long P99Nanoseconds, long P999Nanoseconds, double? Ratio);

/// <summary>What the other process answers.</summary>
[Service]
public interface IEcho
{
    /// <summary>Sends 64 bytes back.</summary>
    EchoBlock Echo(EchoBlock block);

    /// <summary>A portal that sends words back.</summary>
    Capability Portal();

    /// <summary>Makes garbage and has it collected, over and over, from now on.</summary>
    void Collect();
}

/// <summary>Sixty-four bytes.</summary>
[MessageType]
public readonly record struct EchoBlock(ulong A, ulong B, ulong C, ulong D, ulong E, ulong F, ulong G, ulong H);

/// <summary>Calls between two processes, beside what a C program does with a futex and with a unix socket, one after the other in one run.</summary>
public static class IpcBench
{
    /// <summary>The only argument of the program that runs the other process's task.</summary>
    public const string TaskArgument = "ipc-task";

    private const string Program = "echo";
    private const int Rounds = 20_000;
    private const int WarmUp = 20_000;
    private const int Turns = 7;

    /// <summary>What the other process can be.</summary>
    public static TaskPrograms Programs { get; } = new TaskPrograms().Add(Program, task => new TaskService(new EchoDispatcher(new Echo(task))));

    /// <summary>Measures.</summary>
    /// <param name="progress">Told what is being done, and what is missing.</param>
    public static IReadOnlyList<IpcBenchRow> Run(Action<string> progress)
    {
        using var peer = PingPong.TryCompile(out string? missing);
        if (missing is not null)
            progress(missing);
        using var system = new L4System(new RealClock(), Isolation.Process);
        var host = new ProcessTaskHost(system, Assembly.GetEntryAssembly()!.Location, [TaskArgument], Programs);
        using var attached = system.Root.Enter();
        using var quiet = host.StartTask("echo", Program);
        using var collecting = host.StartTask("collecting", Program);
        var echo = new EchoProxy(system.Root, quiet.Gate);
        var portal = system.Root.Open<Portal>(echo.Portal());
        var busy = new EchoProxy(system.Root, collecting.Gate);
        var block = new EchoBlock(1, 2, 3, 4, 5, 6, 7, 8);
        (string Name, Func<long[]?> Measure)[] kinds =
        [
            ("C: futex after a spin of 20 us", () => peer?.Run("spin", Rounds)),
            ("C: futex at once", () => peer?.Run("sleep", Rounds)),
            ("C: unix socket", () => peer?.Run("socket", Rounds)),
            ("call of a gate, 64 bytes", () => Measure(() => echo.Echo(block))),
            ("word to a portal", () => Measure(() => portal.Enter(1))),
            ("call, while the server collects", () => Measure(() => busy.Echo(block))),
        ];
        var results = kinds.Select(_ => new List<long[]>()).ToArray();
        for (int turn = 0; turn < Turns; turn++)
        {
            for (int kind = 0; kind < kinds.Length; kind++)
            {
                progress($"turn {turn + 1} of {Turns}: {kinds[kind].Name}");
                if (kind == kinds.Length - 1)
                    busy.Collect();
                if (kinds[kind].Measure() is { } percentiles)
                    results[kind].Add(percentiles);
            }
        }
        // The best turn of each: where other programs want the processors, both sides of a spin rarely run at the same time.
        var best = results.Select(turns => turns.MinBy(percentiles => percentiles[0])).ToArray();
        return [.. kinds.Zip(best).Where(pair => pair.Second is not null)
            .Select(pair => new IpcBenchRow(pair.First.Name, pair.Second![0], pair.Second[1], pair.Second[2], best[0] is { } futex ? pair.Second[0] / (double)futex[0] : null))];
    }

    private static long[] Measure(Action roundTrip)
    {
        for (int i = 0; i < WarmUp; i++)
            roundTrip();
        long[] times = new long[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            long begin = Stopwatch.GetTimestamp();
            roundTrip();
            times[i] = Stopwatch.GetTimestamp() - begin;
        }
        Array.Sort(times);
        return [times[Rounds / 2], times[Rounds * 99 / 100], times[(int)(Rounds * 999L / 1000)]];
    }

    private sealed class Echo(L4Task task) : IEcho, IPortalHandler
    {
        private L4Thread? _collector;

        EchoBlock IEcho.Echo(EchoBlock block) => block;

        public Capability Portal() => task.CreatePortal(this);

        public ulong Enter(ulong word) => word;

        public void Collect() => _collector ??= task.StartThread("collector", () =>
        {
            var pause = task.Open<Notification>(task.CreateNotification());
            while (!task.IsDead)
            {
                for (int i = 0; i < 1000; i++)
                    GC.KeepAlive(new byte[1000]);
                GC.Collect();
                pause.Wait(task.System.Clock.Now + 5_000_000);
            }
        });
    }
}
