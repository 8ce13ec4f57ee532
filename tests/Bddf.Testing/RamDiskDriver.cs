using L4;

namespace Bddf.Testing;

/// <summary>A disk driver task for <see cref="RamDisk"/>s: one server thread, one thread for the requests.</summary>
public sealed class RamDiskDriver : IDiskDriver
{
    private const ulong DoorbellBit = 1;
    private const ulong StopBit = 2;

    private readonly Lock _lock = new();
    private readonly L4Task _task;
    private readonly RamDisk[] _disks;
    private readonly List<RamDiskChannel> _channels = [];
    private readonly Capability _doorbell;
    private readonly Notification _notification;
    private readonly Notification _latency;
    private int _calls;

    /// <param name="task">The driver's task.</param>
    /// <param name="disks">The disks.</param>
    public RamDiskDriver(L4Task task, params RamDisk[] disks)
    {
        _task = task;
        _disks = disks;
        _doorbell = task.CreateNotification();
        _notification = task.Open<Notification>(_doorbell, CapabilityRights.All);
        _latency = task.Open<Notification>(task.CreateNotification(), CapabilityRights.All);
        Gate = task.CreateGate(new DiskDriverDispatcher(this));
        task.Ended += () => _notification.Signal(StopBit);
        task.StartThread("requests", Serve);
    }

    /// <summary>The driver's gate, in its task's capability space.</summary>
    public Capability Gate { get; }

    /// <summary>The call of its services at which it dies, from 1 on; 0 for none.</summary>
    public int DiesAtCall { get; init; }

    /// <summary>Has the driver look at all requests again, those that were held too.</summary>
    public void Continue() => _notification.Signal(DoorbellBit);

    /// <inheritdoc />
    public DiskInfo[] List()
    {
        CountCall();
        return [.. _disks.Select(disk => disk.Describe())];
    }

    /// <inheritdoc />
    public Capability OpenChannel(uint disk, Capability completionPortal, uint entries)
    {
        CountCall();
        if (disk >= _disks.Length)
            throw new ServiceException(ServiceError.NotFound, $"there is no disk {disk}; there are {_disks.Length}");
        var end = new DiskChannelEnd(_task, completionPortal, entries, _doorbell, DoorbellBit);
        var channel = new RamDiskChannel(_task, _disks[disk], end, _lock, CountCall, closed => _channels.Remove(closed));
        lock (_lock)
            _channels.Add(channel);
        return _task.CreateGate(new DiskChannelDispatcher(channel));
    }

    private void CountCall()
    {
        if (Interlocked.Increment(ref _calls) == DiesAtCall)
            _task.Kill("the test said so");
    }

    private void Serve()
    {
        while ((_notification.Wait() & StopBit) == 0)
        {
            long latency = _disks.Length == 0 ? 0 : _disks.Max(disk => disk.Latency);
            if (latency > 0)
                _latency.Wait(_task.System.Clock.Now + latency);
            lock (_lock)
            {
                foreach (var channel in _channels)
                    channel.DoRequests();
            }
        }
    }
}

/// <summary>One channel; its lock is the driver's.</summary>
internal sealed class RamDiskChannel(L4Task task, RamDisk disk, DiskChannelEnd end, Lock driverLock, Action countCall, Action<RamDiskChannel> closed) : IDiskChannel
{
    private readonly Dictionary<uint, (Mapping Memory, Capability Dataspace)> _buffers = [];
    private readonly LinkedList<BlockRequest> _held = new();
    private uint _lastBuffer;

    public ChannelSetup Setup()
    {
        countCall();
        return end.Setup;
    }

    public uint AttachBuffer(Capability dataspace, bool isWritable)
    {
        countCall();
        lock (driverLock)
        {
            // The driver maps with all the rights it got: read alone if the client's buffer is one that it may only read.
            _buffers.Add(++_lastBuffer, (Map(dataspace), dataspace));
            return _lastBuffer;
        }
    }

    public void DetachBuffer(uint buffer)
    {
        lock (driverLock)
        {
            if (!_buffers.Remove(buffer, out var found))
                throw new ServiceException(ServiceError.NotFound, $"the channel has no buffer {buffer}");
            Free(found);
        }
    }

    public void Close()
    {
        lock (driverLock)
        {
            while (TryNext(out var request) || end.TryTake(out request))
                end.Complete(new BlockCompletion(request.Tag, BlockStatus.Aborted));
            end.Notify();
            closed(this);
            foreach (var buffer in _buffers.Values)
                Free(buffer);
            end.Dispose();
        }
    }

    /// <summary>Does what has been asked for. Called with the driver's lock held.</summary>
    internal void DoRequests()
    {
        while (end.TryTake(out var request))
            _held.AddLast(request);
        while (!task.IsDead && !disk.Hold && TryNext(out var request))
        {
            end.Complete(disk.Do(request, request.Buffer == 0 ? [] : _buffers[request.Buffer].Memory.Bytes));
            disk.Step?.Invoke();
        }
        end.Notify();
    }

    private bool TryNext(out BlockRequest request)
    {
        request = default;
        if ((disk.NewestFirst ? _held.Last : _held.First) is not { } next)
            return false;
        request = next.Value;
        _held.Remove(next);
        return true;
    }

    private Mapping Map(Capability dataspace)
    {
        try
        {
            return task.Map(dataspace);
        }
        catch (ServiceException exception) when (exception.Error == ServiceError.AccessDenied)
        {
            return task.Map(dataspace, CapabilityRights.Read);
        }
    }

    private void Free((Mapping Memory, Capability Dataspace) buffer)
    {
        buffer.Memory.Dispose();
        task.Release(buffer.Dataspace);
    }
}
