using L4;

namespace Bddf;

/// <summary>What a session's requests are checked against.</summary>
/// <param name="Label">Client and device, for messages.</param>
/// <param name="Rights">What the session may do.</param>
/// <param name="Extent">Its sectors on the disk.</param>
/// <param name="SectorSize">Bytes in a sector.</param>
/// <param name="MaximumSectors">Sectors that the driver takes in one request.</param>
internal sealed record SessionLimits(string Label, BlockRights Rights, Extent Extent, uint SectorSize, uint MaximumSectors);

/// <summary>
/// The way of the requests: from the client's ring, checked, into the driver's; and of the completions back. It has no thread of its own:
/// the client's thread brings the requests through the doorbell portal, the driver's thread the completions through the completion portal.
/// Nothing is allocated, locked or copied, except to report what was refused or failed.
/// </summary>
internal sealed partial class SessionPath
{
    /// <summary>Entries of a session's rings: as many as there are slots.</summary>
    public const uint Entries = InFlightTable.Capacity;

    private readonly SessionLimits _limits;
    private readonly EventLog _events;
    private readonly InFlightTable _inFlight = new();
    private DiskChannel? _channel;
    private CompletionPort? _port;
    private RingResponder? _client;
    private Notification _clientNotification = null!;
    private ulong _clientBits;
    private EntryGuard _submitting;
    private EntryGuard _completing;
    private BlockRequest _held;
    private int _isHolding;
    private int _isStalled;
    private uint _end;

    public SessionPath(SessionLimits limits, EventLog events)
    {
        _limits = limits;
        _events = events;
        Doorbell = new DoorbellPort(this);
    }

    /// <summary>The client's way in.</summary>
    public IPortalHandler Doorbell { get; }

    /// <summary>The session's buffers.</summary>
    public BufferTable Buffers { get; } = new();

    /// <summary>Sets the client's side. Before the client gets the doorbell.</summary>
    public void Connect(RingResponder client, Notification notification, ulong bits)
    {
        _client = client;
        _clientNotification = notification;
        _clientBits = bits;
    }

    /// <summary>Ends all requests in flight, and all that will come, with <paramref name="status"/>. Not at the same time as
    /// <see cref="StopCompleting"/>.</summary>
    public void EndAll(BlockStatus status)
    {
        Interlocked.Exchange(ref _end, (uint)status);
        Sweep();
        // What a stalled session has not taken, too.
        if (_submitting.TryEnter())
            TakeWaiting();
    }

    /// <summary>Takes no requests any more; when this returns no client is inside.</summary>
    public void StopSubmitting() => _submitting.Close();

    /// <summary>Takes no completions any more; when this returns no driver is inside, and nothing is in flight. After
    /// <see cref="StopSubmitting"/>.</summary>
    public void StopCompleting()
    {
        _completing.Close();
        EndAll(BlockStatus.Aborted);
        if (_isHolding != 0)
            Finish(_held, new BlockCompletion(0, BlockStatus.Aborted));
        _isHolding = 0;
    }

    private ulong TakeRequests()
    {
        if (_submitting.TryEnter())
            return TakeRounds();
        if (_submitting.IsClosed)
            throw new ServiceException(ServiceError.ServerGone, $"the session of {_limits.Label} is closed");
        return 0;
    }

    /// <summary>The work of who got inside, until nobody left word.</summary>
    private ulong TakeRounds()
    {
        ulong total = 0;
        try
        {
            while (true)
            {
                uint taken = TakeRound();
                total += taken;
                if (taken == Entries && !_submitting.IsClosed)
                    continue;
                if (_submitting.TryLeave())
                    return total;
            }
        }
        catch (Exception exception)
        {
            _events.Report("bddf", "malformed-ring", $"{_limits.Label}: {exception.Message}");
            Leave(ref _submitting);
            throw;
        }
    }

    /// <summary>As <see cref="TakeRounds"/>, on a thread that is not the client's and must not suffer for what the client did to its ring. The
    /// client meets it when it rings.</summary>
    private void TakeWaiting()
    {
        try
        {
            TakeRounds();
        }
        catch (ServiceException)
        {
            // Reported there.
        }
    }

    /// <summary>Takes at most a ringful, so that closing never waits long.</summary>
    private uint TakeRound()
    {
        uint taken = 0;
        uint forwarded = 0;
        uint refused = 0;
        try
        {
            while (taken < Entries && !MustWait() && TryTake(out var request))
            {
                if (MustHold(request))
                    break;
                taken++;
                var status = Forward(request);
                if (status == BlockStatus.Ok)
                {
                    forwarded++;
                    continue;
                }
                refused++;
                Finish(request, new BlockCompletion(0, status));
            }
        }
        finally
        {
            // Also when the ring turns out to be nonsense half way: what was admitted before that is on its way.
            if (forwarded > 0)
                Send();
            if (refused > 0)
                _clientNotification.Signal(_clientBits);
        }
        return taken;
    }

    /// <summary>Whether there are no requests yet, or nobody who would do them now, but will be.</summary>
    private bool MustWait() => _client is null || Volatile.Read(ref _isStalled) != 0 && Volatile.Read(ref _end) == 0;

