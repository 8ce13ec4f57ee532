using L4;

namespace Bddf;

/// <summary>
/// A session as applications use it: asynchronous through <see cref="TrySubmit"/>, <see cref="Ring"/>, <see cref="Wait"/> and
/// <see cref="Reap"/>, or one request at a time through <see cref="Execute"/> and what builds on it.
/// </summary>
/// <remarks>For one thread at a time, a thread of the task that opened it. Submitting, ringing, waiting and reaping allocate nothing.</remarks>
public sealed class BlockClient : IDisposable
{
    private const ulong CompletionBit = 1;
    private const ulong GoneBit = 2;

    private readonly L4Task _task;
    private readonly BlockSessionProxy _session;
    private readonly Capability _notificationCapability;
    private readonly Notification _notification;
    private readonly SessionRing _connection;
    private readonly Mapping _mapping;
    private readonly RingRequester _ring;
    private readonly Portal _doorbell;
    private bool _disposed;

    private BlockClient(L4Task task, Capability session)
    {
        _task = task;
        _session = new BlockSessionProxy(task, session);
        Info = _session.Describe();
        _notificationCapability = task.CreateNotification();
        _notification = task.Open<Notification>(_notificationCapability, CapabilityRights.All);
        task.NotifyWhenGone(session, _notificationCapability, GoneBit);
        _connection = _session.Connect(_notificationCapability, CompletionBit);
        _mapping = task.Map(_connection.Ring);
        _ring = new RingRequester(_mapping, _connection.Entries);
        _doorbell = task.Open<Portal>(_connection.Doorbell);
    }

    /// <summary>What the session reaches.</summary>
    public BlockSessionInfo Info { get; }

    /// <summary>Bytes in a sector.</summary>
    public uint SectorSize => Info.SectorSize;

    /// <summary>Sectors of the session's extent, counted from 0.</summary>
    public ulong Sectors => Info.Sectors;

    /// <summary>What the session may do.</summary>
    public BlockRights Rights => Info.Rights;

    /// <summary>Requests submitted and not reaped.</summary>
    public uint InFlight { get; private set; }

    /// <summary>Describes all disks, also those that are gone.</summary>
    /// <param name="task">The calling task.</param>
    /// <param name="server">Its gate of <see cref="IBlockServer"/>.</param>
    public static BlockDeviceInfo[] ListDisks(L4Task task, Capability server)
    {
        var proxy = new BlockServerProxy(task, server);
        return [.. proxy.List().Select(proxy.Describe)];
    }

    /// <summary>Opens a disk or partition, or the part of it that <paramref name="extent"/> says.</summary>
    /// <param name="task">The calling task.</param>
    /// <param name="server">Its gate of <see cref="IBlockServer"/>.</param>
    /// <param name="device">The device's name.</param>
    /// <param name="rights">What the session is to be able to do.</param>
    /// <param name="extent">In sectors of the device; null for all of it.</param>
    /// <exception cref="ServiceException">See <see cref="IBlockServer.OpenSession"/> and <see cref="IBlockServer.OpenExtent"/>.</exception>
    public static BlockClient Open(L4Task task, Capability server, string device, BlockRights rights, Extent? extent = null)
    {
        var proxy = new BlockServerProxy(task, server);
        return new BlockClient(task,
            extent is { } part ? proxy.OpenExtent(device, rights, part.First, part.Count) : proxy.OpenSession(device, rights));
    }

    /// <summary>Makes memory for requests. The caller disposes it, before the client or after.</summary>
    /// <param name="bytes">At least so many; rounded up to pages.</param>
    public BlockBuffer AllocateBuffer(ulong bytes) => new(_task, this, bytes);

