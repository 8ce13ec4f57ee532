using L4;

namespace Bddf;

/// <summary>The way back: what the driver says about requests, checked, to the client.</summary>
internal sealed partial class SessionPath
{
    private long _refused;

    /// <summary>Completions that were refused: of requests that the driver does not have, or with a status that is not its to give.</summary>
    public long Refused => Volatile.Read(ref _refused);

    private ulong TakeCompletions()
    {
        ulong total = _completing.TryEnter() ? TakeCompletionRounds() : 0;
        // A request that waits for one of those is sent on this thread: its client sleeps.
        if (Volatile.Read(ref _isHolding) != 0 && _submitting.TryEnter())
            TakeWaiting();
        return total;
    }

    /// <summary>The work of who got inside, until nobody left word.</summary>
    private ulong TakeCompletionRounds()
    {
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
        while (taken < Entries && _channel is not null && _channel.TryReap(out var completion, out bool isTrue))
        {
            taken++;
            if (!isTrue)
            {
                // It stays in flight: the driver's successor does it.
                _refused++;
                continue;
            }
            if (_inFlight.TryClaim(completion.Tag, out var request))
            {
                EndBufferUse(request);
                Finish(request, CheckCompletion(request, completion));
                answered = true;
            }
            else
            {
                _refused++;
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
                _refused++;
                _events.Report("bddf", "bad-completion", $"{_limits.Label}: the driver completed a request with status {completion.Status}, which is not its to give");
                return new BlockCompletion(0, BlockStatus.DeviceFault, completion.Detail);
        }
    }

    private void Sweep()
    {
        bool answered = false;
        for (int i = 0; i < InFlightTable.Capacity; i++)
        {
            if (!_inFlight.TryClaimSlot(i, out ulong tag, out var request))
                continue;
            _channel?.Retire(tag);
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
        _client!.Complete(completion with { Tag = request.Tag });
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

    /// <summary>The way in of one driver's channel. It leads nowhere once the session has another.</summary>
    private sealed class CompletionPort(SessionPath path) : IPortalHandler
    {
        public ulong Enter(ulong word) => Volatile.Read(ref path._port) == this ? path.TakeCompletions() : 0;
    }
}
