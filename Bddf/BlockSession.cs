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
    private readonly DiskChannel _channel;
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
    /// <exception cref="ServiceException">The driver gives no channel.</exception>
    public BlockSession(L4Task task, Disk disk, string device, SessionLimits limits, Action<BlockSession> closed)
    {
        _task = task;
        _disk = disk;
        _device = device;
        _limits = limits;
        _closed = closed;
        _path = new SessionPath(limits, task.System.Events);
        _channel = new DiskChannel(task, disk.Driver.Service, disk.Index, _path.Completions, SessionPath.Entries);
        _path.Attach(_channel);
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
            uint driverBuffer = _channel.AttachBuffer(dataspace);
            return _path.Buffers.Add(new AttachedBuffer(dataspace, driverBuffer, bytes, isWritable));
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
            _channel.DetachBuffer(attached.DriverBuffer);
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
        _channel.Close();
        lock (_teardown)
        {
            _path.StopCompleting();
            _isTornDown = true;
        }
        foreach (var buffer in _path.Buffers.RemoveAll())
            _task.Release(buffer.Dataspace);
        _channel.Free();
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
