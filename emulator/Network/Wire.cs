namespace Emulator;

/// <summary>
/// A cable between two NICs, or between a NIC and a link to the outside: full duplex, in order, and without loss as long as both ends
/// listen. Each end belongs to one user, who works on one thread; the two may be different threads. A full wire stops its sender, as
/// flow control would.
/// </summary>
/// <remarks>Frames are Ethernet frames from the destination address to the end of the data, without the frame check sequence.</remarks>
public sealed class Wire
{
    /// <summary>Bytes of the longest frame that a wire carries.</summary>
    public const int LongestFrame = 16 * 1024;

    private volatile bool _isPluggedIn = true;

    /// <summary>Makes a wire that is plugged in at both ends.</summary>
    public Wire()
    {
        var there = new FrameRing();
        var back = new FrameRing();
        Left = new WireEnd(this, there, back);
        Right = new WireEnd(this, back, there);
        Left.Peer = Right;
        Right.Peer = Left;
    }

    /// <summary>One end.</summary>
    public WireEnd Left { get; }

    /// <summary>The other end.</summary>
    public WireEnd Right { get; }

    /// <summary>Whether the cable is plugged in. Both ends see a change; what is sent meanwhile is lost. May be set by any thread.</summary>
    public bool IsPluggedIn
    {
        get => _isPluggedIn;
        set
        {
            _isPluggedIn = value;
            Left.Call();
            Right.Call();
        }
    }
}

/// <summary>Who is at one end of a wire.</summary>
public interface IWireUser
{
    /// <summary>Something changed at this end: frames came, room came back, the link went up or down. Called on the thread that caused it,
    /// which is not the user's; it must not block. Calls may come in vain.</summary>
    void WireChanged();
}
