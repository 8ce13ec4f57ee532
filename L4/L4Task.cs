namespace L4;

/// <summary>
/// A protection domain: a capability space and the threads that act with it. Code of a task reaches other tasks through capabilities
/// only; no object reference of one is ever held by another, so that a task can as well be a process of its own.
/// </summary>
/// <remarks>All members may be called from any thread; <see cref="Call"/> and <see cref="Message"/> only from a thread of this task.</remarks>
public sealed class L4Task : IDisposable
{
    /// <summary>The event that tells of an exception that ended a task, whole.</summary>
    public const string FaultEvent = "task-fault";

    private readonly Lock _lock = new();
    private readonly List<L4Thread> _threads = [];
    private readonly List<(Notification Notification, ulong Bits)> _watchers = [];
    private readonly List<(Notification Notification, ulong Bits)> _stopWatchers = [];
    private int _runningThreads;
    private ServerLoop? _loop;
    private ServedTask? _served;
    private string? _causeOfDeath;

    internal L4Task(L4System system, string name)
    {
        System = system;
        Name = name;
        Capabilities = new CapabilitySpace(name);
    }

    /// <summary>The system that this task is part of.</summary>
    public L4System System { get; }

    /// <summary>The task's name, for people.</summary>
    public string Name { get; }

    /// <summary>Whether the task ended; its gates and portals answer <see cref="ServiceError.ServerGone"/>.</summary>
    public bool IsDead => Volatile.Read(ref _causeOfDeath) is not null;

    /// <summary>Why it ended; null while it lives.</summary>
    public string? CauseOfDeath => _causeOfDeath;

    /// <summary>The current thread's message buffer.</summary>
    public Message Message => CurrentThread().Message;

    /// <summary>How many capabilities the task holds.</summary>
    public int CapabilityCount => Capabilities.Count;

    /// <summary>The name service of the system, as this task reaches it.</summary>
    public INameService Names => new NameServiceProxy(this, NameServiceCapability);

    internal CapabilitySpace Capabilities { get; }

    /// <summary>What a caller is told once the task has ended.</summary>
    internal string GoneText => $"task '{Name}' is gone: {CauseOfDeath ?? "it ended"}";

    internal Capability NameServiceCapability { get; set; }

    /// <summary>Starts a thread of this task. An exception that leaves <paramref name="body"/> ends the task.</summary>
    public L4Thread StartThread(string name, Action body)
    {
        var thread = new L4Thread(this, name, body);
        lock (_lock)
        {
            _threads.Add(thread);
            _runningThreads++;
        }
        thread.Start();
        return thread;
    }

    /// <summary>Makes the calling host thread a thread of this task until the result is disposed (on the same thread).</summary>
    public IDisposable Enter() => new AttachedThread(this);

    /// <summary>Sends the current thread's message to <paramref name="gate"/> and waits for the answer, which replaces it.</summary>
    /// <exception cref="ServiceException">The server refused or failed, or is gone.</exception>
    public void Call(Capability gate, uint operation, Message message)
    {
        var thread = CurrentThread();
        if (message != thread.Message)
            throw new ArgumentException("A call sends the calling thread's own message buffer.", nameof(message));
        Capabilities.Lookup<Gate>(gate, CapabilityRights.None).Call(thread, operation);
    }

    /// <summary>Makes a gate whose calls <paramref name="handler"/> answers on the task's server thread, one at a time.</summary>
    public Capability CreateGate(IGateHandler handler)
    {
        lock (_lock)
            _loop ??= new ServerLoop(this);
        return Capabilities.Insert(new LocalGate(_loop, handler), CapabilityRights.All);
    }

    /// <summary>Makes a portal that <paramref name="handler"/> answers: see <see cref="Portal"/>.</summary>
    public Capability CreatePortal(IPortalHandler handler) => Capabilities.Insert(new LocalPortal(this, handler), CapabilityRights.All);

    /// <summary>Makes a notification.</summary>
    public Capability CreateNotification() => Capabilities.Insert(new Notification(System.Clock, CreateState("notification")), CapabilityRights.All);

    /// <summary>Makes an interrupt object for a line that is low.</summary>
    /// <param name="notification">Its holder's; it may be given up, the interrupt keeps what it names.</param>
    /// <param name="bits">What is signalled when the line is high.</param>
    /// <exception cref="ServiceException">The notification may not be signalled.</exception>
    public Capability CreateInterrupt(Capability notification, ulong bits) =>
        Capabilities.Insert(new Interrupt(CreateState("interrupt"), Capabilities.Lookup<Notification>(notification, CapabilityRights.Write), bits), CapabilityRights.All);

    /// <summary>Makes a dataspace of at least <paramref name="size"/> bytes of zeros.</summary>
    public Capability CreateDataspace(string name, ulong size)
    {
        if (size == 0)
            throw new ServiceException(ServiceError.BadArgument, $"dataspace '{name}' was to have 0 bytes");
        ulong rounded = checked(size + (Dataspace.PageSize - 1)) / Dataspace.PageSize * Dataspace.PageSize;
        return Capabilities.Insert(new Dataspace(name, rounded), CapabilityRights.All);
    }

    /// <summary>The kernel object behind a capability, for the paths where a look-up a time is too dear. The right is checked here, once.</summary>
    public T Open<T>(Capability capability, CapabilityRights needed = CapabilityRights.None) where T : KernelObject =>
        Capabilities.Lookup<T>(capability, needed);

