using L4;

namespace RootTask;

/// <summary>Does something unless it is disposed before a time: for calls to others that may never return.</summary>
internal sealed class TimeLimit : IDisposable
{
    private readonly L4Task _task;
    private readonly Capability _capability;
    private readonly Notification _done;
    private readonly L4Thread _thread;

    /// <param name="task">Whose thread waits.</param>
    /// <param name="length">How long.</param>
    /// <param name="expired">What is done then, on that thread.</param>
    internal TimeLimit(L4Task task, TimeSpan length, Action expired)
    {
        _task = task;
        _capability = task.CreateNotification();
        _done = task.Open<Notification>(_capability);
        long deadline = task.System.Clock.Now + length.Ticks * TimeSpan.NanosecondsPerTick;
        _thread = task.StartThread("time limit", () =>
        {
            if (_done.Wait(deadline) == 0)
                expired();
        });
    }

    /// <summary>Nothing is done from here on.</summary>
    public void Dispose()
    {
        _done.Signal(1);
        _thread.Join();
        _task.Release(_capability);
    }
}
