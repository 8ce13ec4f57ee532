using L4;

namespace Nddf;

/// <summary>
/// A queue outlives its driver. While there is none it stalls: what is new stays in the client's ring, and the link is shown as down. A new
/// driver gets the slots for reception again; frames that the old one had are lost, as a network may lose frames, and counted.
/// </summary>
internal sealed partial class QueuePath
{
    /// <summary>Frames that were with a driver when it ended.</summary>
    public ulong FramesLost { get; private set; }

    /// <summary>Whether nothing is taken from the client until a driver comes.</summary>
    public bool IsStalled => Volatile.Read(ref _isStalled) != 0;

    /// <summary>Whether the driver has no frame to send.</summary>
    public bool IsIdle => _limits.Direction == NicDirection.Receive || !Array.Exists(_slotStates, state => Volatile.Read(ref state) == InFlight);

    /// <summary>Makes the way in for a driver's channel. What the driver says through it before <see cref="Resume"/> is not heard.</summary>
    public IPortalHandler CreatePort() => new CompletionPort(this);

    /// <summary>Hands nothing to the driver any more. When this returns nobody is about to.</summary>
    public void Stall()
    {
        Interlocked.Exchange(ref _isStalled, 1);
        if (_submitting.Enter())
            TakeRounds();
        SetLink(isUp: false);
    }

    /// <summary>Gives the queue a driver. The device was reset: it touches no slot any more.</summary>
    /// <param name="channel">The channel to it.</param>
    /// <param name="port">The way in that the channel was made with.</param>
    /// <returns>The channel that nobody uses any more; null when there was none.</returns>
    public NicChannel? Resume(NicChannel channel, IPortalHandler port)
    {
        // Both are open: the thread that closes them is the one that calls this.
        _submitting.Enter();
        _completing.Enter();
        var old = _channel;
        Volatile.Write(ref _channel, channel);
        Volatile.Write(ref _port, (CompletionPort)port);
        bool anyLost = false;
        for (uint slot = 0; slot < _limits.Slots; slot++)
        {
            if (Volatile.Read(ref _slotStates[slot]) != InFlight)
                continue;
            if (_limits.Direction == NicDirection.Receive)
            {
                channel.Ring.Submissions.Write(new FrameDescriptor(slot, 0));
                continue;
            }
            Volatile.Write(ref _slotStates[slot], Idle);
            _client.Completions.Write(new FrameDescriptor(slot, 0, FrameStatus.Lost));
            FramesLost++;
            anyLost = true;
        }
        if (anyLost)
            _clientNotification.Signal(_clientBits);
        Volatile.Write(ref _isStalled, 0);
        TakeCompletionRounds();
        TakeRounds();
        return old;
    }

    /// <summary>Whether there is nobody who would take slots now, but will be.</summary>
    private bool MustWait() => IsStalled && Volatile.Read(ref _end) == 0;
}
