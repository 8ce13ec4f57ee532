using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.InteropServices;
using L4;

namespace DdeKit;

/// <summary>
/// The one processor of a driver domain. At any time one host thread holds its baton and runs the domain's code: the event loop
/// (interrupts, timers, posted work) or one kernel thread. So foreign code sees a uniprocessor, and the domain's own data need no lock.
/// </summary>
/// <remarks>
/// All members belong to the holder of the baton, except <see cref="Stop"/> and <see cref="Events"/>. The event loop does not block: a
/// function that may sleep is called on a <see cref="KitThread"/>. Interrupts are delivered by the event loop, and by
/// <see cref="EnableInterrupts"/> on whichever thread enables them, as on a real processor.
/// </remarks>
public sealed unsafe class VirtualCpu : IDisposable
{
    private const ulong StopBit = 1UL << 63;

    private readonly Action?[] _handlers = new Action?[64];
    private readonly Queue<KitThread> _ready = new();
    private readonly Queue<Action> _posted = new();
    private readonly ConcurrentQueue<OutsideCall> _outsideCalls = new();
    private readonly List<KitThread> _threads = [];
    private readonly Notification _baton;
    private readonly int* _interruptsEnabled;
    private readonly ulong _outsideBit;
    private ulong _interruptBits;
    private ulong _latched;
    private ulong _usedBits = StopBit;
    private bool _stopping;
    private bool _ended;

    /// <param name="task">The task whose threads run the domain.</param>
    public VirtualCpu(L4Task task)
    {
        Task = task;
        Events = task.Open<Notification>(EventsCapability = task.CreateNotification());
        _baton = task.Open<Notification>(task.CreateNotification());
        Timers = new TimerQueue(task.System.Clock);
        _interruptsEnabled = (int*)NativeMemory.AllocZeroed(sizeof(int));
        *_interruptsEnabled = 1;
        _outsideBit = AddEvent(RunOutsideCalls);
    }

    /// <summary>Work that a thread outside the domain asked for and waits for.</summary>
    private sealed class OutsideCall(Action work, Notification done)
    {
        public Exception? Error { get; private set; }

        public void Run()
        {
            try
            {
                work();
            }
#pragma warning disable CA1031 // The caller gets the error: it is the caller's work that failed, not the domain's.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Error = exception;
            }
            done.Signal(1);
        }

