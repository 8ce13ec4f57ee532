using System.Collections.Concurrent;

namespace L4;

/// <summary>Something that must not pass in silence: an unknown register, a refused access, an unimplemented operation.</summary>
/// <param name="Source">The component that saw it, e.g. <c>piix3-ide</c>.</param>
/// <param name="Kind">A short fixed word for counting, e.g. <c>unknown-register</c>.</param>
/// <param name="Text">One line with names and numbers.</param>
/// <param name="TimeNanoseconds">Time of the system's clock.</param>
public readonly record struct SystemEvent(string Source, string Kind, string Text, long TimeNanoseconds);

/// <summary>
/// Where components report what must not pass in silence. Keeps a counter for each source and kind, and the last
/// <see cref="Capacity"/> events whole. Safe for any number of threads; a report allocates, so it belongs on unusual paths only.
/// </summary>
public sealed class EventLog
{
    /// <summary>How many events are kept whole.</summary>
    public const int Capacity = 1024;

    private readonly ConcurrentQueue<SystemEvent> _recent = new();
    private readonly ConcurrentDictionary<(string Source, string Kind), long> _counters = new();
    private readonly Func<long> _now;

    /// <param name="nowNanoseconds">The system's clock.</param>
    public EventLog(Func<long> nowNanoseconds) => _now = nowNanoseconds;

    /// <summary>Raised on the reporting thread after an event was kept.</summary>
    public event Action<SystemEvent>? Reported;

    /// <summary>Counts and keeps one event.</summary>
    public void Report(string source, string kind, string text) => Add(new SystemEvent(source, kind, text, _now()));

    /// <summary>Counts and keeps an event of another process.</summary>
    internal void Add(SystemEvent entry)
    {
        _counters.AddOrUpdate((entry.Source, entry.Kind), 1, static (_, count) => count + 1);
        _recent.Enqueue(entry);
        if (_recent.Count > Capacity)
            _recent.TryDequeue(out _);
        Reported?.Invoke(entry);
    }

    /// <summary>How often <paramref name="kind"/> was reported by <paramref name="source"/>.</summary>
    public long Count(string source, string kind) => _counters.GetValueOrDefault((source, kind));

    /// <summary>All counters that are not zero.</summary>
    public IReadOnlyDictionary<(string Source, string Kind), long> Counters => _counters;

    /// <summary>The newest events, oldest first.</summary>
    public IReadOnlyList<SystemEvent> Recent => [.. _recent];
}
