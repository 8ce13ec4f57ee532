namespace L4;

/// <summary>
/// One system: a clock, an event log, a name service, and the tasks. The first task, the root, makes all others and gives them
/// their first capabilities.
/// </summary>
public sealed class L4System : IDisposable
{
    private readonly List<L4Task> _tasks = [];

    /// <param name="clock">Real in production, virtual in tests.</param>
    public L4System(Clock clock)
    {
        Clock = clock;
        Events = new EventLog(() => clock.Now);
        Root = new L4Task(this, "root");
        _tasks.Add(Root);
        Root.NameServiceCapability = Root.CreateGate(new NameServiceDispatcher(new NameService(Root)));
    }

    /// <summary>The system's time.</summary>
    public Clock Clock { get; }

    /// <summary>What must not pass in silence.</summary>
    public EventLog Events { get; }

    /// <summary>The task that makes the others; it serves the names.</summary>
    public L4Task Root { get; }

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
            _tasks.Add(task);
        return task;
    }

    /// <summary>A task has ended and given everything up.</summary>
    internal void Forget(L4Task task)
    {
        lock (_tasks)
            _tasks.Remove(task);
    }

    /// <summary>Ends all tasks, the youngest first.</summary>
    public void Dispose()
    {
        foreach (var task in Tasks.Reverse())
            task.Dispose();
    }
}
