namespace Nddf.Links;

/// <summary>
/// A way for frames to the world outside: an interface of the host's, a socket. It sleeps in the host's kernel and not on the system's clock,
/// so it belongs on the real clock.
/// </summary>
/// <remarks>One thread waits and receives, one thread sends; they may be two. <see cref="Wake"/> is for any thread. Receiving and sending
/// allocate nothing.</remarks>
public interface ILink : IDisposable
{
    /// <summary>What it is, for people: <c>tap:dde0</c>.</summary>
    string Name { get; }

    /// <summary>Why no frame passes any more; null while they do.</summary>
    string? End { get; }

    /// <summary>Frames that were to be sent and could not be: the other side took none.</summary>
    ulong Lost { get; }

    /// <summary>Sleeps until a frame may have come, <see cref="Wake"/> was called, or the link has ended. May return early.</summary>
    void Wait();

    /// <summary>Ends a wait, or the next one.</summary>
    void Wake();

    /// <summary>Takes the next frame, from the destination address on, without check sequence. Does not wait.</summary>
    /// <param name="buffer">At least as long as any frame; what is longer is lost.</param>
    /// <returns>Its length; 0 when there is none.</returns>
    int Receive(Span<byte> buffer);

    /// <summary>Sends a frame. Does not wait: one that the other side cannot take is lost, and counted.</summary>
    void Send(ReadOnlySpan<byte> frame);
}

/// <summary>A link cannot be made. The message is one line: which, what, why, and what to do.</summary>
public sealed class LinkException : Exception
{
    /// <param name="link">The link's name.</param>
    /// <param name="problem">What is wrong.</param>
    /// <param name="isDenied">Whether the host forbids it.</param>
    public LinkException(string link, string problem, bool isDenied = false)
        : base($"{link}: {problem}") => IsDenied = isDenied;

    /// <summary>Whether the host forbids it, as against what was asked for being wrong.</summary>
    public bool IsDenied { get; }
}
