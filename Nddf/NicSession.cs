using L4;

namespace Nddf;

/// <summary>The control side of one session. All calls come on the framework's one server thread; only the driver's death is told by another,
/// the one that watches the driver.</summary>
internal sealed class NicSession : INicSession
{
    private readonly Lock _lock = new();
    private readonly L4Task _task;
    private readonly Nic _nic;
    private readonly string _client;
    private readonly NicSessionInfo _info;
    private readonly Action<NicSession> _closed;
    private readonly NicQueue?[] _queues = new NicQueue?[2];
    private bool _isClosed;

    /// <param name="task">The framework's task.</param>
    /// <param name="nic">The card.</param>
    /// <param name="client">The client's name.</param>
    /// <param name="info">What the session reaches.</param>
    /// <param name="closed">Called once, at the end.</param>
    public NicSession(L4Task task, Nic nic, string client, NicSessionInfo info, Action<NicSession> closed)
    {
        _task = task;
        _nic = nic;
        _client = client;
        _info = info;
        _closed = closed;
        Gate = task.CreateGate(new NicSessionDispatcher(this));
    }

    /// <summary>The client's way to this.</summary>
    public Capability Gate { get; }

    private string Label => $"client '{_client}' on {_info.Nic} ({_info.Rights})";

    /// <inheritdoc />
    public NicSessionInfo Describe() => _info;

    /// <inheritdoc />
    public QueueRing Connect(NicDirection direction, Capability frames, uint slots, Capability notification, ulong bits)
    {
        try
        {
            CheckUsable();
            CheckDirection(direction);
            bool promiscuous = direction == NicDirection.Receive && _info.Rights.HasFlag(NicRights.Promiscuous);
            var limits = new QueueLimits($"{Label}, {direction}", direction, slots, _info.Mtu + FrameRing.HeaderBytes);
            var queue = new NicQueue(_task, _nic, limits, promiscuous, frames, notification, bits);
            lock (_lock)
                _queues[(int)direction] = queue;
            // What the card was like before the driver had anybody to tell; and it may have gone meanwhile.
            if (_nic.Gone is not null)
                queue.NicGone();
            else if (_nic.State == DeviceState.Running)
                ShowLink(queue);
            else
                queue.Stall();
            return queue.Connection;
        }
        catch
        {
            ReleaseIfAny(frames);
            ReleaseIfAny(notification);
            throw;
        }
    }

    /// <inheritdoc />
    public void Close()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        foreach (var queue in _queues)
            queue?.Close();
        _task.Release(Gate);
        _closed(this);
    }

    /// <summary>Gives all slots back, now and later, because the card is gone. The session stays until the client closes it.</summary>
    public void NicGone()
    {
        lock (_lock)
        {
            foreach (var queue in _queues)
                queue?.NicGone();
        }
    }

    /// <summary>Frames that were with a driver when it ended.</summary>
    public ulong FramesLost => _queues.Aggregate(0UL, (lost, queue) => lost + (queue?.FramesLost ?? 0));

    /// <summary>Whether the driver has no frame to send.</summary>
    public bool IsIdle => Array.TrueForAll(_queues, queue => queue?.IsIdle ?? true);

    /// <summary>Hands nothing to the driver from now on.</summary>
    public void Stall()
    {
        lock (_lock)
        {
            foreach (var queue in _queues)
                queue?.Stall();
        }
    }

    /// <summary>Has the card's driver, which is another than before, go on with the session.</summary>
    /// <exception cref="ServiceException">The driver refuses, or is gone: the session still waits.</exception>
    public void Resume()
    {
        foreach (var queue in _queues)
            queue?.Resume();
    }

    /// <summary>Shows that the link is up.</summary>
    public void ShowLinkUp()
    {
        foreach (var queue in _queues)
            queue?.SetLink(isUp: true);
    }

    /// <summary>Lets go of a driver that still lives, when nothing is handed to it any more.</summary>
    public void CloseChannels()
    {
        foreach (var queue in _queues)
            queue?.CloseChannel();
    }

    /// <summary>Shows a new queue what the link is like. The driver tells it of changes at the same time, on another thread: so an answer counts only
    /// if the driver gives the same once it was shown.</summary>
    private void ShowLink(NicQueue queue)
    {
        bool isUp = _nic.Read().IsLinkUp;
        while (true)
        {
            queue.SetLink(isUp);
            bool now = _nic.Read().IsLinkUp;
            if (now == isUp)
                return;
            isUp = now;
        }
    }

    private void CheckDirection(NicDirection direction)
    {
        var needed = direction switch
        {
            NicDirection.Transmit => NicRights.Transmit,
            NicDirection.Receive => NicRights.Receive,
            _ => throw new ServiceException(ServiceError.BadArgument, $"direction {(uint)direction} of {Label} means nothing"),
        };
        if (!_info.Rights.HasFlag(needed))
            throw new ServiceException(ServiceError.AccessDenied, $"the session of {Label} may not {direction}");
        if (_queues[(int)direction] is not null)
            throw new ServiceException(ServiceError.Busy, $"the session of {Label} has its {direction} queue already");
    }

    private void CheckUsable()
    {
        if (_isClosed)
            throw new ServiceException(ServiceError.ServerGone, $"the session of {Label} is closed");
        _nic.CheckPresent();
    }

    private void ReleaseIfAny(Capability capability)
    {
        if (!capability.IsNull)
            _task.Release(capability);
    }
}