    /// <summary>The request that was held back, or the next.</summary>
    private bool TryTake(out BlockRequest request)
    {
        request = _held;
        if (_isHolding == 0)
            return _client!.TryTake(out request);
        Volatile.Write(ref _isHolding, 0);
        return true;
    }

    /// <summary>
    /// Holds a request back as long as one in flight changes the same sectors: then neither a driver that does its requests in any order, nor
    /// one that dies and whose successor does them again, can put an older write over a newer one that was acknowledged.
    /// </summary>
    private bool MustHold(in BlockRequest request)
    {
        if (!_inFlight.Conflicts(request))
            return false;
        _held = request;
        // A full fence: who completes the other one either sees that a request is held, or is seen to have completed it.
        Interlocked.Exchange(ref _isHolding, 1);
        if (_inFlight.Conflicts(request))
            return true;
        Volatile.Write(ref _isHolding, 0);
        return false;
    }

    private void Send()
    {
        _channel!.Publish();
        // The disk may have gone after the requests were admitted and before they could be seen.
        if (Volatile.Read(ref _end) != 0)
            Sweep();
    }

    private BlockStatus Forward(in BlockRequest request)
    {
        var end = (BlockStatus)Volatile.Read(ref _end);
        if (end != BlockStatus.Ok)
            return end;
        var status = CheckRequest(request);
        if (status != BlockStatus.Ok)
            return status;
        ChannelBuffer atDriver = default;
        bool usesBuffer = UsesBuffer(request.Operation);
        if (usesBuffer)
        {
            if (!Buffers.TryUse(request.Buffer, out var buffer))
                return BlockStatus.BadBuffer;
            atDriver = buffer.Channel;
            status = CheckBuffer(request, buffer);
        }
        ulong tag = 0;
        if (status == BlockStatus.Ok && !_inFlight.TryAdd(request, out tag))
            status = BlockStatus.TooManyInFlight;
        if (status == BlockStatus.Ok)
        {
            if (_channel!.TryWrite(ForDriver(tag, request), atDriver))
                return BlockStatus.Ok;
            // There are as many slots as ring entries, so only a driver that does not count right gets here. If the session's end came
            // between and claimed the request, it has answered it too.
            if (!_inFlight.TryClaim(tag, out _))
                return BlockStatus.Ok;
            status = BlockStatus.DeviceFault;
        }
        if (usesBuffer)
            Buffers.EndUse(request.Buffer);
        return status;
    }

    /// <summary>A request in the driver's numbers. It was checked against the extent: the sum lies on the disk.</summary>
    private BlockRequest ForDriver(ulong tag, in BlockRequest request) => new(
        tag, request.Operation, 0, request.BufferOffset,
        request.Operation == BlockOperation.Flush ? 0 : _limits.Extent.First + request.FirstSector, request.Sectors);

    private BlockStatus CheckRequest(in BlockRequest request)
    {
        var needed = request.Operation switch
        {
            BlockOperation.Read => BlockRights.Read,
            BlockOperation.Write or BlockOperation.Flush => BlockRights.Write,
            BlockOperation.Erase => BlockRights.Erase,
            _ => BlockRights.None,
        };
        if (needed == BlockRights.None || (!UsesBuffer(request.Operation) && (request.Buffer != 0 || request.BufferOffset != 0)))
            return BlockStatus.Malformed;
        if ((_limits.Rights & needed) == 0)
            return BlockStatus.NoRight;
        if (request.Operation == BlockOperation.Flush)
            return request.FirstSector == 0 && request.Sectors == 0 ? BlockStatus.Ok : BlockStatus.Malformed;
        if (request.Sectors == 0)
            return BlockStatus.Malformed;
        if (!new Extent(0, _limits.Extent.Count).Contains(request.FirstSector, request.Sectors))
            return BlockStatus.OutOfRange;
        return request.Sectors > _limits.MaximumSectors ? BlockStatus.TooLong : BlockStatus.Ok;
    }

    private BlockStatus CheckBuffer(in BlockRequest request, in AttachedBuffer buffer)
    {
        bool fits = request.BufferOffset % _limits.SectorSize == 0
            && new Extent(0, buffer.Bytes).Contains(request.BufferOffset, request.Sectors * _limits.SectorSize);
        return fits && (buffer.IsWritable || request.Operation != BlockOperation.Read) ? BlockStatus.Ok : BlockStatus.BadBuffer;
    }

    /// <summary>Leaves after an exception. Who left word meanwhile would meet the same; they are told when they come again.</summary>
    private static void Leave(ref EntryGuard guard)
    {
        while (!guard.TryLeave())
        {
        }
    }

    private static bool UsesBuffer(BlockOperation operation) => operation is BlockOperation.Read or BlockOperation.Write;

    private void EndBufferUse(in BlockRequest request)
    {
        if (UsesBuffer(request.Operation))
            Buffers.EndUse(request.Buffer);
    }

    /// <summary>The ports are objects of their own, so that a client cannot enter as the driver, nor the driver as a client.</summary>
    private sealed class DoorbellPort(SessionPath path) : IPortalHandler
    {
        public ulong Enter(ulong word) => path.TakeRequests();
    }
}
