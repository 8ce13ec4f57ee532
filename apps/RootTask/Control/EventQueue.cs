using L4;

namespace RootTask;

/// <summary>A system's events for one reader: those that were kept, then those that come. A reader that is too slow misses some, and is told how many.</summary>
internal sealed class EventQueue : IDisposable
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _available = new(0);
    private readonly Queue<SystemEvent> _events = new();
    private readonly EventLog _log;
    private readonly bool _follows;
    private long _missed;

    /// <param name="log">The system's events.</param>
    /// <param name="follows">Whether to wait for more.</param>
    internal EventQueue(EventLog log, bool follows)
    {
        (_log, _follows) = (log, follows);
        // An event that comes just now may be told twice, but none is left out.
        if (follows)
            log.Reported += Add;
        foreach (var entry in log.Recent)
            Add(entry);
    }

    /// <summary>The next event, waited for if there will be more; null when there is none.</summary>
    /// <param name="isReaderGone">Asked from time to time.</param>
    internal ControlAnswer? Take(Func<bool> isReaderGone)
    {
        while (!_available.Wait(_follows ? s_look : TimeSpan.Zero))
        {
            if (!_follows || isReaderGone())
                return null;
        }
        lock (_lock)
        {
            var answer = new ControlAnswer(Event: _events.Dequeue(), Missed: _missed);
            _missed = 0;
            return answer;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _log.Reported -= Add;
        _available.Dispose();
    }

    private void Add(SystemEvent entry)
    {
        lock (_lock)
        {
            if (_events.Count == 2 * EventLog.Capacity)
            {
                _missed++;
                return;
            }
            _events.Enqueue(entry);
            _available.Release();
        }
    }
}
