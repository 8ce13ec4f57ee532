namespace DdeLinux;

/// <summary>
/// Something that a logical unit is asked to do: a command, or several one after the other. Waits in its unit's queue, is given a slot,
/// fills it, and learns how it ended. Linked by itself into the queue, so that queueing allocates nothing.
/// </summary>
internal abstract class ScsiRequest
{
    /// <summary>The next one in the queue; the queue's own.</summary>
    internal ScsiRequest? Next { get; set; }

    /// <summary>Fills a slot. False when there is nothing (more) to do: the request is over then, without a command.</summary>
    internal abstract bool Prepare(ScsiSlot slot);

    /// <summary>A command of this request ended, or could not be sent because the unit is gone (<paramref name="slot"/> is null then).
    /// Runs with the baton, on the event loop or the error handler's thread, and must not sleep.</summary>
    internal abstract void Finish(ScsiUnit unit, ScsiSlot? slot);
}

/// <summary>A first-come-first-served queue of requests.</summary>
internal sealed class ScsiRequestQueue
{
    private ScsiRequest? _first;
    private ScsiRequest? _last;

    internal bool IsEmpty => _first is null;

    internal void AddLast(ScsiRequest request)
    {
        request.Next = null;
        if (_last is null)
            _first = request;
        else
            _last.Next = request;
        _last = request;
    }

    internal void AddFirst(ScsiRequest request)
    {
        request.Next = _first;
        _first = request;
        _last ??= request;
    }

    internal ScsiRequest? RemoveFirst()
    {
        var request = _first;
        if (request is null)
            return null;
        _first = request.Next;
        if (_first is null)
            _last = null;
        request.Next = null;
        return request;
    }
}
