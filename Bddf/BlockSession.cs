using L4;

namespace Bddf;

/// <summary>The control side of one session. All calls come on the framework's one server thread; only the driver's death is told by another,
/// the one that watches the driver.</summary>
internal sealed class BlockSession : IBlockSession
{
    private readonly Lock _teardown = new();
    private readonly L4Task _task;
    private readonly Disk _disk;
    private readonly SessionLimits _limits;
    private readonly string _device;
    private readonly Action<BlockSession> _closed;
    private readonly SessionPath _path;
    private DiskChannel? _channel;
    private Capability _notification;
    private Capability _doorbell;
    private Capability _ringDataspace;
    private Mapping? _ring;
    private bool _isClosed;
    private bool _isTornDown;

    /// <param name="task">The framework's task.</param>
    /// <param name="disk">The disk.</param>
    /// <param name="device">The device's name as the client asked for it.</param>
    /// <param name="limits">What the session may do.</param>
    /// <param name="closed">Called once, at the end.</param>
    /// <exception cref="ServiceException">The disk has a driver, and that gives no channel.</exception>
    public BlockSession(L4Task task, Disk disk, string device, SessionLimits limits, Action<BlockSession> closed)
    {
        _task = task;
        _disk = disk;
        _device = device;
        _limits = limits;
        _closed = closed;
        _path = new SessionPath(limits, task.System.Events);
        _path.Stall();
        // While the disk has no driver, the session waits for one from its beginning.
        if (disk.State == DeviceState.Running)
            ResumeIfAlive();
        Gate = task.CreateGate(new BlockSessionDispatcher(this));
    }

    /// <summary>The client's way to this.</summary>
    public Capability Gate { get; }

    /// <inheritdoc />
    public BlockSessionInfo Describe() =>
        new(_device, _limits.SectorSize, _limits.Extent.Count, _limits.Rights, SessionPath.Entries, _limits.MaximumSectors);

    /// <inheritdoc />
    public SessionRing Connect(Capability completionNotification, ulong bits)
    {
        try
        {
            CheckUsable();
            if (_ring is not null)
                throw new ServiceException(ServiceError.Busy, $"the session of {_limits.Label} is connected already");
            if (bits == 0)
                throw new ServiceException(ServiceError.BadArgument, $"the session of {_limits.Label} was to signal no bits at all");
            var notification = _task.Open<Notification>(completionNotification, CapabilityRights.Write);
            _ringDataspace = _task.CreateDataspace("block-session-ring", RequestRing.BytesFor(SessionPath.Entries));
            _ring = _task.Map(_ringDataspace);
            _path.Connect(new RingResponder(_ring, SessionPath.Entries), notification, bits);
        }
        catch
        {
            ReleaseIfAny(completionNotification);
            throw;
        }
        _notification = completionNotification;
        _doorbell = _task.CreatePortal(_path.Doorbell);
        return new SessionRing(_ringDataspace, _doorbell, SessionPath.Entries);
    }

    /// <inheritdoc />
    public uint AttachBuffer(Capability dataspace)
    {
        try
        {
            CheckUsable();
            if (!_path.Buffers.HasRoom)
                throw new ServiceException(ServiceError.Exhausted, $"the session of {_limits.Label} has {BufferTable.Capacity} buffers, the limit");
            ulong bytes = _task.Open<Dataspace>(dataspace, CapabilityRights.Read).Size;
            bool isWritable = HasRight(dataspace, CapabilityRights.Write);
            // Without a driver the buffer waits for one, as requests do.
            var atDriver = _path.IsStalled || _channel is null ? default : AttachToDriver(_channel, dataspace);
            return _path.Buffers.Add(new AttachedBuffer(dataspace, atDriver, bytes, isWritable));
        }
        catch
        {
            ReleaseIfAny(dataspace);
            throw;
        }
    }

    /// <inheritdoc />
    public void DetachBuffer(uint buffer)
    {
        CheckOpen();
        var attached = _path.Buffers.Remove(buffer);
        // Should the driver refuse, the client hears of it; the number is free, and the framework's hold on the memory ends all the same.
        try
        {
            if (!_path.IsStalled && attached.Channel.Driver != 0)
                _channel?.DetachBuffer(attached.Channel);
        }
        finally
        {
            _task.Release(attached.Dataspace);
        }
    }

