using L4;

namespace DdeKit;

/// <summary>A timer of a domain. Its handler runs on the event loop, with the baton, and must not block.</summary>
public sealed class KitTimer
{
    private readonly TimerQueue _queue;

    /// <param name="queue">The domain's timers.</param>
    /// <param name="handler">What to do when it expires.</param>
    public KitTimer(TimerQueue queue, Action handler)
    {
        _queue = queue;
        Handler = handler;
    }

    /// <summary>Whether it will expire.</summary>
    public bool IsPending => Deadline != Clock.Never;

    /// <summary>When it expires, in nanoseconds of the clock; <see cref="Clock.Never"/> when it is not set.</summary>
    public long Deadline { get; internal set; } = Clock.Never;

    internal Action Handler { get; }

    internal long Order { get; set; }

    internal int Place { get; set; }

    /// <summary>Sets the timer, or sets it anew. True when it was pending.</summary>
    public bool Set(long deadline)
    {
        bool pending = Cancel();
        _queue.Add(this, deadline);
        return pending;
    }

    /// <summary>Stops the timer; true when it was pending.</summary>
    public bool Cancel() => _queue.Remove(this);
}

/// <summary>The timers of a domain, sorted by deadline; equal ones expire in the order in which they were set.</summary>
/// <remarks>A binary heap in which each timer knows its place: setting and cancelling are on the data path and allocate nothing.</remarks>
public sealed class TimerQueue
{
    private readonly Clock _clock;
    private KitTimer[] _heap = new KitTimer[16];
    private int _count;
    private long _order;

    internal TimerQueue(Clock clock) => _clock = clock;

    /// <summary>The earliest deadline, or <see cref="Clock.Never"/>.</summary>
    public long NextDeadline => _count == 0 ? Clock.Never : _heap[0].Deadline;

    internal void Add(KitTimer timer, long deadline)
    {
        // Never itself would read as "not set".
        timer.Deadline = Math.Min(deadline, Clock.Never - 1);
        timer.Order = _order++;
        if (_count == _heap.Length)
            Array.Resize(ref _heap, 2 * _count);
        Place(timer, _count++);
        Rise(timer);
    }

    internal bool Remove(KitTimer timer)
    {
        if (!timer.IsPending)
            return false;
        timer.Deadline = Clock.Never;
        var last = _heap[--_count];
        _heap[_count] = null!;
        if (last == timer)
            return true;
        Place(last, timer.Place);
        Rise(last);
        Sink(last);
        return true;
    }

    /// <summary>Runs the handlers of all timers that are due now. Those set by a handler run in a later round.</summary>
    internal void RunDue()
    {
        if (_count == 0)
            return;
        long now = _clock.Now;
        long last = _order;
        while (NextDeadline <= now)
        {
            var timer = _heap[0];
            if (timer.Order >= last)
                return;
            Remove(timer);
            timer.Handler();
        }
    }

    private static bool IsBefore(KitTimer left, KitTimer right) =>
        left.Deadline != right.Deadline ? left.Deadline < right.Deadline : left.Order < right.Order;

    private void Rise(KitTimer timer)
    {
        while (timer.Place > 0)
        {
            var parent = _heap[(timer.Place - 1) / 2];
            if (!IsBefore(timer, parent))
                return;
            Exchange(timer, parent);
        }
    }

    private void Sink(KitTimer timer)
    {
        while (2 * timer.Place + 1 < _count)
        {
            int child = 2 * timer.Place + 1;
            if (child + 1 < _count && IsBefore(_heap[child + 1], _heap[child]))
                child++;
            if (!IsBefore(_heap[child], timer))
                return;
            Exchange(_heap[child], timer);
        }
    }

    private void Exchange(KitTimer left, KitTimer right)
    {
        int place = left.Place;
        Place(left, right.Place);
        Place(right, place);
    }

    private void Place(KitTimer timer, int place)
    {
        _heap[place] = timer;
        timer.Place = place;
    }
}
