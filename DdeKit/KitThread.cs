using L4;

namespace DdeKit;

/// <summary>The domain ends: thrown out of every wait of its kernel threads, so that they unwind.</summary>
public sealed class DomainStoppingException : Exception
{
    public DomainStoppingException()
        : base("The driver domain is stopping.")
    {
    }
}

/// <summary>
/// A kernel thread: a host thread that runs only while it holds the domain's baton, and gives it back when it parks. All members belong
/// to the holder of the baton.
/// </summary>
public sealed class KitThread
{
    private readonly VirtualCpu _cpu;
    private readonly Action _body;
    private readonly Notification _run;
    private KitTimer? _timeout;
    private bool _parked;
    private bool _timedOut;

    internal KitThread(VirtualCpu cpu, string name, Action body)
    {
        _cpu = cpu;
        _body = body;
        Name = name;
        _run = cpu.Task.Open<Notification>(cpu.Task.CreateNotification());
    }

    /// <summary>For people.</summary>
    public string Name { get; }

    /// <summary>Gives the baton up until <see cref="Unpark"/> or the deadline. To be called by the thread itself.</summary>
    /// <param name="deadline">Time of the clock in nanoseconds.</param>
    /// <returns>True when it was unparked, false when the deadline came first.</returns>
    /// <exception cref="DomainStoppingException">The domain ends.</exception>
    /// <exception cref="InvalidOperationException">Another thread, or the event loop, holds the baton: it may not sleep.</exception>
    public bool Park(long deadline = Clock.Never)
    {
        if (_cpu.Current != this || _cpu.InInterrupt)
            throw new InvalidOperationException($"Sleeping where it is forbidden: thread '{Name}' parks in interrupt context or without the baton.");
        if (_cpu.IsStopping)
            throw new DomainStoppingException();
        _parked = true;
        _timedOut = false;
        if (deadline != Clock.Never)
        {
            _timeout ??= new KitTimer(_cpu.Timers, TimedOut);
            _timeout.Set(deadline);
        }
        _cpu.ReturnBaton();
        WaitForBaton();
        _timeout?.Cancel();
        return !_timedOut;
    }

    /// <summary>Lets others run, and then goes on.</summary>
    public void Yield()
    {
        _cpu.MakeReady(this);
        _cpu.ReturnBaton();
        WaitForBaton();
    }

    /// <summary>Ends the wait of this thread; does nothing when it is not parked.</summary>
    public void Unpark()
    {
        if (!_parked)
            return;
        _parked = false;
        _cpu.MakeReady(this);
    }

    internal void Start() => _cpu.Task.StartThread(Name, Run);

    internal void TakeBaton() => _run.Signal(1);

    private void TimedOut()
    {
        _timedOut = _parked;
        Unpark();
    }

    private void WaitForBaton()
    {
        _run.Wait();
        if (_cpu.IsStopping)
            throw new DomainStoppingException();
    }

    private void Run()
    {
        try
        {
            WaitForBaton();
            _cpu.ThreadAttached?.Invoke();
            _body();
        }
#pragma warning disable CA1031 // Whatever goes wrong in a driver ends its domain with a report, and nothing else.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _cpu.Fault(exception);
        }
        finally
        {
            _cpu.ThreadDetached?.Invoke();
            _cpu.ThreadEnded(this);
            _cpu.ReturnBaton();
        }
    }
}
