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
    private readonly Nic _nic;
    private readonly NicDirection _direction;
    private readonly bool _promiscuous;
    private readonly uint _slots;
    private readonly QueuePath _path;
    private NicChannel? _channel;
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
        (_nic, _direction, _promiscuous, _slots) = (nic, limits.Direction, promiscuous, slots);
        _frames = frames;
        try
        {
            // While the card has no driver, the queue waits for one from its beginning.
            if (nic.State == DeviceState.Running)
                ResumeIfAlive();
        }
        catch
        {
            _ring.Dispose();
            task.Release(_ringDataspace);
            throw;
        }
        _notification = notification;
        _doorbell = task.CreatePortal(_path.Doorbell);
        Connection = new QueueRing(_ringDataspace, _doorbell);
    }

    /// <summary>What the client gets.</summary>
    public QueueRing Connection { get; }

    /// <summary>Shows the client whether the link is up.</summary>
    public void SetLink(bool isUp) => _path.SetLink(isUp);

    /// <summary>Frames that were with a driver when it ended.</summary>
    public ulong FramesLost => _path.FramesLost;

    /// <summary>Whether the driver has no frame to send.</summary>
    public bool IsIdle => _path.IsIdle;

    /// <summary>Hands nothing to the driver from now on.</summary>
    public void Stall()
    {
        lock (_teardown)
        {
            if (!_isTornDown)
                _path.Stall();
        }
    }

    /// <summary>Has the card's driver, which is another than before, go on with the queue.</summary>
    /// <exception cref="ServiceException">The driver refuses, or is gone: the queue still waits.</exception>
    public void Resume()
    {
        var rights = _direction == NicDirection.Transmit ? CapabilityRights.Read : CapabilityRights.All;
        var restricted = _task.Restrict(_frames, rights);
        try
        {
            var port = _path.CreatePort();
            var channel = new NicChannel(_task, _nic, _direction, _promiscuous, restricted, _slots, port);
            _path.Resume(channel, port)?.Free();
            _channel = channel;
        }
        finally
        {
            _task.Release(restricted);
        }
    }

    /// <summary>Lets go of a driver that still lives, when nothing is handed to it any more.</summary>
    public void CloseChannel() => _channel?.Close();

    /// <summary>A driver that dies over it leaves the queue to the next one.</summary>
    private void ResumeIfAlive()
    {
        try
        {
            Resume();
        }
        catch (ServiceException exception) when (exception.Error == ServiceError.ServerGone && _nic.Driver.IsReplaceable)
        {
            // It waits.
        }
    }

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
        _channel?.Close();
        lock (_teardown)
        {
            _path.StopCompleting();
            _isTornDown = true;
        }
        _channel?.Free();
        _ring.Dispose();
        foreach (var capability in new[] { _ringDataspace, _doorbell, _frames, _notification })
            _task.Release(capability);
    }
}
