namespace L4;

/// <summary>
/// One system: a clock, an event log, a name service, and the tasks. The first task, the root, makes all others and gives them
/// their first capabilities.
/// </summary>
public sealed class L4System : IDisposable
{
    private readonly List<L4Task> _tasks = [];
    private readonly List<IDisposable> _members = [];

    /// <param name="clock">Real in production, virtual in tests.</param>
    /// <param name="isolation">Whether tasks of other processes can be reached. Processes share real time only.</param>
    public L4System(Clock clock, Isolation isolation = Isolation.None)
        : this(clock, isolation, "root") =>
        Root.NameServiceCapability = Root.CreateGate(new NameServiceDispatcher(new NameService(Root)));

    private L4System(Clock clock, Isolation isolation, string root)
    {
        Clock = clock;
        Events = new EventLog(() => clock.Now);
        Interconnect = isolation == Isolation.Process ? new Interconnect(clock, Events) : null;
        Root = new L4Task(this, root);
        _tasks.Add(Root);
        _members.Add(Root);
    }

    /// <summary>The system's time.</summary>
    public Clock Clock { get; }

    /// <summary>What must not pass in silence.</summary>
    public EventLog Events { get; }

    /// <summary>The task that makes the others; it serves the names.</summary>
    public L4Task Root { get; }

    /// <summary>What joins it to other processes; null in a system of one process.</summary>
    internal Interconnect? Interconnect { get; }

    /// <summary>All tasks that were not disposed, in the order they were made.</summary>
    public IReadOnlyList<L4Task> Tasks
    {
        get
        {
            lock (_tasks)
                return [.. _tasks];
        }
    }

    /// <summary>Makes a task that holds one capability: the name service.</summary>
    public L4Task CreateTask(string name)
    {
        var task = new L4Task(this, name);
        task.NameServiceCapability = Root.GiveTo(task, Root.NameServiceCapability);
        lock (_tasks)
        {
            _tasks.Add(task);
            _members.Add(task);
        }
        return task;
    }

    /// <summary>A task has ended and given everything up.</summary>
    internal void Forget(L4Task task)
    {
        lock (_tasks)
            _tasks.Remove(task);
        Forget((IDisposable)task);
    }

    /// <summary>What was to be disposed with the tasks has been.</summary>
    internal void Forget(IDisposable member)
    {
        lock (_tasks)
            _members.Remove(member);
    }

    /// <summary>Ends all tasks, the youngest first, whatever process they live in.</summary>
    public void Dispose()
    {
        IDisposable[] members;
        lock (_tasks)
            members = [.. _members];
        foreach (var member in members.Reverse())
            member.Dispose();
        Interconnect?.Dispose();
    }

    /// <summary>The part of a system that lives in this process, begun by another: its first task is what the root there started.</summary>
    /// <param name="clock">Tells the time of that system.</param>
    /// <param name="name">The task's name.</param>
    /// <param name="names">The name service, as it came.</param>
    /// <param name="descriptors">What stands for it.</param>
    internal static L4System Join(Clock clock, string name, in CapabilityRecord names, Span<int> descriptors)
    {
        var system = new L4System(clock, Isolation.Process, name);
        system.Root.NameServiceCapability = CapabilityImport.Insert(system.Interconnect!, names, descriptors, system.Root.Capabilities);
        return system;
    }

    /// <summary>Has something disposed with the tasks, in its turn.</summary>
    internal void DisposeLater(IDisposable member)
    {
        lock (_tasks)
            _members.Add(member);
    }

    /// <summary>Has <paramref name="owner"/> disposed in place of its task.</summary>
    internal void DisposeInPlaceOf(L4Task task, IDisposable owner)
    {
        lock (_tasks)
            _members[_members.IndexOf(task)] = owner;
    }
}

/// <summary>Where the tasks of a system live.</summary>
public enum Isolation
{
    /// <summary>All in one process: for tests on the virtual clock, and where processes are too dear.</summary>
    None,

    /// <summary>The I/O server and each driver in a process of its own.</summary>
    Process,
}
