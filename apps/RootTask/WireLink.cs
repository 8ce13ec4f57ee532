using Emulator;
using L4;
using Nddf;
using Nddf.Links;

namespace RootTask;

/// <summary>Joins an end of an emulated wire to a link of the host's, so that a card's cable leads out of the process. One thread does both ways.</summary>
public sealed class WireLink : IWireUser
{
    private const int BatchFrames = 64;

    private readonly WireEnd _end;
    private readonly ILink _link;
    private readonly Notification _changed;
    private volatile bool _stopping;

    private WireLink(L4Task task, WireEnd end, ILink link)
    {
        _end = end;
        _link = link;
        _changed = task.Open<Notification>(task.CreateNotification());
    }

    /// <summary>Starts it.</summary>
    /// <param name="task">A task that does nothing else; it ends with the cause when the link does.</param>
    /// <param name="end">The end of the wire.</param>
    /// <param name="link">The link; stays the caller's, who disposes it after the task.</param>
    public static void Start(L4Task task, WireEnd end, ILink link)
    {
        var joined = new WireLink(task, end, link);
        task.Ended += joined.Stop;
        task.StartThread("wire", joined.Run);
    }

    /// <inheritdoc />
    public void WireChanged()
    {
        _changed.Signal(1);
        _link.Wake();
    }

    private void Stop()
    {
        _stopping = true;
        WireChanged();
    }

    private void Run()
    {
        _end.DiscardReceived();
        _end.Attach(this);
        _end.IsListening = true;
        try
        {
            while (!_stopping)
            {
                var (isFull, isDry) = FromLink();
                ToLink();
                _end.Flush();
                if (_link.End is { } cause)
                    throw new ServiceException(ServiceError.DeviceError, cause);
                // With a full wire the link's frames wait in the host's queue, where a wait for them would end at once.
                if (isFull && _end.MustWaitForFrames() && _end.MustWaitForRoom())
                    _changed.Wait();
                else if (isDry && _end.MustWaitForFrames())
                    _link.Wait();
            }
        }
        finally
        {
            _end.Attach(null);
        }
    }

    private (bool IsFull, bool IsDry) FromLink()
    {
        for (int batch = 0; batch < BatchFrames; batch++)
        {
            if (!_end.TryReserve(FrameRing.SlotBytes, out var room))
                return (true, false);
            int length = _link.Receive(room);
            if (length == 0)
                return (false, true);
            if (length < WireEnd.ShortestFrame)
            {
                room[length..WireEnd.ShortestFrame].Clear();
                length = WireEnd.ShortestFrame;
            }
            _end.Commit(length);
        }
        return (false, false);
    }

    private void ToLink()
    {
        while (_end.TryReceive(out var frame))
        {
            _link.Send(frame);
            _end.Release();
        }
    }
}
