using System.Collections.Concurrent;

namespace L4;

/// <summary>What joins a system's tasks to those of other processes: the thread that watches sockets, the tasks that this process calls, and how
/// processes ended that it started.</summary>
internal sealed class Interconnect : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<PeerKey, Peer> _peers = [];
    private readonly ConcurrentDictionary<int, string> _ended = new();
    private int _lastTask;

    internal Interconnect(Clock clock, EventLog events)
    {
        if (clock.IsVirtual)
            throw new ArgumentException("Processes of their own share real time only; a virtual clock belongs to one process.", nameof(clock));
        Clock = clock;
        Events = events;
    }

    internal Clock Clock { get; }

    internal EventLog Events { get; }

    internal Reactor Reactor { get; } = new();

    /// <summary>A number for a task of this process, for others to tell its tasks apart.</summary>
    internal int NextTask() => Interlocked.Increment(ref _lastTask);

    /// <summary>The task that a socket leads to.</summary>
    internal Peer PeerOf(PeerKey key, string name)
    {
        lock (_lock)
        {
            if (!_peers.TryGetValue(key, out var peer))
                _peers.Add(key, peer = new Peer(this, key, name));
            return peer;
        }
    }

    /// <summary>A task is gone; one with the same numbers would be another.</summary>
    internal void Forget(Peer peer)
    {
        lock (_lock)
        {
            if (_peers.TryGetValue(peer.Key, out var known) && known == peer)
                _peers.Remove(peer.Key);
        }
    }

    /// <summary>Makes the object for a gate or portal that another process serves; the socket is the object's.</summary>
    internal KernelObject Adopt(in CapabilityRecord record, int socket)
    {
        var end = RemoteEnd.Hold(this, record, socket);
        return record.Kind == CapabilityKind.Gate ? new RemoteGate(end) : new RemotePortal(end);
    }

    /// <summary>Keeps what is known of the end of a process.</summary>
    internal void ProcessEnded(int process, string cause) => _ended.TryAdd(process, cause);

    /// <summary>How a process ended that this one started; null when that is not known.</summary>
    internal string? CauseOfDeath(int process) => _ended.GetValueOrDefault(process);

    /// <inheritdoc />
    public void Dispose() => Reactor.Dispose();
}

/// <summary>A gate that a task of another process serves.</summary>
internal sealed class RemoteGate : Gate
{
    private readonly RemoteEnd _end;

    internal RemoteGate(RemoteEnd end) => _end = end;

    internal override string GoneText => _end.Peer.GoneText;

    internal override void Call(ThreadControlBlock caller, uint operation) => _end.Peer.Call(_end, caller, operation);

    internal override void AddWatcher(Notification notification, ulong bits) => _end.Peer.AddWatcher(notification, bits);

    internal override CapabilityRecord Export(CapabilityRights rights, OutgoingDescriptors descriptors) => _end.Export(descriptors);

    private protected override void Destroy() => _end.Drop();
}

/// <summary>A portal that a task of another process serves.</summary>
internal sealed class RemotePortal : Portal
{
    private readonly RemoteEnd _end;

    internal RemotePortal(RemoteEnd end) => _end = end;

    public override ulong Enter(ulong word) => _end.Peer.Words.Enter(_end, word);

    public override void Post(ulong word) => _end.Peer.Words.Post(_end, word);

    internal override CapabilityRecord Export(CapabilityRights rights, OutgoingDescriptors descriptors) => _end.Export(descriptors);

    private protected override void Destroy() => _end.Drop();
}