    /// <inheritdoc />
    public void Close()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        _path.StopSubmitting();
        // Not under the lock: the driver may take its time, or die over it, and then the watching thread has to get through.
        _channel?.Close();
        lock (_teardown)
        {
            _path.StopCompleting();
            _isTornDown = true;
        }
        foreach (var buffer in _path.Buffers.RemoveAll())
            _task.Release(buffer.Dataspace);
        _channel?.Free();
        _ring?.Dispose();
        ReleaseIfAny(_ringDataspace);
        ReleaseIfAny(_notification);
        ReleaseIfAny(_doorbell);
        _task.Release(Gate);
        _closed(this);
    }

    /// <summary>Ends all requests, now and later, because the disk is gone. The session stays until the client closes it.</summary>
    public void DiskGone()
    {
        lock (_teardown)
        {
            if (!_isTornDown)
                _path.EndAll(BlockStatus.DeviceGone);
        }
    }

    /// <summary>Sends nothing to the driver from now on, and keeps everything for the next one.</summary>
    public void Stall()
    {
        lock (_teardown)
        {
            if (!_isTornDown)
                _path.Stall();
        }
    }

    /// <summary>Whether nothing is in flight.</summary>
    public bool IsIdle => _path.InFlight == 0;

    /// <summary>Adds what the session's requests say about its driver.</summary>
    public DriverLoad AddLoad(DriverLoad load, long now) => new(
        load.InFlight + (uint)_path.InFlight, Math.Max(load.OldestNanoseconds, _path.WatchOldest(now)), load.Replayed + _path.Replayed, load.Refused + _path.Refused, load.Complaint);

    /// <summary>Has the disk's driver, which is another than before, go on with the session.</summary>
    /// <returns>How many requests it was given that the one before had not completed.</returns>
    /// <exception cref="ServiceException">The driver refuses, or is gone: the session still waits.</exception>
    public int Resume()
    {
        var port = _path.CreatePort();
        var channel = new DiskChannel(_task, _disk.Driver, _disk.Index, _disk.Info, port, SessionPath.Entries);
        try
        {
            var buffers = _path.Buffers.All().Select(entry => (entry.Number, channel.AttachBuffer(entry.Buffer.Dataspace))).ToArray();
            int replayed = _path.InFlight;
            // What the driver before was authorised to do it does no more: the new one's device is the same.
            _channel?.CloseAuthority();
            _path.Resume(channel, port, buffers)?.Free();
            _channel = channel;
            return replayed;
        }
        catch
        {
            channel.Free();
            throw;
        }
    }

    /// <summary>Lets go of a driver that still lives, when nothing is sent to it any more: it touches no buffer when this returns.</summary>
    public void CloseChannel() => _channel?.Close();

    /// <summary>A driver that dies over it leaves the session to the next one.</summary>
    private void ResumeIfAlive()
    {
        try
        {
            Resume();
        }
        catch (ServiceException exception) when (exception.Error == ServiceError.ServerGone && _disk.Driver.IsReplaceable)
        {
            // It waits.
        }
    }

    /// <summary>A driver that dies over it leaves the buffer to the next one.</summary>
    private ChannelBuffer AttachToDriver(DiskChannel channel, Capability dataspace)
    {
        try
        {
            return channel.AttachBuffer(dataspace);
        }
        catch (ServiceException exception) when (exception.Error == ServiceError.ServerGone && _disk.Driver.IsReplaceable)
        {
            return default;
        }
    }

    private void CheckOpen()
    {
        if (_isClosed)
            throw new ServiceException(ServiceError.ServerGone, $"the session of {_limits.Label} is closed");
    }

    private void CheckUsable()
    {
        CheckOpen();
        if (_disk.Gone is { } cause)
            throw new ServiceException(ServiceError.ServerGone, $"{_disk.Name} is gone: {cause}");
    }

    private bool HasRight(Capability capability, CapabilityRights right)
    {
        try
        {
            _task.Open<Dataspace>(capability, right);
            return true;
        }
        catch (ServiceException exception) when (exception.Error == ServiceError.AccessDenied)
        {
            return false;
        }
    }

    private void ReleaseIfAny(Capability capability)
    {
        if (!capability.IsNull)
            _task.Release(capability);
    }
}
