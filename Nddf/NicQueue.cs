using L4;

namespace Nddf;

/// <summary>One queue of a session: its memory, its ring, and its way to the driver. On the framework's one server thread; only the driver's
/// death is told by another.</summary>
internal sealed class NicQueue
{
    private readonly Lock _teardown = new();
    private readonly L4Task _task;
    private readonly Capability _frames;
    private readonly Capability _notification;
    private readonly Capability _ringDataspace;
    private readonly Capability _doorbell;
    private readonly Mapping _ring;
    private readonly QueuePath _path;
    private readonly NicChannel _channel;
    private bool _isTornDown;

    /// <param name="task">The framework's task.</param>
    /// <param name="nic">The card.</param>
    /// <param name="limits">What frames are checked against.</param>
    /// <param name="promiscuous">Whether all frames on the wire are wanted.</param>
    /// <param name="frames">The client's memory; this object's when the constructor returns.</param>
    /// <param name="notification">The client's notification; this object's when the constructor returns.</param>
    /// <param name="bits">The bits to signal.</param>
    /// <exception cref="ServiceException">Memory or slots do not fit, a capability lacks a right, or the driver refuses.</exception>
    public NicQueue(L4Task task, Nic nic, QueueLimits limits, bool promiscuous, Capability frames, Capability notification, ulong bits)
    {
        _task = task;
        uint slots = limits.Slots;
        ulong ringBytes = FrameRing.BytesFor(slots);
        if (bits == 0)
            throw new ServiceException(ServiceError.BadArgument, $"the queue of {limits.Label} was to signal no bits at all");
        var rights = limits.Direction == NicDirection.Transmit ? CapabilityRights.Read : CapabilityRights.All;
        ulong bytes = task.Open<Dataspace>(frames, rights).Size;
        if (!new Extent(0, bytes).Contains(0, (ulong)slots * FrameRing.SlotBytes))
            throw new ServiceException(ServiceError.BadArgument, $"the frames' dataspace of {limits.Label} has {bytes} bytes; {slots} slots of {FrameRing.SlotBytes} do not fit");
        var signalled = task.Open<Notification>(notification, CapabilityRights.Write);

        _ringDataspace = task.CreateDataspace("nic-session-ring", ringBytes);
        _ring = task.Map(_ringDataspace);
        _path = new QueuePath(limits, new FrameServer(_ring, slots), signalled, bits, task.System.Events);
        var restricted = task.Restrict(frames, rights);
        try
        {
            _channel = new NicChannel(task, nic, limits.Direction, promiscuous, restricted, slots, _path.Completions);
        }
        catch
        {
            _ring.Dispose();
            task.Release(_ringDataspace);
            throw;
        }
        finally
        {
            task.Release(restricted);
        }
        _path.Attach(_channel);
        _frames = frames;
        _notification = notification;
        _doorbell = task.CreatePortal(_path.Doorbell);
        Connection = new QueueRing(_ringDataspace, _doorbell);
    }

    /// <summary>What the client gets.</summary>
    public QueueRing Connection { get; }

    /// <summary>Shows the client whether the link is up.</summary>
    public void SetLink(bool isUp) => _path.SetLink(isUp);

    /// <summary>Gives all slots back, now and later, because the card is gone.</summary>
    public void NicGone()
    {
        lock (_teardown)
        {
            if (!_isTornDown)
                _path.EndAll(FrameStatus.DeviceGone);
        }
    }

    /// <summary>Ends the queue and gives everything up.</summary>
    public void Close()
    {
        _path.StopSubmitting();
        // Not under the lock: the driver may take its time, or die over it, and then the watching thread has to get through.
        _channel.Close();
        lock (_teardown)
        {
            _path.StopCompleting();
            _isTornDown = true;
        }
        _channel.Free();
        _ring.Dispose();
        foreach (var capability in new[] { _ringDataspace, _doorbell, _frames, _notification })
            _task.Release(capability);
    }
}
