namespace L4;

/// <summary>A thread that waits for the end of the task that serves a gate.</summary>
public sealed class ServerWatch : IDisposable
{
    private const ulong GoneBit = 1;
    private const ulong StopBit = 2;

    private readonly L4Task _task;
    private readonly Capability _capability;
    private readonly Notification _notification;

    /// <summary>Starts the thread.</summary>
    /// <param name="task">Whose thread it is.</param>
    /// <param name="name">The server's name, for people.</param>
    /// <param name="gate">The gate; stays the caller's.</param>
    /// <param name="gone">Called once on the watching thread, at once when the server is gone already, with what a call would be told.</param>
    public ServerWatch(L4Task task, string name, Capability gate, Action<string> gone)
    {
        var server = task.Open<Gate>(gate);
        _task = task;
        _capability = task.CreateNotification();
        _notification = task.Open<Notification>(_capability, CapabilityRights.All);
        task.Ended += Stop;
        task.NotifyWhenGone(gate, _capability, GoneBit);
        task.StartThread($"watch {name}", () =>
        {
            if ((_notification.Wait() & StopBit) == 0)
                gone(server.GoneText);
        });
    }

    /// <summary>Waits no more.</summary>
    public void Dispose()
    {
        _task.Ended -= Stop;
        Stop();
        _task.Release(_capability);
    }

    private void Stop() => _notification.Signal(StopBit);
}
