using L4;
using Registers;

namespace Tracing;

/// <summary>Gets the lines of a trace. Called on one thread, the trace task's.</summary>
public interface ITraceSink
{
    /// <summary>A line, in the order of time.</summary>
    void Show(TraceLine line);

    /// <summary>The trace is over.</summary>
    void End(TraceCounters counters);
}

/// <summary>
/// The task that reads the traces of drivers and tells a sink. It must be made before the tasks of the drivers, and ends after them: then it
/// has told everything.
/// </summary>
public sealed class TraceListener
{
    /// <summary>Records that a driver's ring holds: a driver waits when it is as far ahead.</summary>
    public const uint RingEntries = 4096;

    private const ulong AvailableBit = 1;
    private const ulong StopBit = 2;

    private readonly L4Task _task;
    private readonly ITraceSink _sink;
    private readonly Capability _availableCapability;
    private readonly Notification _available;
    private readonly TraceCounters _counters = new();
    private volatile Source[] _sources = [];
    private volatile bool _stopping;

    /// <param name="task">A task that does nothing else.</param>
    /// <param name="sink">Told of everything.</param>
    public TraceListener(L4Task task, ITraceSink sink)
    {
        ArgumentNullException.ThrowIfNull(task);
        _task = task;
        _sink = sink;
        _availableCapability = task.CreateNotification();
        _available = task.Open<Notification>(_availableCapability);
        task.Ended += Stop;
        task.StartThread("trace", Run);
    }

    private sealed record Source(string Task, RegisterMap Map, Func<uint, string> InterruptName, TraceReader Reader);

    /// <summary>Adds a driver.</summary>
    /// <param name="driver">The name of the driver's task, which has not started yet.</param>
    /// <param name="receiver">Who hands the driver's end to it.</param>
    /// <param name="map">The device's registers.</param>
    /// <param name="interruptName">What an interrupt line is called.</param>
    /// <returns>The driver's end: capabilities of the receiver.</returns>
    public TraceChannel Add(string driver, L4Task receiver, RegisterMap map, Func<uint, string> interruptName)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        var ring = _task.CreateDataspace($"trace of {driver}", TraceRing.BytesFor(RingEntries));
        var room = _task.CreateNotification();
        var reader = new TraceReader(_task.Map(ring), RingEntries, _task.Open<Notification>(room));
        _sources = [.. _sources, new Source(driver, map, interruptName, reader)];
        return new TraceChannel(_task.GiveTo(receiver, ring), RingEntries, _task.GiveTo(receiver, _availableCapability), AvailableBit, _task.GiveTo(receiver, room));
    }

    private void Stop()
    {
        _stopping = true;
        _available.Signal(StopBit);
    }

    private void Run()
    {
        while (true)
        {
            // Asked first: what came before the end is told.
            bool isLast = _stopping;
            TellAll();
            if (isLast)
                break;
            _available.Wait();
        }
        foreach (var source in _sources)
        {
            _counters.Damaged += source.Reader.Damaged;
            source.Reader.Dispose();
        }
        _sink.End(_counters);
    }

    private void TellAll()
    {
        while (true)
        {
            Source? first = null;
            long earliest = long.MaxValue;
            foreach (var source in _sources)
            {
                if (source.Reader.NextTime is { } time && (first is null || time < earliest))
                {
                    first = source;
                    earliest = time;
                }
            }
            if (first is null)
                return;
            if (!first.Reader.TryRead(out var record))
                continue;
            var line = Decode(first, in record);
            _counters.Add(line);
            _sink.Show(line);
        }
    }

    private static TraceLine Decode(Source source, in TraceRecord record)
    {
        IReadOnlyList<DecodedRegister> registers = record.Kind switch
        {
            TraceKind.Interrupt or TraceKind.UnhandledInterrupt => [Named(source.InterruptName(unchecked((uint)record.Address)))],
            TraceKind.ReadBlock or TraceKind.WriteBlock => [source.Map.DecodeBlock(record.Space, record.Address, record.Kind == TraceKind.WriteBlock)],
            _ => source.Map.Decode(record.Space, record.Address, record.Width, record.Kind == TraceKind.Write, record.Value),
        };
        return new TraceLine(
            record.Time, source.Task, record.Kind, source.Reader.NameOf(record.Site), record.Space, record.Address, record.Width, record.Value, registers);
    }

    private static DecodedRegister Named(string name) => new(name, name, "");
}
