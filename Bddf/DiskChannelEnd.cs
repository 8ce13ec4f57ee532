using L4;

namespace Bddf;

/// <summary>
/// What every disk driver needs to serve one <see cref="IDiskChannel"/>: the ring, the requests out of it and the completions into it.
/// Mapping buffers for the device is the driver's own part.
/// </summary>
/// <remarks>One thread at a time takes and notifies; completing may be on any thread. Taking, completing and notifying allocate nothing.</remarks>
public sealed class DiskChannelEnd : IDisposable
{
    private readonly L4Task _task;
    private readonly Capability _completionPortal;
    private readonly Portal _portal;
    private readonly Capability _ringDataspace;
    private readonly Mapping _mapping;
    private readonly RingResponder _ring;
    private int _completed;

    /// <summary>Makes the ring.</summary>
    /// <param name="task">The driver's task.</param>
    /// <param name="completionPortal">As it came with <see cref="IDiskDriver.OpenChannel"/>; from here on this object's.</param>
    /// <param name="entries">As it came with <see cref="IDiskDriver.OpenChannel"/>.</param>
    /// <param name="doorbell">Notification on which the driver wants to hear of requests; stays the driver's.</param>
    /// <param name="doorbellBits">The bits to signal for this channel.</param>
    /// <exception cref="ServiceException">The portal is none, or the number of entries is impossible.</exception>
    public DiskChannelEnd(L4Task task, Capability completionPortal, uint entries, Capability doorbell, ulong doorbellBits)
    {
        _task = task;
        _portal = task.Open<Portal>(completionPortal);
        _completionPortal = completionPortal;
        _ringDataspace = task.CreateDataspace("disk-channel-ring", RequestRing.BytesFor(entries));
        _mapping = task.Map(_ringDataspace);
        _ring = new RingResponder(_mapping, entries);
        Setup = new ChannelSetup(_ringDataspace, doorbell, doorbellBits);
    }

    /// <summary>The answer to <see cref="IDiskChannel.Setup"/>.</summary>
    public ChannelSetup Setup { get; }

    /// <summary>Takes the next request; false when there is none.</summary>
    public bool TryTake(out BlockRequest request) => _ring.TryTake(out request);

    /// <summary>Answers a request; the framework sees it after <see cref="Notify"/>.</summary>
    public void Complete(in BlockCompletion completion)
    {
        _ring.Complete(completion);
        Volatile.Write(ref _completed, 1);
    }

    /// <summary>Hands the completions since the last call to the framework, on this thread. Does nothing if there are none, so a driver may
    /// call it at the end of each round of its loop.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.ServerGone"/>: the framework is gone, and with it everybody to serve.</exception>
    public void Notify()
    {
        if (Interlocked.Exchange(ref _completed, 0) != 0)
            _portal.Post(0);
    }

    /// <summary>Gives the ring and the portal up. Nothing of this object may be in use.</summary>
    public void Dispose()
    {
        _mapping.Dispose();
        _task.Release(_ringDataspace);
        _task.Release(_completionPortal);
    }
}
