using L4;
using Registers;

namespace Tracing.Tests;

/// <summary>A trace's task, a driver's task that is told its ring, and a device with two registers.</summary>
internal sealed class TraceBed : IDisposable
{
    internal const ulong Command = 0xc000;
    internal const ulong Status = 0xc001;

    private static readonly RegisterTable s_table = new("card", 2,
    [
        new("command", 0, 1, true, true, 0, 1, [new("start", 0, 1, []), new("toMemory", 3, 1, [])]),
        new("status", 1, 1, true, false, 0, 1, [new("ready", 6, 1, [])]),
    ]);

    private readonly L4System _system;
    private readonly TraceListener _listener;

    internal TraceBed(ITraceSink sink, Clock? clock = null)
    {
        _system = new L4System(clock ?? new VirtualClock());
        _listener = new TraceListener(_system.CreateTask("trace"), sink);
    }

    internal Clock Clock => _system.Clock;

    internal (L4Task Task, TraceChannel Channel) AddDriver(string name)
    {
        var task = _system.CreateTask(name);
        return (task, _listener.Add(task.Name, task, new RegisterMap([new PlacedTable(PciSpace.Ports, Command, s_table)]), line => line == 14 ? "card" : $"line{line}"));
    }

    /// <summary>Runs a driver on a thread of its task, and ends the system when it has ended.</summary>
    internal void Run(Action<TraceWriter> driver)
    {
        var (task, channel) = AddDriver("driver");
        task.StartThread("driver", () =>
        {
            using var writer = new TraceWriter(task, channel, site => $"function_{site:x}+0x{site:x} [module]");
            driver(writer);
        }).Join();
        Dispose();
        _system.Events.Count("driver", "task-fault").ShouldBe(0);
    }

    public void Dispose() => _system.Dispose();
}

/// <summary>Keeps all lines.</summary>
internal sealed class LineSink : ITraceSink
{
    internal List<TraceLine> Lines { get; } = [];

    internal TraceCounters? Counters { get; private set; }

    /// <summary>Called before a line is kept.</summary>
    internal Action? Before { get; init; }

    public void Show(TraceLine line)
    {
        Before?.Invoke();
        Lines.Add(line);
    }

    public void End(TraceCounters counters) => Counters = counters;
}
