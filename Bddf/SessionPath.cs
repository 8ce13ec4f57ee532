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
internal sealed class SessionPath
{
    /// <summary>Entries of a session's rings: as many as there are slots.</summary>
    public const uint Entries = InFlightTable.Capacity;

    private readonly SessionLimits _limits;
    private readonly EventLog _events;
    private readonly InFlightTable _inFlight = new();
    private DiskChannel _channel = null!;
    private RingResponder _client = null!;
    private Notification _clientNotification = null!;
    private ulong _clientBits;
    private EntryGuard _submitting;
    private EntryGuard _completing;
    private uint _end;

    public SessionPath(SessionLimits limits, EventLog events)
    {
        _limits = limits;
        _events = events;
        Completions = new CompletionPort(this);
        Doorbell = new DoorbellPort(this);
    }

    /// <summary>The driver's way in.</summary>
    public IPortalHandler Completions { get; }

    /// <summary>The client's way in.</summary>
    public IPortalHandler Doorbell { get; }

    /// <summary>The session's buffers.</summary>
    public BufferTable Buffers { get; } = new();

    /// <summary>Sets the driver's side. Before anything else.</summary>
    public void Attach(DiskChannel channel) => _channel = channel;

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
    }

    /// <summary>Takes no requests any more; when this returns no client is inside.</summary>
    public void StopSubmitting() => _submitting.Close();

    /// <summary>Takes no completions any more; when this returns no driver is inside, and nothing is in flight.</summary>
    public void StopCompleting()
    {
        _completing.Close();
        EndAll(BlockStatus.Aborted);
    }

    private ulong TakeRequests()
    {
        ulong total = 0;
        if (!_submitting.TryEnter())
        {
            if (_submitting.IsClosed)
                throw new ServiceException(ServiceError.ServerGone, $"the session of {_limits.Label} is closed");
            return 0;
        }
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

    /// <summary>Takes at most a ringful, so that closing never waits long.</summary>
    private uint TakeRound()
    {
        uint taken = 0;
        uint forwarded = 0;
        try
        {
            while (taken < Entries && _client.TryTake(out var request))
            {
                taken++;
                var status = Forward(request);
                if (status == BlockStatus.Ok)
                    forwarded++;
                else
                    Finish(request, new BlockCompletion(0, status));
            }
        }
        finally
        {
            // Also when the ring turns out to be nonsense half way: what was admitted before that is on its way.
            if (forwarded > 0)
                Send();
            if (forwarded < taken)
                _clientNotification.Signal(_clientBits);
        }
        return taken;
    }

    private void Send()
    {
        _channel.Ring.Publish();
        _channel.RingDoorbell();
        // The driver may have died after the requests were admitted and before they could be seen.
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
        uint driverBuffer = 0;
        bool usesBuffer = UsesBuffer(request.Operation);
        if (usesBuffer)
        {
            if (!Buffers.TryUse(request.Buffer, out var buffer))
                return BlockStatus.BadBuffer;
            driverBuffer = buffer.DriverBuffer;
            status = CheckBuffer(request, buffer);
        }
        ulong tag = 0;
        if (status == BlockStatus.Ok && !_inFlight.TryAdd(request, out tag))
            status = BlockStatus.TooManyInFlight;
        if (status == BlockStatus.Ok)
        {
            // Checked against the extent above: the sum lies on the disk.
            ulong first = request.Operation == BlockOperation.Flush ? 0 : _limits.Extent.First + request.FirstSector;
            if (_channel.Ring.TryWrite(new BlockRequest(tag, request.Operation, driverBuffer, request.BufferOffset, first, request.Sectors)))
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

    private ulong TakeCompletions()
    {
        if (!_completing.TryEnter())
            return 0;
        ulong total = 0;
        try
        {
            while (true)
            {
                uint taken = TakeCompletionRound();
                total += taken;
                if (taken == Entries && !_completing.IsClosed)
                    continue;
                if (_completing.TryLeave())
                    return total;
            }
        }
        catch
        {
            Leave(ref _completing);
            throw;
        }
    }

    private uint TakeCompletionRound()
    {
        uint taken = 0;
        bool answered = false;
        while (taken < Entries && _channel.Ring.TryReap(out var completion))
        {
            taken++;
            if (_inFlight.TryClaim(completion.Tag, out var request))
            {
                EndBufferUse(request);
                Finish(request, CheckCompletion(request, completion));
                answered = true;
            }
            else
            {
                _events.Report("bddf", "stray-completion", $"{_limits.Label}: the driver completed tag {completion.Tag:x}, which is not in flight");
            }
        }
        if (answered)
            _clientNotification.Signal(_clientBits);
        return taken;
    }

    /// <summary>What the driver says, brought into what it may say and into the client's numbers.</summary>
    private BlockCompletion CheckCompletion(in BlockRequest request, in BlockCompletion completion)
    {
        switch (completion.Status)
        {
            case BlockStatus.MediumError:
                var sectors = new Extent(_limits.Extent.First + request.FirstSector, request.Sectors);
                return completion with
                {
                    FailedSector = sectors.Contains(completion.FailedSector) ? completion.FailedSector - _limits.Extent.First : request.FirstSector,
                };
            case BlockStatus.Ok or BlockStatus.DeviceFault or BlockStatus.Aborted or BlockStatus.DeviceGone or BlockStatus.Unsupported:
                return completion with { FailedSector = 0 };
            default:
                _events.Report("bddf", "bad-completion", $"{_limits.Label}: the driver completed a request with status {completion.Status}, which is not its to give");
                return new BlockCompletion(0, BlockStatus.DeviceFault, completion.Detail);
        }
    }

    private void Sweep()
    {
        bool answered = false;
        for (int i = 0; i < InFlightTable.Capacity; i++)
        {
            if (!_inFlight.TryClaimSlot(i, out var request))
                continue;
            EndBufferUse(request);
            Finish(request, new BlockCompletion(0, (BlockStatus)Volatile.Read(ref _end)));
            answered = true;
        }
        if (answered)
            _clientNotification.Signal(_clientBits);
    }

    private void Finish(in BlockRequest request, in BlockCompletion completion)
    {
        if (completion.Status != BlockStatus.Ok)
            Report(request, completion);
        _client.Complete(completion with { Tag = request.Tag });
    }

    private void Report(in BlockRequest request, in BlockCompletion completion)
    {
        string where = completion.Status == BlockStatus.MediumError ? $" (sector {completion.FailedSector}, detail {completion.Detail:x})"
            : completion.Detail != 0 ? $" (detail {completion.Detail:x})" : "";
        _events.Report("bddf", EventKind(completion.Status),
            $"{_limits.Label}: {request.Operation} of {request.Sectors} sectors at {request.FirstSector} of {_limits.Extent.Count}, buffer {request.Buffer}+{request.BufferOffset}: {completion.Status}{where}");
    }

    private static string EventKind(BlockStatus status) => status switch
    {
        BlockStatus.OutOfRange => "out-of-range",
        BlockStatus.NoRight => "no-right",
        BlockStatus.BadBuffer => "bad-buffer",
        BlockStatus.TooLong => "too-long",
        BlockStatus.TooManyInFlight => "too-many-in-flight",
        BlockStatus.Malformed => "malformed-request",
        BlockStatus.Unsupported => "unsupported",
        BlockStatus.MediumError => "medium-error",
        BlockStatus.Aborted => "aborted",
        BlockStatus.DeviceGone => "device-gone",
        _ => "device-fault",
    };

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

    /// <summary>The two ports are objects of their own, so that a client cannot enter as the driver, nor the driver as a client.</summary>
    private sealed class DoorbellPort(SessionPath path) : IPortalHandler
    {
        public ulong Enter(ulong word) => path.TakeRequests();
    }

    private sealed class CompletionPort(SessionPath path) : IPortalHandler
    {
        public ulong Enter(ulong word) => path.TakeCompletions();
    }
}
