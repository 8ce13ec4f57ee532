using L4;

namespace Nddf;

/// <summary>What a queue's frames are checked against.</summary>
/// <param name="Label">Client, card and direction, for messages.</param>
/// <param name="Direction">Which way the frames go.</param>
/// <param name="Slots">Slots of the queue.</param>
/// <param name="MaximumFrame">The longest frame that may be sent, header included.</param>
internal sealed record QueueLimits(string Label, NicDirection Direction, uint Slots, uint MaximumFrame);

/// <summary>
/// The way of the slots of one queue: from the client's ring, checked, into the driver's; and back. It has no thread of its own: the client's
/// thread brings them through the doorbell portal, the driver's thread brings them back through the completion portal. Nothing is
/// allocated, locked or copied, except to report what was refused.
/// </summary>
internal sealed partial class QueuePath
{
    private const int Idle = 0;
    private const int InFlight = 1;

    private readonly QueueLimits _limits;
    private readonly EventLog _events;
    private readonly int[] _slotStates;
    private readonly FrameServer _client;
    private readonly Notification _clientNotification;
    private readonly ulong _clientBits;
    private NicChannel? _channel;
    private CompletionPort? _port;
    private int _isStalled = 1;
    private EntryGuard _submitting;
    private EntryGuard _completing;
    private uint _state;
    private uint _shownState;
    private uint _end;

    /// <param name="limits">What is checked.</param>
    /// <param name="client">The client's ring.</param>
    /// <param name="notification">Signalled when slots come back.</param>
    /// <param name="bits">The bits to signal.</param>
    /// <param name="events">Where refusals are reported.</param>
    public QueuePath(QueueLimits limits, FrameServer client, Notification notification, ulong bits, EventLog events)
    {
        _limits = limits;
        _client = client;
        _clientNotification = notification;
        _clientBits = bits;
        _events = events;
        _slotStates = new int[limits.Slots];
        Doorbell = new DoorbellPort(this);
    }

    /// <summary>The client's way in.</summary>
    public IPortalHandler Doorbell { get; }

    /// <summary>Notes whether the link is up; the client is shown it by the thread that is inside, or the next.</summary>
    public void SetLink(bool isUp)
    {
        if (isUp)
            Interlocked.Or(ref _state, (uint)NicState.LinkUp);
        else
            Interlocked.And(ref _state, ~(uint)NicState.LinkUp);
        TakeCompletions();
    }

    /// <summary>Gives all slots in flight back, and all that will come, with <paramref name="status"/>. Not at the same time as
    /// <see cref="StopCompleting"/>.</summary>
    public void EndAll(FrameStatus status)
    {
        Interlocked.Exchange(ref _end, (uint)status);
        Interlocked.Or(ref _state, (uint)NicState.Gone);
        Sweep();
        ShowState();
        // What a stalled queue has not taken, too.
        if (_submitting.TryEnter())
            TakeRounds();
    }

    /// <summary>Takes no slots any more; when this returns no client is inside.</summary>
    public void StopSubmitting() => _submitting.Close();

    /// <summary>Takes nothing back any more; when this returns no driver is inside, and nothing is in flight.</summary>
    public void StopCompleting()
    {
        _completing.Close();
        EndAll(FrameStatus.Aborted);
    }

