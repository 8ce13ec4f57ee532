using Emulator;
using L4;

namespace RootTask;

/// <summary>A plug at the end of a wire that sends everything back.</summary>
public sealed class WireLoop : IWireUser
{
    private const ulong ChangedBit = 1;
    private const ulong StopBit = 2;

    private readonly WireEnd _end;
    private readonly Notification _changed;

    private WireLoop(L4Task task, WireEnd end)
    {
        _end = end;
        _changed = task.Open<Notification>(task.CreateNotification());
    }

    /// <summary>Starts it.</summary>
    /// <param name="task">A task that does nothing else.</param>
    /// <param name="end">The end of the wire.</param>
    public static void Start(L4Task task, WireEnd end)
    {
        var loop = new WireLoop(task, end);
        task.Ended += () => loop._changed.Signal(StopBit);
        task.StartThread("loop", loop.Run);
    }

    /// <inheritdoc />
    public void WireChanged() => _changed.Signal(ChangedBit);

    private void Run()
    {
        _end.DiscardReceived();
        _end.Attach(this);
        _end.IsListening = true;
        do
        {
            while (_end.TryReceive(out var frame) && _end.TrySend(frame))
                _end.Release();
            _end.Flush();
            // What could not be sent stays where it is until there is room.
            if (!_end.MustWaitForFrames() && !_end.MustWaitForRoom())
                _changed.Signal(ChangedBit);
        }
        while ((_changed.Wait() & StopBit) == 0);
        _end.Attach(null);
    }
}
