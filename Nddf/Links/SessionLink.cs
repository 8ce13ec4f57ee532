using L4;

namespace Nddf.Links;

/// <summary>
/// Joins a session to a link: a task with a thread for each direction. What comes from the link is read straight into the session's slots and sent
/// from there; what comes from the wire is written to the link from its slot, segments of TCP that follow each other in one packet. One doorbell and one wake-up a batch.
/// </summary>
public sealed class SessionLink
{
    /// <summary>Frames between two doorbells: enough that the doorbell costs little, few enough that the driver starts while more are read.</summary>
    private const int BatchFrames = 64;

    private readonly NicClient _client;
    private readonly ILink _link;
    private volatile bool _stopping;
    private int _running = 2;

    private SessionLink(NicClient client, ILink link)
    {
        _client = client;
        _link = link;
    }

    /// <summary>Opens the session and starts the threads. The task ends, with the cause, when the link or the card does, and the session is closed.</summary>
    /// <param name="task">A task that does nothing else.</param>
    /// <param name="server">Its gate of <see cref="INicServer"/>.</param>
    /// <param name="nic">The card.</param>
    /// <param name="rights">Rights beyond receiving and transmitting.</param>
    /// <param name="link">The link; stays the caller's, who disposes it after the task.</param>
    /// <exception cref="ServiceException">See <see cref="NicClient.Open"/>.</exception>
    public static void Start(L4Task task, Capability server, string nic, NicRights rights, ILink link)
    {
        using var attached = task.Enter();
        var joined = new SessionLink(NicClient.Open(task, server, nic, rights | NicRights.Receive | NicRights.Transmit), link);
        task.Ended += joined.Stop;
        task.StartThread("from link", () => joined.Run(joined.FromLink));
        task.StartThread("to link", () => joined.Run(joined.ToLink));
    }

    private void Stop()
    {
        _stopping = true;
        _link.Wake();
        _client.Receive.Interrupt();
        _client.Transmit.Interrupt();
    }

    private void Run(Action direction)
    {
        try
        {
            direction();
        }
        catch
        {
            // The other direction ends of it, too.
            Stop();
            throw;
        }
        finally
        {
            // The last one out: nobody uses the queues any more.
            if (Interlocked.Decrement(ref _running) == 0)
                _client.Dispose();
        }
    }

    private void FromLink()
    {
        var queue = _client.Transmit;
        while (!_stopping && !queue.IsGone)
        {
            int batch = 0;
            bool isDry = false;
            while (batch < BatchFrames)
            {
                var slot = queue.Next();
                if (slot.IsEmpty)
                    break;
                int length = _link.Receive(slot);
                if (length == 0)
                {
                    isDry = true;
                    break;
                }
                queue.Submit(length);
                batch++;
            }
            if (batch > 0)
                queue.Ring();
            else if (_link.End is { } cause)
                throw new ServiceException(ServiceError.DeviceError, cause);
            else if (isDry)
                _link.Wait();
            else
                queue.Wait();
        }
    }

    private void ToLink()
    {
        var queue = _client.Receive;
        var merger = new SegmentMerger(_link);
        while (!_stopping)
        {
            queue.Wait();
            int batch = 0;
            while (queue.TryTake(out var frame))
            {
                merger.Send(frame);
                // The driver is given slots again while there is still more to send.
                if (++batch % BatchFrames != 0)
                    continue;
                merger.Flush();
                queue.Ring();
            }
            merger.Flush();
            if (queue.IsGone)
                throw new ServiceException(ServiceError.ServerGone, $"{_client.Info.Nic} is gone, and with it {_link.Name}");
            queue.Ring();
        }
    }
}
