using L4.Native;

namespace L4;

/// <summary>The serving end of a channel, with a thread of its own.</summary>
internal abstract class ChannelServer : IReadinessHandler
{
    private readonly Lock _lock = new();
    private readonly ServedTask _served;
    private readonly L4Task _task;
    private KernelObject?[] _targets = new KernelObject?[16];
    private bool _isUnmapped;

    private protected ChannelServer(ServedTask served, L4Task task, Libc.FileIdentity identity, SharedMemory memory, int socket)
    {
        _served = served;
        _task = task;
        Identity = identity;
        Memory = memory;
        Socket = socket;
    }

    /// <summary>Which memory file the channel is, by which its other end names it.</summary>
    internal Libc.FileIdentity Identity { get; }

    /// <summary>Carries the capabilities of messages, and hangs up when the other end is gone.</summary>
    internal int Socket { get; }

    /// <summary>The reactor's number for <see cref="Socket"/>.</summary>
    internal long Watch { get; set; }

    private protected SharedMemory Memory { get; }

    /// <summary>Starts the thread.</summary>
    internal void Start() => _task.StartThread("channel", Run);

    /// <summary>Leads an index to a gate or portal, which the other end waits for; false when the channel has ended.</summary>
    internal bool Attach(int index, KernelObject target)
    {
        lock (_lock)
        {
            if (_isUnmapped)
                return false;
            if (index >= _targets.Length)
            {
                var grown = new KernelObject?[Math.Max(index + 1, _targets.Length * 2)];
                _targets.CopyTo(grown, 0);
                Volatile.Write(ref _targets, grown);
            }
            Volatile.Write(ref _targets[index], target);
            Volatile.Write(ref Memory.Word(ChannelLayout.AttachedWell), 1);
            Memory.Publish(ChannelLayout.Attached, unchecked(Memory.Word(ChannelLayout.Attached) + 1), ChannelLayout.ClientAsleep);
            return true;
        }
    }

    /// <summary>A gate or portal is held by no other process any more.</summary>
    internal void Detach(KernelObject target)
    {
        lock (_lock)
        {
            foreach (ref var place in _targets.AsSpan())
                Interlocked.CompareExchange(ref place, null, target);
        }
    }

    /// <summary>Ends the thread.</summary>
    internal void End()
    {
        lock (_lock)
        {
            if (!_isUnmapped)
                Memory.End(ChannelLayout.ServerAsleep);
        }
    }

    /// <summary>The other end hung up.</summary>
    public void Ready() => _served.Remove(this);

    /// <summary>Serves until the channel ends.</summary>
    private protected abstract void Serve();

    private protected T? Find<T>(int index) where T : KernelObject
    {
        var targets = Volatile.Read(ref _targets);
        return index >= 0 && index < targets.Length ? Volatile.Read(ref targets[index]) as T : null;
    }

    /// <summary>The other end breaks the rules: nothing of it is believed any more.</summary>
    private protected void ReportCutOff(string what) =>
        _task.System.Events.Report(_task.Name, "peer-cut-off", $"a caller of task '{_task.Name}' in another process {what}; its channel is closed");

    private void Run()
    {
        try
        {
            Serve();
        }
#pragma warning disable CA1031 // A mistake in dealing with a peer costs that peer its channel, not the task.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _task.ReportFault(exception);
        }
        _served.Remove(this);
        lock (_lock)
        {
            _isUnmapped = true;
            Memory.Dispose();
        }
    }
}