        public void Refuse(string cause)
        {
            Error = new ServiceException(ServiceError.ServerGone, cause);
            done.Signal(1);
        }
    }

    /// <summary>The domain's task.</summary>
    public L4Task Task { get; }

    /// <summary>The notification that wakes the event loop. Its bits come from <see cref="AddEvent"/>.</summary>
    public Notification Events { get; }

    /// <summary>The capability for <see cref="Events"/>, to be handed to who shall wake the domain.</summary>
    public Capability EventsCapability { get; }

    /// <summary>The domain's timers.</summary>
    public TimerQueue Timers { get; }

    /// <summary>The clock's time in nanoseconds.</summary>
    public long Now => Task.System.Clock.Now;

    /// <summary>The kernel thread that holds the baton; null while the event loop does.</summary>
    public KitThread? Current { get; private set; }

    /// <summary>Whether an interrupt handler is running.</summary>
    public bool InInterrupt { get; private set; }

    /// <summary>How often a row of interrupt handlers was begun. Handlers of one row run back to back: nothing else of the domain runs in
    /// between.</summary>
    public long InterruptRows { get; private set; }

    /// <summary>Whether the domain is ending; parked threads are unwound.</summary>
    public bool IsStopping => Volatile.Read(ref _stopping);

    /// <summary>Whether interrupts are delivered; see <see cref="EnableInterrupts"/>.</summary>
    public bool InterruptsEnabled => *_interruptsEnabled != 0;

    /// <summary>Address of the 32-bit interrupt flag, for machine code that saves, clears and sets it as a processor would.</summary>
    public nint InterruptFlagAddress => (nint)_interruptsEnabled;

    /// <summary>How often the baton changed hands.</summary>
    public long BatonHops { get; private set; }

    /// <summary>Told of each round of the event loop, and of each wait; null for nobody.</summary>
    public Heartbeat? Heartbeat { get; set; }

    /// <summary>Called on each host thread of the domain before it first runs foreign code (to set its segment register).</summary>
    public Action? ThreadAttached { get; set; }

    /// <summary>Called on each host thread of the domain when it has run its last.</summary>
    public Action? ThreadDetached { get; set; }

    /// <summary>Called after interrupts were delivered, with interrupts enabled: on whichever thread they were delivered.</summary>
    public Action? InterruptsDelivered { get; set; }

    /// <summary>Called when work of the domain ends with an exception that nobody caught; the domain is stopped then.</summary>
    public Action<Exception>? Faulted { get; set; }

    /// <summary>Adds a handler that the event loop runs when the returned bit of <see cref="Events"/> is signalled.</summary>
    /// <param name="handler">Runs with the baton and must not block.</param>
    /// <param name="interrupt">Whether it is an interrupt: delivered also by <see cref="EnableInterrupts"/>.</param>
    /// <returns>One bit.</returns>
    /// <exception cref="InvalidOperationException">All 63 bits are in use; the last one stops the loop.</exception>
    public ulong AddEvent(Action handler, bool interrupt = false)
    {
        int index = BitOperations.TrailingZeroCount(~_usedBits);
        if (index == 64)
            throw new InvalidOperationException($"The domain of task '{Task.Name}' uses all 63 event bits.");
        ulong bit = 1UL << index;
        _usedBits |= bit;
        _handlers[index] = handler;
        if (interrupt)
            _interruptBits |= bit;
        return bit;
    }

    /// <summary>Removes a handler. Its bit does nothing until it is used again.</summary>
    public void RemoveEvent(ulong bit)
    {
        _handlers[BitOperations.TrailingZeroCount(bit)] = null;
        _usedBits &= ~bit;
        _interruptBits &= ~bit;
        _latched &= ~bit;
    }

    /// <summary>Runs <paramref name="work"/> on the event loop, after what runs now.</summary>
    public void Post(Action work) => _posted.Enqueue(work);

    /// <summary>Starts a kernel thread. It runs when the baton comes round.</summary>
    public KitThread StartThread(string name, Action body)
    {
        var thread = new KitThread(this, name, body);
        _threads.Add(thread);
        _ready.Enqueue(thread);
        thread.Start();
        return thread;
    }

    /// <summary>Stops interrupts from being delivered. Returns whether they were enabled.</summary>
    public bool DisableInterrupts()
    {
        bool enabled = *_interruptsEnabled != 0;
        *_interruptsEnabled = 0;
        return enabled;
    }

    /// <summary>Lets interrupts through again and delivers at once what waits.</summary>
    public void EnableInterrupts()
    {
        *_interruptsEnabled = 1;
        if (_latched != 0 || Events.IsPending)
            DeliverInterrupts();
    }

    /// <summary>Runs the event loop on the calling thread, which is the domain's first, until <see cref="Stop"/>.</summary>
    public void Run()
    {
        ThreadAttached?.Invoke();
        while (!IsStopping)
        {
            try
            {
                RunOnce();
            }
#pragma warning disable CA1031 // Whatever goes wrong in a driver ends its domain with a report, and nothing else.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Fault(exception);
            }
        }
        // Parked threads see that the domain is stopping, unwind, and give the baton back one after the other.
        foreach (var thread in _threads.ToArray())
            SwitchTo(thread);
        Volatile.Write(ref _ended, true);
        RefuseOutsideCalls();
        ThreadDetached?.Invoke();
    }

    /// <summary>Runs <paramref name="work"/> on the event loop and waits for it. For threads outside the domain (a server thread of the same
    /// task); never for a holder of the baton.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.ServerGone"/>: the domain has ended.</exception>
    public void Invoke(Action work)
    {
        var done = Task.CreateNotification();
        var notification = Task.Open<Notification>(done);
        var call = new OutsideCall(work, notification);
        _outsideCalls.Enqueue(call);
        Events.Signal(_outsideBit);
        if (Volatile.Read(ref _ended))
            RefuseOutsideCalls();
        notification.Wait();
        Task.Release(done);
        if (call.Error is not null)
            throw call.Error is ServiceException known ? new ServiceException(known.Error, known.Message) : new ServiceException(ServiceError.ServerFault, call.Error.Message);
    }

    /// <summary>Ends the event loop. May be called from any thread.</summary>
    public void Stop()
    {
        Volatile.Write(ref _stopping, true);
        Events.Signal(StopBit);
    }

    /// <inheritdoc />
    public void Dispose() => NativeMemory.Free(_interruptsEnabled);

    internal void MakeReady(KitThread thread) => _ready.Enqueue(thread);

    internal void ThreadEnded(KitThread thread) => _threads.Remove(thread);

    internal void Fault(Exception exception)
    {
        if (exception is not DomainStoppingException)
            Faulted?.Invoke(exception);
        Stop();
    }

    /// <summary>The calling kernel thread gives the baton back to the event loop.</summary>
    internal void ReturnBaton() => _baton.Signal(1);

    private void RunOnce()
    {
        Heartbeat?.Work();
        _latched |= Events.Poll();
        DeliverInterrupts();
        DispatchEvents();
        Timers.RunDue();
        for (int count = _posted.Count; count > 0; count--)
            _posted.Dequeue()();
        if (_ready.TryDequeue(out var thread))
            SwitchTo(thread);
        // The bit that stops the loop may have been taken above, among others.
        else if (_latched == 0 && _posted.Count == 0 && !IsStopping)
        {
            Heartbeat?.Rest();
            _latched |= Events.Wait(Timers.NextDeadline);
        }
    }

    private void SwitchTo(KitThread thread)
    {
        BatonHops++;
        Current = thread;
        thread.TakeBaton();
        _baton.Wait();
        Current = null;
    }

    private void DeliverInterrupts()
    {
        if (InInterrupt || !InterruptsEnabled)
            return;
        InInterrupt = true;
        InterruptRows++;
        bool any = false;
        try
        {
            while (true)
            {
                _latched |= Events.Poll();
                ulong bits = _latched & _interruptBits;
                if (bits == 0)
                    break;
                any = true;
                _latched &= ~bits;
                // A processor enters a handler with interrupts off.
                *_interruptsEnabled = 0;
                RunHandlers(bits);
                *_interruptsEnabled = 1;
            }
        }
        finally
        {
            *_interruptsEnabled = 1;
            InInterrupt = false;
        }
        if (any)
            InterruptsDelivered?.Invoke();
    }

    private void RunOutsideCalls()
    {
        while (_outsideCalls.TryDequeue(out var call))
            call.Run();
    }

    private void RefuseOutsideCalls()
    {
        while (_outsideCalls.TryDequeue(out var call))
            call.Refuse($"the driver domain of task '{Task.Name}' has ended");
    }

    private void DispatchEvents()
    {
        ulong bits = _latched & ~_interruptBits;
        _latched &= _interruptBits;
        RunHandlers(bits);
    }

    private void RunHandlers(ulong bits)
    {
        while (bits != 0)
        {
            int index = BitOperations.TrailingZeroCount(bits);
            bits &= bits - 1;
            _handlers[index]?.Invoke();
        }
    }
}
