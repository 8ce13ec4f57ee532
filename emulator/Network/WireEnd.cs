namespace Emulator;

/// <summary>
/// One end of a <see cref="Wire"/>. All members but <see cref="Attach"/>, <see cref="IsListening"/> and <see cref="IsLinkUp"/> belong to the
/// one thread that works for the end's user. No member blocks, allocates or takes a lock.
/// </summary>
public sealed class WireEnd
{
    /// <summary>Bytes of the shortest Ethernet frame without its check sequence (IEEE 802.3, 4A.4.2: 64 with it).</summary>
    public const int ShortestFrame = 60;

    private readonly FrameRing _outgoing;
    private readonly FrameRing _incoming;
    private readonly byte[] _lost = new byte[Wire.LongestFrame];
    private volatile IWireUser? _user;
    private volatile bool _listens;
    private bool _losing;
    private int _readLength;

    internal WireEnd(Wire wire, FrameRing outgoing, FrameRing incoming)
    {
        Wire = wire;
        _outgoing = outgoing;
        _incoming = incoming;
    }

    /// <summary>The wire.</summary>
    public Wire Wire { get; }

    /// <summary>Whether the cable is plugged in and somebody is at the other end.</summary>
    public bool IsLinkUp => Wire.IsPluggedIn && _user is not null && Peer._user is not null;

    /// <summary>Whether this end takes frames. While it does not, what the other end sends is lost, as with a receiver that is switched off;
    /// otherwise the sender would wait for ever. May be set by any thread.</summary>
    public bool IsListening
    {
        get => _listens;
        set
        {
            if (_listens == value)
                return;
            _listens = value;
            Peer.Call();
        }
    }

    /// <summary>Frames that were sent.</summary>
    public long FramesSent { get; private set; }

    /// <summary>Bytes of the frames that were sent.</summary>
    public long BytesSent { get; private set; }

    /// <summary>Frames that were sent while nobody listened, and are lost.</summary>
    public long FramesLost { get; private set; }

    internal WireEnd Peer { get; set; } = null!;

    private bool IsHeard => Wire.IsPluggedIn && Peer._listens;

    /// <summary>Connects the end's user, or disconnects it with null: then the link is down. May be called by any thread.</summary>
    /// <exception cref="InvalidOperationException">Another user is connected.</exception>
    public void Attach(IWireUser? user)
    {
        if (user is not null && _user is not null)
            throw new InvalidOperationException("The end of the wire is in use by another user.");
        _user = user;
        IsListening = user is not null && _listens;
        Call();
        Peer.Call();
    }

    /// <summary>Finds room to write a frame of up to <paramref name="length"/> bytes, at most <see cref="Wire.LongestFrame"/>, in place. The
    /// span is valid until <see cref="Commit"/> or the next reservation.</summary>
    /// <returns>False when the wire is full: see <see cref="MustWaitForRoom"/>.</returns>
    public bool TryReserve(int length, out Span<byte> frame)
    {
        _losing = !IsHeard;
        if (!_losing)
            return _outgoing.TryReserve(length, out frame);
        frame = _lost.AsSpan(0, length);
        return true;
    }

    /// <summary>Sends the frame that was reserved, with its final length, which is not more than what was reserved. It leaves with
    /// <see cref="Flush"/>.</summary>
    public void Commit(int length)
    {
        if (_losing)
        {
            FramesLost++;
            return;
        }

        _outgoing.Commit(length);
        FramesSent++;
        BytesSent += length;
    }

    /// <summary>Sends a copy of a frame; one that is too short is padded with zeros, as a MAC does. False when the wire is full.</summary>
    public bool TrySend(ReadOnlySpan<byte> frame)
    {
        int length = Math.Max(frame.Length, ShortestFrame);
        if (!TryReserve(length, out Span<byte> room))
            return false;
        frame.CopyTo(room);
        room[frame.Length..].Clear();
        Commit(length);
        return true;
    }

    /// <summary>The oldest frame that came and was not released, in place; valid until <see cref="Release"/>. False when there is none.</summary>
    public bool TryReceive(out ReadOnlySpan<byte> frame)
    {
        bool any = _incoming.TryRead(out frame);
        _readLength = frame.Length;
        return any;
    }

    /// <summary>Done with the frame that <see cref="TryReceive"/> gave. Its room goes back to the sender with <see cref="Flush"/>.</summary>
    public void Release() => _incoming.Release(_readLength);

    /// <summary>Drops all frames that came: to be called before the end begins to listen, or the first frames are old ones.</summary>
    public void DiscardReceived() => _incoming.Discard();

    /// <summary>Lets the other end see the frames that were committed and use the room of those that were released. Once a batch.</summary>
    public void Flush()
    {
        // No short cut: both directions are to be published.
        if (_outgoing.PublishFrames() | _incoming.PublishRoom())
            Peer.Call();
    }

    /// <summary>Asks for a call when there is room to send, after <see cref="Flush"/>. False when there is room already.</summary>
    public bool MustWaitForRoom() => IsHeard && _outgoing.WaitForRoom();

    /// <summary>Asks for a call when frames come. False when there are some already.</summary>
    public bool MustWaitForFrames() => _incoming.WaitForFrames();

    /// <summary>Tells this end's user that something changed.</summary>
    internal void Call() => _user?.WireChanged();
}