    /// <summary>Writes a request into the ring. It starts with the next <see cref="Ring"/>.</summary>
    /// <returns>False when as many requests are in flight as the session admits: ring, wait and reap first.</returns>
    public bool TrySubmit(in BlockRequest request)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (InFlight == _connection.Entries || !_ring.TryWrite(request))
            return false;
        InFlight++;
        return true;
    }

    /// <summary>Hands all requests written since the last call to the framework. What it refuses is completed when this returns.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.ServerGone"/>: the framework is gone, or the session closed.</exception>
    public void Ring()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _ring.Publish();
        _doorbell.Enter(0);
    }

    /// <summary>Takes completions, in no particular order.</summary>
    /// <returns>How many were taken; 0 when none is there.</returns>
    public int Reap(Span<BlockCompletion> completions)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        int count = 0;
        while (count < completions.Length && InFlight > 0 && _ring.TryReap(out completions[count]))
        {
            InFlight--;
            count++;
        }
        return count;
    }

    /// <summary>Waits until a completion can be reaped.</summary>
    /// <param name="deadline">Time of the system's clock in nanoseconds.</param>
    /// <returns>False when the deadline was reached first, or nothing is in flight.</returns>
    /// <exception cref="ServiceException"><see cref="ServiceError.ServerGone"/>: the framework is gone.</exception>
    public bool Wait(long deadline = Clock.Never)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        while (InFlight > 0)
        {
            if (_ring.HasCompletion)
                return true;
            ulong bits = _notification.Wait(deadline);
            if ((bits & GoneBit) != 0)
                throw new ServiceException(ServiceError.ServerGone, $"the block framework is gone with {InFlight} requests to {Info.Device} in flight");
            if (bits == 0)
                return _ring.HasCompletion;
        }
        return false;
    }

    /// <summary>Does one request and waits for its end.</summary>
    /// <exception cref="InvalidOperationException">Other requests are in flight.</exception>
    public BlockCompletion Execute(in BlockRequest request)
    {
        if (InFlight > 0)
            throw new InvalidOperationException($"{InFlight} requests to {Info.Device} are in flight; Execute would reap them.");
        TrySubmit(request);
        Ring();
        Wait();
        _ring.TryReap(out var completion);
        InFlight = 0;
        return completion;
    }

    /// <summary>Reads sectors into <paramref name="buffer"/>, in as many requests as it takes, one after the other.</summary>
    /// <returns>The first completion that failed, or the last.</returns>
    public BlockCompletion Read(BlockBuffer buffer, ulong bufferOffset, ulong firstSector, ulong sectors) =>
        Transfer(BlockOperation.Read, buffer, bufferOffset, firstSector, sectors);

    /// <summary>Writes sectors from <paramref name="buffer"/>, in as many requests as it takes, one after the other.</summary>
    /// <returns>The first completion that failed, or the last.</returns>
    public BlockCompletion Write(BlockBuffer buffer, ulong bufferOffset, ulong firstSector, ulong sectors) =>
        Transfer(BlockOperation.Write, buffer, bufferOffset, firstSector, sectors);

    /// <summary>Makes all completed writes durable.</summary>
    public BlockCompletion Flush() => Execute(new BlockRequest(0, BlockOperation.Flush, 0, 0, 0, 0));

    /// <summary>Closes the session. Neither driver nor device touch its buffers afterwards.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        try
        {
            _session.Close();
        }
        catch (ServiceException exception) when (exception.Error == ServiceError.ServerGone)
        {
            // The session went with the framework.
        }
        _mapping.Dispose();
        _task.Release(_connection.Ring);
        _task.Release(_connection.Doorbell);
        _task.Release(_notificationCapability);
        _task.Release(_session.Gate);
    }

    internal uint Attach(Capability dataspace)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _session.AttachBuffer(dataspace);
    }

    /// <summary>Has the framework let go of a buffer. When the session, the disk or the framework is gone, so is their hold on it.</summary>
    internal void Detach(uint buffer)
    {
        if (_disposed)
            return;
        try
        {
            _session.DetachBuffer(buffer);
        }
        catch (ServiceException exception) when (exception.Error == ServiceError.ServerGone)
        {
            // Nobody is left who would use the memory.
        }
    }

    private BlockCompletion Transfer(BlockOperation operation, BlockBuffer buffer, ulong bufferOffset, ulong firstSector, ulong sectors)
    {
        while (true)
        {
            ulong now = Math.Min(sectors, Info.MaximumSectors);
            var completion = Execute(new BlockRequest(0, operation, buffer.Id, bufferOffset, firstSector, now));
            sectors -= now;
            if (completion.Status != BlockStatus.Ok || sectors == 0)
                return completion;
            bufferOffset += now * SectorSize;
            firstSector += now;
        }
    }
}
