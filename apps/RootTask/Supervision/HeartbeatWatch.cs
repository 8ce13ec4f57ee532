using L4;

namespace RootTask;

/// <summary>Looks whether somebody gets on with his work. For one thread.</summary>
internal sealed class HeartbeatWatch : IDisposable
{
    private readonly Mapping _mapping;
    private readonly Heartbeat _heartbeat;
    private ulong _seen;
    private long _since;

    /// <param name="mapping">The heartbeat's word; from here on this object's.</param>
    internal HeartbeatWatch(Mapping mapping)
    {
        _mapping = mapping;
        _heartbeat = new Heartbeat(mapping);
    }

    /// <summary>How long one piece of work has been seen under way, in nanoseconds, by calls of this.</summary>
    internal long Look(long now)
    {
        ulong value = _heartbeat.Value;
        bool isAtWork = (value & 1) != 0;
        if (!isAtWork || value != _seen)
            (_seen, _since) = (value, now);
        return now - _since;
    }

    /// <inheritdoc />
    public void Dispose() => _mapping.Dispose();
}
