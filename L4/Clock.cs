using System.Diagnostics;

namespace L4;

/// <summary>
/// The system's time, and with it the way threads sleep: on the real clock a thread waits in the kernel; on the virtual clock time
/// stands still while any thread runs, and jumps to the next deadline when all of them wait.
/// </summary>
public abstract class Clock
{
    /// <summary>Waits without a deadline.</summary>
    public const long Never = long.MaxValue;

    /// <summary>Nanoseconds since the system started; never goes back.</summary>
    public abstract long Now { get; }

    /// <summary>Whether time is made up: then a delay costs nothing and makes runs the same every time.</summary>
    public virtual bool IsVirtual => false;

    /// <summary>How long a waiter spins before it sleeps, in nanoseconds.</summary>
    internal virtual long SpinNanoseconds => 0;

    /// <summary>Lets time pass without giving the processor up, as a driver's delay loop does.</summary>
    public abstract void Delay(long nanoseconds);

    /// <summary>A thread of the system is about to run (it was made, or attached).</summary>
    internal abstract void ThreadStarted();

    /// <summary>A thread of the system ended or was detached.</summary>
    internal abstract void ThreadEnded();

    /// <summary>Sleeps until <paramref name="notification"/> has pending bits or the deadline is reached; may wake early. True when the
    /// deadline was reached.</summary>
    internal abstract bool Sleep(Notification notification, long deadline);

    /// <summary>Bits were added to <paramref name="notification"/> and its waiter may be asleep.</summary>
    internal abstract void Wake(Notification notification);
}

/// <summary>Real time. A waiter spins briefly before it sleeps, because a wake-up across cores costs tens of microseconds.</summary>
public sealed class RealClock : Clock
{
    /// <summary>How long a waiter spins before it sleeps, in nanoseconds. Longer spins cost more than they save as soon as more
    /// threads want to run than there are cores.</summary>
    public const long DefaultSpin = 20_000;

    /// <summary>Polls between two looks at the clock: a look costs as much as several polls.</summary>
    private const int PollsPerLook = 16;

    /// <summary>.NET counts the monotonic clock of Linux in nanoseconds, so this is 1, which the compiler sees.</summary>
    private static readonly long s_nanosecondsPerTick = 1_000_000_000 / Stopwatch.Frequency;

    private readonly long _spin;

    /// <param name="spinNanoseconds">How long a waiter spins; nothing is spun on a machine with one core.</param>
    /// <param name="origin">When the system started, by <see cref="Stopwatch.GetTimestamp"/>, which all processes of a machine share; null for now.</param>
    public RealClock(long spinNanoseconds = DefaultSpin, long? origin = null)
    {
        _spin = Environment.ProcessorCount > 1 ? spinNanoseconds : 0;
        Origin = origin ?? Stopwatch.GetTimestamp();
    }

    /// <summary>When the system started, for the clocks of its other processes.</summary>
    internal long Origin { get; }

    internal override long SpinNanoseconds => _spin;

    /// <inheritdoc />
    public override long Now => (Stopwatch.GetTimestamp() - Origin) * s_nanosecondsPerTick;

    /// <inheritdoc />
    public override void Delay(long nanoseconds)
    {
        long begin = Now;
        while (Now - begin < nanoseconds)
            Thread.SpinWait(1);
    }

    internal override void ThreadStarted()
    {
    }

    internal override void ThreadEnded()
    {
    }

    internal override bool Sleep(Notification notification, long deadline)
    {
        // What comes soon is met without a look at the clock.
        if (_spin > 0 && IsPendingSoon(notification))
            return false;
        long now = Now;
        for (long end = Math.Min(now + _spin, deadline); now < end; now = Now)
        {
            if (IsPendingSoon(notification))
                return false;
        }
        if (now >= deadline)
            return true;
        if (!notification.AnnounceSleep())
            return false;
        notification.SleepInKernel(deadline == Never ? -1 : deadline - now);
        notification.Awake();
        return false;
    }

    internal override void Wake(Notification notification) => notification.WakeInKernel();

    private static bool IsPendingSoon(Notification notification)
    {
        for (int poll = 0; poll < PollsPerLook; poll++)
        {
            if (notification.IsPending)
                return true;
            // Not the bare pause instruction: polls that follow too closely take cycles from the thread that is waited for.
            Thread.SpinWait(1);
        }
        return false;
    }
}

/// <summary>
/// Time that moves only when every thread of the system waits; then it jumps to the earliest deadline. Tests run fast and the same
/// every time. A thread that blocks outside L4 (console input, a foreign lock) holds time still.
/// </summary>
public sealed class VirtualClock : Clock
{
    private readonly object _lock = new();

    /// <inheritdoc />
    public override bool IsVirtual => true;

    private readonly List<(Notification Notification, long Deadline)> _sleepers = [];
    private long _now;
    private int _running;

    /// <inheritdoc />
    public override long Now => Volatile.Read(ref _now);

    /// <inheritdoc />
    public override void Delay(long nanoseconds)
    {
        lock (_lock)
            Advance(_now + nanoseconds);
    }

    internal override void ThreadStarted()
    {
        lock (_lock)
            _running++;
    }

    internal override void ThreadEnded()
    {
        lock (_lock)
        {
            _running--;
            AdvanceWhenIdle();
        }
    }

    internal override bool Sleep(Notification notification, long deadline)
    {
        lock (_lock)
        {
            if (deadline <= _now)
                return true;
            if (!notification.AnnounceSleep())
                return false;
            _sleepers.Add((notification, deadline));
            _running--;
            AdvanceWhenIdle();
            while (FindSleeper(notification) >= 0)
                Monitor.Wait(_lock);
            notification.Awake();
            return false;
        }
    }

    internal override void Wake(Notification notification)
    {
        lock (_lock)
        {
            // The sleeper counts as running from here on, so that time cannot jump before it really wakes.
            int index = FindSleeper(notification);
            if (index < 0)
                return;
            _sleepers.RemoveAt(index);
            _running++;
            Monitor.PulseAll(_lock);
        }
    }

    // No lambdas here and below: sleeping and waking are on data paths, whose tests count allocations on this clock.
    private int FindSleeper(Notification notification)
    {
        for (int index = 0; index < _sleepers.Count; index++)
        {
            if (_sleepers[index].Notification == notification)
                return index;
        }
        return -1;
    }

    private void AdvanceWhenIdle()
    {
        if (_running > 0 || _sleepers.Count == 0)
            return;
        long next = Never;
        foreach (var (_, deadline) in _sleepers)
            next = Math.Min(next, deadline);
        if (next != Never)
            Advance(next);
    }

    private void Advance(long time)
    {
        Volatile.Write(ref _now, Math.Max(_now, time));
        for (int index = _sleepers.Count - 1; index >= 0; index--)
        {
            if (_sleepers[index].Deadline > _now)
                continue;
            _sleepers.RemoveAt(index);
            _running++;
        }
        Monitor.PulseAll(_lock);
    }
}