    private ulong TakeSubmissions()
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
        while (true)
        {
            uint taken = TakeSubmissionRound();
            total += taken;
            if (taken == _limits.Slots && !_submitting.IsClosed)
                continue;
            if (_submitting.TryLeave())
                return total;
        }
    }

    /// <summary>Takes at most a ringful, so that closing never waits long.</summary>
    private uint TakeSubmissionRound()
    {
        uint taken = 0, forwarded = 0;
        while (taken < _limits.Slots && !MustWait() && _client.Submissions.TryRead(out var descriptor))
        {
            taken++;
            var status = Forward(descriptor);
            if (status == FrameStatus.Ok)
                forwarded++;
            else
                Refuse(descriptor, status);
        }
        if (forwarded > 0)
            TellDriver(_channel!);
        // The driver may have died after the slots were admitted and before they could be seen.
        if (forwarded > 0 && Volatile.Read(ref _end) != 0)
            Sweep();
        if (forwarded < taken)
            _clientNotification.Signal(_clientBits);
        return taken;
    }

    /// <summary>Slots for reception wait until a frame comes, and that wakes the driver by itself, unless it has frames and ran out of slots.</summary>
    private void TellDriver(NicChannel channel)
    {
        if (_limits.Direction == NicDirection.Receive)
        {
            // The driver looks for slots after it said that it wants some: one of the two sees the other.
            Interlocked.MemoryBarrier();
            if ((channel.Ring.State & NicState.WantsSlots) == 0)
                return;
        }
        channel.RingDoorbell();
    }

    private FrameStatus Forward(in FrameDescriptor descriptor)
    {
        uint end = Volatile.Read(ref _end);
        if (end != 0)
            return (FrameStatus)end;
        var status = Check(descriptor);
        if (status != FrameStatus.Ok)
            return status;
        // A full fence: who ends the queue either sees this slot, or is seen by whoever submits it.
        if (Interlocked.CompareExchange(ref _slotStates[descriptor.Slot], InFlight, Idle) != Idle)
            return FrameStatus.InFlight;
        _channel!.Ring.Submissions.Write(descriptor);
        return FrameStatus.Ok;
    }

    private FrameStatus Check(in FrameDescriptor descriptor)
    {
        if (descriptor.Slot >= _limits.Slots || descriptor.Status != FrameStatus.Ok)
            return FrameStatus.Malformed;
        if (_limits.Direction == NicDirection.Receive)
            return descriptor.Length == 0 ? FrameStatus.Ok : FrameStatus.Malformed;
        return descriptor.Length < FrameRing.HeaderBytes ? FrameStatus.TooShort
            : descriptor.Length > _limits.MaximumFrame ? FrameStatus.TooLong
            : FrameStatus.Ok;
    }

    private void Refuse(in FrameDescriptor descriptor, FrameStatus status)
    {
        if (status is not (FrameStatus.DeviceGone or FrameStatus.Aborted))
            _events.Report("nddf", "refused-frame", $"{_limits.Label}: slot {descriptor.Slot} of {_limits.Slots}, {descriptor.Length} bytes (at most {_limits.MaximumFrame}): {status}");
        _client.Completions.Write(descriptor with { Status = status });
    }

    private void TakeCompletions()
    {
        if (_completing.TryEnter())
            TakeCompletionRounds();
    }

    private void TakeCompletionRounds()
    {
        while (true)
        {
            uint taken = TakeCompletionRound();
            if (taken == _limits.Slots && !_completing.IsClosed)
                continue;
            if (_completing.TryLeave())
                return;
        }
    }

    private uint TakeCompletionRound()
    {
        uint taken = 0, answered = 0;
        if (Volatile.Read(ref _state) != Volatile.Read(ref _shownState))
            ShowState();
        // Before there is a driver, there is nothing to come back.
        if (Volatile.Read(ref _channel) is not { } channel)
            return 0;
        while (taken < _limits.Slots && channel.Ring.Completions.TryRead(out var descriptor))
        {
            taken++;
            if (descriptor.Slot < _limits.Slots && Interlocked.CompareExchange(ref _slotStates[descriptor.Slot], Idle, InFlight) == InFlight)
            {
                _client.Completions.Write(CheckCompletion(descriptor));
                answered++;
            }
            else
            {
                _events.Report("nddf", "stray-completion", $"{_limits.Label}: the driver gave slot {descriptor.Slot} back, which it does not have");
            }
        }
        if (answered > 0)
            _clientNotification.Signal(_clientBits);
        return taken;
    }

    /// <summary>What the driver says, brought into what it may say.</summary>
    private FrameDescriptor CheckCompletion(in FrameDescriptor descriptor)
    {
        bool isPossible = descriptor.Length <= FrameRing.SlotBytes
            && (descriptor.Status is FrameStatus.Dropped or FrameStatus.DeviceFault or FrameStatus.DeviceGone or FrameStatus.Aborted
                || descriptor.Status == FrameStatus.Ok && descriptor.Length >= FrameRing.HeaderBytes);
        if (isPossible)
            return descriptor;
        _events.Report("nddf", "bad-completion", $"{_limits.Label}: the driver gave slot {descriptor.Slot} back with {descriptor.Length} bytes and status {descriptor.Status}, which cannot be");
        return new FrameDescriptor(descriptor.Slot, 0, FrameStatus.DeviceFault);
    }

    private void Sweep()
    {
        bool answered = false;
        var status = (FrameStatus)Volatile.Read(ref _end);
        for (uint slot = 0; slot < _limits.Slots; slot++)
        {
            if (Interlocked.CompareExchange(ref _slotStates[slot], Idle, InFlight) != InFlight)
                continue;
            _client.Completions.Write(new FrameDescriptor(slot, 0, status));
            answered = true;
        }
        if (answered)
            _clientNotification.Signal(_clientBits);
    }

    private void ShowState()
    {
        uint shown;
        do
        {
            shown = Volatile.Read(ref _state);
            _client.SetState((NicState)shown);
            Volatile.Write(ref _shownState, shown);
        }
        while (Volatile.Read(ref _state) != shown);
        _clientNotification.Signal(_clientBits);
    }

    /// <summary>The ports are objects of their own, so that a client cannot enter as the driver, nor the driver as a client.</summary>
    private sealed class DoorbellPort(QueuePath path) : IPortalHandler
    {
        public ulong Enter(ulong word) => path.TakeSubmissions();
    }

    /// <summary>The way in of one driver's channel. It leads nowhere once the queue has another.</summary>
    private sealed class CompletionPort(QueuePath path) : IPortalHandler
    {
        public ulong Enter(ulong word)
        {
            if (Volatile.Read(ref path._port) != this)
                return 0;
            switch ((QueueSignal)word)
            {
                case QueueSignal.Completed:
                    path.TakeCompletions();
                    return 0;
                case QueueSignal.LinkDown:
                case QueueSignal.LinkUp:
                    path.SetLink((QueueSignal)word == QueueSignal.LinkUp);
                    return 0;
                default:
                    throw new ServiceException(ServiceError.BadArgument, $"the driver of {path._limits.Label} says {word}, which means nothing");
            }
        }
    }
}
