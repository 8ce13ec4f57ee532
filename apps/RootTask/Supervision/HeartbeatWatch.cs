using L4;
using Ports;

namespace RootTask;

/// <summary>Looks whether somebody gets on with his work. For one thread.</summary>
internal sealed class HeartbeatWatch : IDisposable
{
    private readonly Mapping _mapping;
    private readonly Heartbeat _heartbeat;
    private ulong _seen;
    private long _since;

    private HeartbeatWatch(Mapping mapping)
    {
        _mapping = mapping;
        _heartbeat = new Heartbeat(mapping);
    }

    /// <summary>Asks a driver for its heartbeat.</summary>
    /// <param name="root">Whose thread asks, and looks.</param>
    /// <param name="client">Who has the driver's gate.</param>
    /// <param name="statistics">The gate of <see cref="IDriverStatistics"/>.</param>
    /// <exception cref="ServiceException">The driver is gone.</exception>
    internal static HeartbeatWatch Connect(L4Task root, L4Task client, Capability statistics)
    {
        var gate = client.GiveTo(root, statistics);
        try
        {
            var dataspace = new DriverStatisticsProxy(root, gate).ReadHeartbeat();
            var watch = new HeartbeatWatch(root.Map(dataspace, CapabilityRights.Read));
            root.Release(dataspace);
            return watch;
        }
        finally
        {
            root.Release(gate);
        }
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
