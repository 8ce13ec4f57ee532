namespace L4;

/// <summary>
/// A task of another process, as this process reaches it: the channels to it, shared by all its gates and portals that are held here. It lives as
/// long as one of those is held.
/// </summary>
internal sealed class Peer
{
    /// <summary>Channels that are kept for the next caller; as many threads can call without making one.</summary>
    private const int PoolSize = 8;

    private readonly Lock _lock = new();
    private readonly CallClient?[] _pool = new CallClient?[PoolSize];
    private readonly List<CallClient> _channels = [];
    private readonly List<RemoteEnd> _ends = [];
    private readonly List<(Notification Notification, ulong Bits)> _watchers = [];
    private readonly Stack<int> _freeIndexes = new();
    private WordClient? _words;
    private int _indexes;
    private string? _causeOfDeath;

    internal Peer(Interconnect interconnect, PeerKey key, string name)
    {
        Interconnect = interconnect;
        Key = key;
        Name = name;
    }

    internal Interconnect Interconnect { get; }

    internal PeerKey Key { get; }

    /// <summary>The task's name, as it says itself.</summary>
    internal string Name { get; }

    /// <summary>Calls through a channel that no other thread uses.</summary>
    internal void Call(RemoteEnd end, ThreadControlBlock thread, uint operation)
    {
        if (_causeOfDeath is not null)
            throw Gone();
        // What was posted before is handled before, as if both went the same way.
        Volatile.Read(ref _words)?.Drain();
        var channel = Take();
        bool isSound = false;
        try
        {
            channel.Call(end, thread, operation);
            isSound = true;
        }
        catch (ServiceException) when (_causeOfDeath is null)
        {
            isSound = true;
            throw;
        }
        finally
        {
            if (isSound)
                Return(channel);
            else
                Drop(channel);
        }
    }

    /// <summary>The channel for words.</summary>
    internal WordClient Words
    {
        get
        {
            if (Volatile.Read(ref _words) is { } known)
                return known;
            lock (_lock)
            {
                if (_causeOfDeath is not null)
                    throw Gone();
                if (_words is null)
                    Volatile.Write(ref _words, new WordClient(this));
                return _words!;
            }
        }
    }

    /// <summary>The error for whoever needs a task that is gone.</summary>
    internal ServiceException Gone() => new(ServiceError.ServerGone, GoneText);

    /// <summary>What a caller is told once the task is gone.</summary>
    internal string GoneText => $"task '{Name}' is gone: {Volatile.Read(ref _causeOfDeath) ?? "it closed a channel"}";

    /// <summary>Ends all dealings with a task that breaks the rules.</summary>
    internal ServiceException CutOff(string what)
    {
        Interconnect.Events.Report(Name, "peer-cut-off", $"task '{Name}' {what}; it is dealt with no more");
        Die($"it {what}");
        return Gone();
    }

    /// <summary>The task is gone: callers get their errors, watchers are told.</summary>
    internal void Die(string cause)
    {
        lock (_lock)
        {
            if (_causeOfDeath is not null)
                return;
            Volatile.Write(ref _causeOfDeath, cause);
            foreach (var channel in _channels)
                channel.End();
            _words?.End();
        }
        Interconnect.Forget(this);
        // No watcher is added any more.
        foreach (var (notification, bits) in _watchers)
            notification.Signal(bits);
    }

    /// <summary>Signals when the task is gone, at once if it is.</summary>
    internal void AddWatcher(Notification notification, ulong bits)
    {
        lock (_lock)
        {
            if (_causeOfDeath is null)
            {
                _watchers.Add((notification, bits));
                return;
            }
        }
        notification.Signal(bits);
    }

    /// <summary>Adds a gate or portal; false when the task was found dead, and a new peer is to be made.</summary>
    internal bool TryAdd(RemoteEnd end, out int index)
    {
        index = 0;
        lock (_lock)
        {
            if (_causeOfDeath is not null)
                return false;
            if (!_freeIndexes.TryPop(out index))
            {
                if (_indexes == Attachments.Limit)
                    throw new ServiceException(ServiceError.Exhausted, $"this process holds {_indexes} gates and portals of task '{Name}', the limit");
                index = _indexes++;
            }
            _ends.Add(end);
            return true;
        }
    }

    /// <summary>A gate or portal is held no more; with the last the channels go.</summary>
    internal void Remove(RemoteEnd end)
    {
        Volatile.Read(ref _words)?.Forget(end.Index);
        bool isLast;
        lock (_lock)
        {
            _ends.Remove(end);
            isLast = _ends.Count == 0;
            // Who holds nothing of a task hears nothing of its end.
            if (isLast)
                _watchers.Clear();
            foreach (var channel in _channels)
                channel.Forget(end.Index);
            _freeIndexes.Push(end.Index);
        }
        if (!isLast)
            return;
        Die("nothing of it is held any more");
        while (TryTakePooled() is { } idle)
            Drop(idle);
        _words?.Dispose();
    }

    private CallClient Take()
    {
        if (TryTakePooled() is { } pooled)
            return pooled;
        var channel = new CallClient(this);
        lock (_lock)
        {
            _channels.Add(channel);
            if (_causeOfDeath is not null)
                channel.End();
        }
        return channel;
    }

    private CallClient? TryTakePooled()
    {
        foreach (ref var place in _pool.AsSpan())
        {
            if (place is not null && Interlocked.Exchange(ref place, null) is { } channel)
                return channel;
        }
        return null;
    }

    private void Return(CallClient channel)
    {
        foreach (ref var place in _pool.AsSpan())
        {
            if (place is null && Interlocked.CompareExchange(ref place, channel, null) is null)
                return;
        }
        Drop(channel);
    }

    private void Drop(CallClient channel)
    {
        lock (_lock)
            _channels.Remove(channel);
        channel.Dispose();
    }
}

/// <summary>Which task of which process: the process as the kernel says who made the socket, the task as it says itself.</summary>
internal readonly record struct PeerKey(int Process, int Task);
