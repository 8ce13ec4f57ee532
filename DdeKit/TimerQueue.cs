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
public sealed class TimerQueue
{
    private readonly Clock _clock;
    private readonly SortedSet<KitTimer> _timers = new(Comparer<KitTimer>.Create(Compare));
    private long _order;

    internal TimerQueue(Clock clock) => _clock = clock;

    /// <summary>The earliest deadline, or <see cref="Clock.Never"/>.</summary>
    public long NextDeadline { get; private set; } = Clock.Never;

    internal void Add(KitTimer timer, long deadline)
    {
        // Never itself would read as "not set".
        timer.Deadline = Math.Min(deadline, Clock.Never - 1);
        timer.Order = _order++;
        _timers.Add(timer);
        Update();
    }

    internal bool Remove(KitTimer timer)
    {
        if (!timer.IsPending)
            return false;
        _timers.Remove(timer);
        timer.Deadline = Clock.Never;
        Update();
        return true;
    }

    /// <summary>Runs the handlers of all timers that are due now. Those set by a handler run in a later round.</summary>
    internal void RunDue()
    {
        if (NextDeadline == Clock.Never)
            return;
        long now = _clock.Now;
        long last = _order;
        while (NextDeadline <= now)
        {
            var timer = _timers.Min!;
            if (timer.Order >= last)
                return;
            Remove(timer);
            timer.Handler();
        }
    }

    private void Update() => NextDeadline = _timers.Count == 0 ? Clock.Never : _timers.Min!.Deadline;

    private static int Compare(KitTimer? left, KitTimer? right)
    {
        int byDeadline = left!.Deadline.CompareTo(right!.Deadline);
        return byDeadline != 0 ? byDeadline : left.Order.CompareTo(right.Order);
    }
}
