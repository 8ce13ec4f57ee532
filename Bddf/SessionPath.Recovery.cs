using L4;

namespace Bddf;

/// <summary>
/// A session outlives its driver. While there is none it stalls: requests in flight stay in their table, and new ones in the client's ring.
/// A new driver gets what was in flight again, in the order in which it was submitted.
/// </summary>
/// <remarks>
/// Doing a request twice does no harm: a read is not seen before it is answered; and no write in flight touches the sectors of another (see
/// <see cref="MustHold"/>), so doing it again cannot undo one that was acknowledged meanwhile. A flush covers the writes that were
/// acknowledged before it; those are the device's already, and stay there, because a reset takes no power from a disk.
/// </remarks>
internal sealed partial class SessionPath
{
    private ulong _watched;
    private long _watchedSince;

    /// <summary>Requests that a driver got again because the one before had not completed them.</summary>
    public long Replayed { get; private set; }

    /// <summary>Whether requests wait for a driver to come.</summary>
    public bool IsStalled => Volatile.Read(ref _isStalled) != 0;

    /// <summary>Requests in flight.</summary>
    public int InFlight => _inFlight.Count;

    /// <summary>Makes the way in for a driver's channel.</summary>
    public IPortalHandler CreatePort() => new CompletionPort(this);

    /// <summary>Sends no requests to the driver any more, but keeps them. When this returns nobody is about to.</summary>
    public void Stall()
    {
        Interlocked.Exchange(ref _isStalled, 1);
        if (_submitting.Enter())
            TakeWaiting();
    }

    /// <summary>Gives the session a driver, and the driver what the one before did not complete.</summary>
    /// <param name="channel">The channel to it.</param>
    /// <param name="port">The way in that the channel was made with.</param>
    /// <param name="buffers">For each buffer its numbers at the new driver.</param>
    /// <returns>The channel that nobody uses any more; null when there was none.</returns>
    public DiskChannel? Resume(DiskChannel channel, IPortalHandler port, ReadOnlySpan<(uint Buffer, ChannelBuffer AtDriver)> buffers)
    {
        // Both are open: the thread that closes them is the one that calls this.
        _submitting.Enter();
        _completing.Enter();
        var old = _channel;
        // What the old driver had completed but not told is done again: it is dead, and what it wrote last is not to be trusted.
        _channel = channel;
        Volatile.Write(ref _port, (CompletionPort)port);
        foreach (var (buffer, atDriver) in buffers)
            Buffers.Rebind(buffer, atDriver);
        Replay(channel);
        Volatile.Write(ref _isStalled, 0);
        TakeCompletionRounds();
        TakeWaiting();
        return old;
    }

    /// <summary>How long the oldest request in flight has been seen, in nanoseconds: by calls of this, from one thread at a time.</summary>
    public long WatchOldest(long now)
    {
        ulong oldest = _inFlight.Oldest();
        if (oldest == 0 || oldest != _watched)
            (_watched, _watchedSince) = (oldest, now);
        return now - _watchedSince;
    }

    private void Replay(DiskChannel channel)
    {
        Span<ulong> tags = stackalloc ulong[InFlightTable.Capacity];
        int count = _inFlight.ReadTags(tags);
        foreach (ulong tag in tags[..count])
        {
            if (!_inFlight.TryRead(tag, out var request))
                continue;
            var atDriver = UsesBuffer(request.Operation) ? Buffers.Read(request.Buffer).Channel : default;
            // The ring is new and has as many entries as there are slots.
            channel.TryWrite(ForDriver(tag, request), atDriver);
            Replayed++;
        }
        if (count == 0)
            return;
        channel.Publish();
    }
}