    /// <summary>What a capability allows, for those who must know before they try.</summary>
    public CapabilityRights RightsOf(Capability capability) => Capabilities.RightsOf(capability);

    /// <summary>Maps all of a dataspace.</summary>
    public Mapping Map(Capability dataspace, CapabilityRights rights = CapabilityRights.All)
    {
        var target = Capabilities.Lookup<Dataspace>(dataspace, rights);
        return new Mapping(target.Map(0, 0, target.Size, rights), target.Size);
    }

    /// <summary>A second capability for the same object with fewer rights.</summary>
    public Capability Restrict(Capability capability, CapabilityRights rights) => Capabilities.Restrict(capability, rights);

    /// <summary>Gives a capability up. The object goes when nobody holds it.</summary>
    public void Release(Capability capability) => Capabilities.Remove(capability);

    /// <summary>Gives <paramref name="receiver"/> a capability. Only who made a task (the root) can do this; all others send messages.</summary>
    public Capability GiveTo(L4Task receiver, Capability capability) => CapabilitySpace.Transfer(capability, Capabilities, receiver.Capabilities);

    /// <summary>Signals <paramref name="bits"/> when the task that serves <paramref name="gate"/> ends, at once if it has.</summary>
    public void NotifyWhenGone(Capability gate, Capability notification, ulong bits) =>
        Capabilities.Lookup<Gate>(gate, CapabilityRights.None).AddWatcher(Capabilities.Lookup<Notification>(notification, CapabilityRights.Write), bits);

    /// <summary>Signals <paramref name="bits"/> when the task has ended and its threads too, at once if they have: nothing of it runs any more.</summary>
    /// <param name="watcher">Whose notification it is.</param>
    /// <param name="notification">A capability of <paramref name="watcher"/>.</param>
    /// <param name="bits">The bits to signal.</param>
    public void NotifyWhenStopped(L4Task watcher, Capability notification, ulong bits)
    {
        var signalled = watcher.Open<Notification>(notification, CapabilityRights.Write);
        lock (_lock)
        {
            if (_causeOfDeath is null || _runningThreads > 0)
            {
                _stopWatchers.Add((signalled, bits));
                return;
            }
        }
        signalled.Signal(bits);
    }

    /// <summary>Ends the task: its gates and portals refuse, callers that wait get <see cref="ServiceError.ServerGone"/>, watchers are told.</summary>
    public void Kill(string cause)
    {
        List<(Notification Notification, ulong Bits)> watchers;
        ServedTask? served;
        lock (_lock)
        {
            if (_causeOfDeath is not null)
                return;
            Volatile.Write(ref _causeOfDeath, cause);
            watchers = [.. _watchers];
            served = _served;
            _loop?.Stop();
        }
        System.Events.Report(Name, "task-ended", cause);
        Ended?.Invoke();
        foreach (var (notification, bits) in watchers)
            notification.Signal(bits);
        served?.End(cause);
        TellIfStopped();
    }

    /// <summary>Raised once, on the killing thread, so that the task's own code can stop its threads.</summary>
    public event Action? Ended;

    /// <summary>Ends the task if it lives, waits for its threads and gives all its capabilities up. Not to be called from one of its threads.</summary>
    public void Dispose()
    {
        Kill("disposed");
        List<L4Thread> threads;
        lock (_lock)
            threads = [.. _threads];
        foreach (var thread in threads)
            thread.Join();
        Capabilities.Clear();
        System.Forget(this);
    }

    internal void ThreadEnded()
    {
        lock (_lock)
            _runningThreads--;
        TellIfStopped();
    }

    internal void Fault(Exception exception)
    {
        System.Events.Report(Name, FaultEvent, exception.ToString());
        Kill(exception.Message);
    }

    private void TellIfStopped()
    {
        List<(Notification Notification, ulong Bits)> watchers;
        lock (_lock)
        {
            if (_causeOfDeath is null || _runningThreads > 0)
                return;
            watchers = [.. _stopWatchers];
            _stopWatchers.Clear();
        }
        foreach (var (notification, bits) in watchers)
            notification.Signal(bits);
    }

    /// <summary>What other processes hold of this task.</summary>
    /// <exception cref="ServiceException">The task is dead, or its system has no other processes.</exception>
    internal ServedTask Served
    {
        get
        {
            var interconnect = System.Interconnect ?? throw new ServiceException(ServiceError.BadCapability, "an object of a system without other processes cannot be sent to one");
            lock (_lock)
            {
                if (_causeOfDeath is not null)
                    throw new ServiceException(ServiceError.ServerGone, GoneText);
                return _served ??= new ServedTask(this, interconnect, _loop);
            }
        }
    }

    /// <summary>Keeps the whole story of a server's own mistake, for the caller gets one line.</summary>
    internal ServiceException ReportFault(Exception exception)
    {
        System.Events.Report(Name, "server-fault", exception.ToString());
        return new ServiceException(ServiceError.ServerFault, $"task '{Name}' failed: {exception.GetType().Name}: {exception.Message}");
    }

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

    private StateMemory CreateState(string what) => StateMemory.Create(what, System.Interconnect is not null);

    private ThreadControlBlock CurrentThread()
    {
        var thread = ThreadControlBlock.Current;
        if (thread is null || thread.Task != this)
            throw new InvalidOperationException($"The calling thread is not a thread of task '{Name}'.");
        return thread;
    }
}
