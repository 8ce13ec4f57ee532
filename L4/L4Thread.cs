namespace L4;

/// <summary>A thread of a task: a host thread that sleeps through the system's clock only.</summary>
public sealed class L4Thread
{
    private readonly L4Task _task;
    private readonly Action _body;
    private readonly Thread _host;

    internal L4Thread(L4Task task, string name, Action body)
    {
        _task = task;
        _body = body;
        _host = new Thread(Run) { IsBackground = true, Name = $"{task.Name}/{name}" };
    }

    internal void Start()
    {
        _task.System.Clock.ThreadStarted();
        _host.Start();
    }

    /// <summary>Waits until the thread has ended. For the owner of the task at its end; it does not count as sleeping, so it holds
    /// virtual time still only as long as the caller is itself a thread of the system.</summary>
    public void Join() => _host.Join();

    private void Run()
    {
        ThreadControlBlock.Current = new ThreadControlBlock(_task, new Notification(_task.System.Clock));
        try
        {
            _body();
        }
#pragma warning disable CA1031 // Whatever ends a thread ends its task, not the process.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _task.Fault(exception);
        }
        finally
        {
            ThreadControlBlock.Current = null;
            // Before the thread counts as ended: time must not jump while somebody waits for just this.
            _task.ThreadEnded();
            _task.System.Clock.ThreadEnded();
        }
    }
}

/// <summary>A host thread that joined a task for a while.</summary>
internal sealed class AttachedThread : IDisposable
{
    private readonly ThreadControlBlock? _previous = ThreadControlBlock.Current;
    private readonly L4Task _task;

    internal AttachedThread(L4Task task)
    {
        _task = task;
        ThreadControlBlock.Current = new ThreadControlBlock(task, new Notification(task.System.Clock));
        // A thread of the system that acts for another task for a while still counts once.
        if (_previous is null)
            task.System.Clock.ThreadStarted();
    }

    public void Dispose()
    {
        ThreadControlBlock.Current = _previous;
        if (_previous is null)
            _task.System.Clock.ThreadEnded();
    }
}
