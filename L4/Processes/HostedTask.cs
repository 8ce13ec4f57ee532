using System.Reflection;

namespace L4;

/// <summary>What a task does, in whatever process it lives.</summary>
/// <param name="Handler">Serves its first gate, which is how whoever started it speaks to it.</param>
/// <param name="Resource">What goes after the task: a machine, files.</param>
public sealed record TaskService(IGateHandler Handler, IDisposable? Resource = null);

/// <summary>The programs that tasks can be started with, by name. The same table serves both kinds of host: in the root's process, and in the
/// main method of the program that a process of its own runs.</summary>
public sealed class TaskPrograms
{
    private readonly Dictionary<string, (Func<L4Task, TaskService> Start, Assembly? Code)> _programs = new(StringComparer.Ordinal);

    /// <summary>Adds a program: given a new task, it makes what serves the task's first gate.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="start">Makes it.</param>
    /// <param name="confinedTo">The assembly that, with all that it names, is the program's code: in a process of its own the task then confines itself
    /// (<see cref="Confinement"/>) before anybody speaks to it. Null for a program that opens files, sockets or devices itself.</param>
    public TaskPrograms Add(string name, Func<L4Task, TaskService> start, Assembly? confinedTo = null)
    {
        _programs.Add(name, (start, confinedTo));
        return this;
    }

    internal TaskService Start(string name, L4Task task) => Find(name).Start(task);

    /// <summary>The code that a program is confined to; null for one that is not confined.</summary>
    internal Assembly? ConfinedTo(string name) => Find(name).Code;

    private (Func<L4Task, TaskService> Start, Assembly? Code) Find(string name) => _programs.TryGetValue(name, out var program)
        ? program
        : throw new ServiceException(ServiceError.NotFound, $"there is no program '{name}' for a task; there are: {string.Join(", ", _programs.Keys)}");
}

/// <summary>Starts tasks, in this process or each in one of its own; who starts them does not see the difference.</summary>
public interface ITaskHost
{
    /// <summary>Starts a task.</summary>
    /// <param name="name">Its name, for people.</param>
    /// <param name="program">What it does: a name in the <see cref="TaskPrograms"/>.</param>
    /// <returns>The task; it ends with the system at the latest.</returns>
    /// <exception cref="ServiceException">It could not be started; the text says why.</exception>
    HostedTask StartTask(string name, string program);

    /// <summary>From now on the next task with this program is started sooner, where processes are: one waits for it, loaded and confined. What keeps it
    /// from being there is an event.</summary>
    /// <param name="program">A name in the <see cref="TaskPrograms"/>.</param>
    void KeepSpare(string program);
}

/// <summary>A task that a <see cref="ITaskHost"/> started.</summary>
public abstract class HostedTask : IDisposable
{
    private protected HostedTask(string name) => Name = name;

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The task's first gate, a capability of the root.</summary>
    public Capability Gate { get; private protected set; }

    /// <summary>The number of its process; 0 when it has none of its own.</summary>
    public virtual int ProcessId => 0;

    /// <summary>Whether it has ended.</summary>
    public bool IsDead => CauseOfDeath is not null;

    /// <summary>Why it ended; null while it lives.</summary>
    public abstract string? CauseOfDeath { get; }

    /// <summary>Ends it at once, whatever it does.</summary>
    public abstract void Kill(string cause);

    /// <summary>Signals <paramref name="bits"/> when it has ended and nothing of it runs any more, at once if it is so.</summary>
    /// <param name="watcher">Whose notification it is.</param>
    /// <param name="notification">A capability of <paramref name="watcher"/>.</param>
    /// <param name="bits">The bits to signal.</param>
    public abstract void NotifyWhenStopped(L4Task watcher, Capability notification, ulong bits);

    /// <summary>Ends it in order, and waits until nothing of it is left.</summary>
    public abstract void Dispose();
}

/// <summary>Starts tasks in this process.</summary>
/// <param name="system">Their system.</param>
/// <param name="programs">What they can do.</param>
public sealed class LocalTaskHost(L4System system, TaskPrograms programs) : ITaskHost
{
    /// <inheritdoc />
    public HostedTask StartTask(string name, string program)
    {
        var task = system.CreateTask(name);
        return new LocalTask(system, task, programs.Start(program, task));
    }

    /// <summary>Nothing: a task of this process has nothing to load.</summary>
    public void KeepSpare(string program)
    {
    }

    private sealed class LocalTask : HostedTask
    {
        private readonly L4System _system;
        private readonly L4Task _task;
        private readonly TaskService _service;

        internal LocalTask(L4System system, L4Task task, TaskService service)
            : base(task.Name)
        {
            _system = system;
            _task = task;
            _service = service;
            Gate = task.GiveTo(system.Root, task.CreateGate(service.Handler));
            system.DisposeInPlaceOf(task, this);
        }

        public override string? CauseOfDeath => _task.CauseOfDeath;

        public override void Kill(string cause) => _task.Kill(cause);

        public override void NotifyWhenStopped(L4Task watcher, Capability notification, ulong bits) => _task.NotifyWhenStopped(watcher, notification, bits);

        public override void Dispose()
        {
            _task.Dispose();
            _service.Resource?.Dispose();
            _system.Forget(this);
        }
    }
}
