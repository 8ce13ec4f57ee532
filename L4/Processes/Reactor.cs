using System.Collections.Concurrent;
using L4.Native;

namespace L4;

/// <summary>Told that a descriptor can be read or has hung up. Called on the reactor's thread; it must not block.</summary>
internal interface IReadinessHandler
{
    /// <summary>Handles it. As long as the descriptor stays ready it is called again.</summary>
    void Ready();
}

/// <summary>What of a descriptor is of interest, and how urgent it is.</summary>
internal enum ReadinessKind
{
    /// <summary>That it can be read, or hung up.</summary>
    Read,

    /// <summary>That it hung up: others read from it.</summary>
    HangUp,

    /// <summary>As <see cref="Read"/>, looked at before others that are ready at the same time: what a task reports before it dies is known when
    /// its death is.</summary>
    ReadFirst,
}

/// <summary>
/// The one thread of a process that looks at its sockets: it takes up connections and notices the death of peers. No call and no word passes
/// through it.
/// </summary>
internal sealed unsafe class Reactor : IDisposable
{
    private const int EventLimit = 64;

    private readonly ConcurrentDictionary<long, Registration> _registrations = new();
    private readonly ConcurrentQueue<long> _retired = new();
    private readonly Thread _thread;
    private readonly int _poll;
    private readonly int _wake;
    private long _lastId;
    private volatile bool _stopping;
    private bool _ended;

    internal Reactor()
    {
        _poll = Libc.epoll_create1(Libc.OpenCloseOnExec);
        _wake = Libc.eventfd(0, Libc.OpenCloseOnExec | Libc.OpenDontWait);
        if (_poll < 0 || _wake < 0)
            throw Libc.LastError("making what watches sockets");
        Add(0, _wake, Libc.PollIn);
        _thread = new Thread(Run) { IsBackground = true, Name = "reactor" };
        _thread.Start();
    }

    private sealed record Registration(int Descriptor, IReadinessHandler Handler, ReadinessKind Kind);

    /// <summary>Watches a descriptor, which is the reactor's to close from here on.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="handler">Told of it.</param>
    /// <param name="kind">What of it is of interest.</param>
    /// <returns>What <see cref="Retire"/> takes.</returns>
    internal long Watch(int descriptor, IReadinessHandler handler, ReadinessKind kind = ReadinessKind.Read)
    {
        long id = Interlocked.Increment(ref _lastId);
        _registrations[id] = new Registration(descriptor, handler, kind);
        Add(id, descriptor, kind == ReadinessKind.HangUp ? 0 : Libc.PollIn);
        return id;
    }

    /// <summary>Watches a descriptor no more and closes it, on the reactor's thread, so that no handler reads a descriptor that is another's by then.
    /// A handler may still be called once.</summary>
    internal void Retire(long id)
    {
        _retired.Enqueue(id);
        Wake();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_stopping)
            return;
        _stopping = true;
        Wake();
        if (Thread.CurrentThread != _thread)
            _thread.Join();
    }

    private void Wake()
    {
        ulong one = 1;
        lock (_retired)
        {
            if (!_ended)
                _ = Libc.write(_wake, &one, sizeof(ulong));
        }
    }

    private void Add(long id, int descriptor, uint events)
    {
        var entry = new Libc.PollEvent { Events = events, Data = id };
        if (Libc.epoll_ctl(_poll, Libc.PollAdd, descriptor, &entry) != 0)
            throw Libc.LastError($"watching descriptor {descriptor}");
    }

    private void Run()
    {
        var events = stackalloc Libc.PollEvent[EventLimit];
        while (!_stopping)
        {
            int count = Libc.epoll_wait(_poll, events, EventLimit, -1);
            for (int pass = 0; pass < 2; pass++)
            {
                for (int i = 0; i < count; i++)
                {
                    if (_registrations.TryGetValue(events[i].Data, out var registration) && (registration.Kind == ReadinessKind.ReadFirst) == (pass == 0))
                        registration.Handler.Ready();
                }
            }
            CloseRetired();
        }
        foreach (long id in _registrations.Keys)
            _retired.Enqueue(id);
        CloseRetired();
        lock (_retired)
        {
            _ended = true;
            _ = Libc.close(_wake);
            _ = Libc.close(_poll);
        }
    }

    private void CloseRetired()
    {
        ulong drained;
        _ = Libc.read(_wake, &drained, sizeof(ulong));
        while (_retired.TryDequeue(out long id))
        {
            if (!_registrations.TryRemove(id, out var registration))
                continue;
            _ = Libc.epoll_ctl(_poll, Libc.PollDelete, registration.Descriptor, null);
            _ = Libc.close(registration.Descriptor);
        }
    }
}
