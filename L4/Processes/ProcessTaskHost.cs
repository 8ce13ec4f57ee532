using L4.Native;

namespace L4;

/// <summary>Starts each task in a process of its own, which runs <see cref="ChildTask.Run"/>.</summary>
/// <param name="system">The system; it must have been made for processes.</param>
/// <param name="assembly">Absolute path of the program's main assembly.</param>
/// <param name="arguments">What its main method knows by that it is to run a task.</param>
/// <param name="programs">What its main method gives <see cref="ChildTask.Run"/>: a program's confinement begins here, with its process.</param>
public sealed class ProcessTaskHost(L4System system, string assembly, IReadOnlyList<string> arguments, TaskPrograms programs) : ITaskHost, IDisposable
{
    private readonly Lock _lock = new();
    private PreparedProcess? _spare;
    private bool _hasKeptSpare;
    private bool _isDisposed;


    /// <summary>Limit of a task's managed heap, in bytes. A driver's task holds the kernel's type information.</summary>
    public long HeapBytes { get; init; } = 512L << 20;

    /// <summary>What a confined task may use up beside its managed heap.</summary>
    public ProcessLimits Limits { get; init; } = new(MemoryBytes: 3L << 30, OpenFiles: 1024, FileBytes: 1L << 30);

    /// <summary>The number of the process that waits to be a task; 0 when none does.</summary>
    public int SpareProcessId
    {
        get
        {
            lock (_lock)
                return _spare?.Process.Id ?? 0;
        }
    }

    /// <inheritdoc />
    public HostedTask StartTask(string name, string program)
    {
        var spare = TakeSpare(program);
        var task = ProcessTask.Start(system, name, spare ?? Prepare(program));
        if (spare is not null)
            KeepSpare(program);
        return task;
    }

    /// <inheritdoc />
    public void KeepSpare(string program)
    {
        lock (_lock)
        {
            if (_isDisposed || _spare is not null)
                return;
            if (!_hasKeptSpare)
                system.DisposeLater(this);
            _hasKeptSpare = true;
            try
            {
                _spare = Prepare(program);
            }
            catch (ServiceException exception)
            {
                system.Events.Report(program, "spare-missing", exception.Message);
            }
        }
    }

    /// <summary>Ends the spare process. The tasks end with their system.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _spare?.Dispose();
            _spare = null;
        }
    }

    private PreparedProcess? TakeSpare(string program)
    {
        lock (_lock)
        {
            if (_spare?.Program != program)
                return null;
            var spare = _spare;
            _spare = null;
            if (spare.End is not { } end)
                return spare;
            system.Events.Report(program, "spare-lost", $"the spare process {end}");
            spare.Dispose();
            return null;
        }
    }

    private PreparedProcess Prepare(string program)
    {
        var start = ProcessStart.Dotnet(assembly, arguments, HeapBytes);
        if (programs.ConfinedTo(program) is not null)
            start = start with { Files = FileGrants.ForDotnet(Path.GetDirectoryName(assembly)!), Limits = Limits };
        return PreparedProcess.Start(program, start);
    }
}

/// <summary>A task in a process of its own, as the root sees it: the process, and a socket on which it tells of itself.</summary>
internal sealed class ProcessTask : HostedTask, IReadinessHandler
{
    private const ulong ChangedBit = 1;

    /// <summary>How long a process may take to end in order.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private readonly L4System _system;
    private readonly Interconnect _interconnect;
    private readonly Notification _started;
    private readonly byte[] _packet = new byte[ControlChannel.PacketLimit];
    private readonly int _control;
    private ChildProcess? _process;
    private long _watch;
    private readonly List<(Notification Notification, ulong Bits)> _stopWatchers = [];
    private string? _causeOfDeath;
    private string? _lastWords;
    private bool _hasStopped;

    private ProcessTask(L4System system, string name, int control)
        : base(name)
    {
        _system = system;
        _interconnect = system.Interconnect ?? throw new ArgumentException("The system was made for one process.", nameof(system));
        _control = control;
        _started = new Notification(system.Clock);
    }

    /// <inheritdoc />
    public override int ProcessId => _process!.Id;

    /// <inheritdoc />
    public override string? CauseOfDeath => Volatile.Read(ref _causeOfDeath);

    /// <summary>Makes a prepared process a task, which it belongs to from here on.</summary>
    internal static ProcessTask Start(L4System system, string name, PreparedProcess prepared)
    {
        var task = new ProcessTask(system, name, prepared.Control) { _process = prepared.Process };
        ControlChannel.SendStart(prepared.Control, system, name);
        foreach (string line in task._process.MissingProtection)
            system.Events.Report(name, "protection-missing", line);
        task._watch = task._interconnect.Reactor.Watch(prepared.Control, task, ReadinessKind.ReadFirst);
        var exit = new Exit(task);
        exit.Watch = task._interconnect.Reactor.Watch(Libc.Duplicate(task._process.Descriptor), exit);
        task._started.Wait();
        if (task.CauseOfDeath is { } cause)
        {
            string output = task._process.Wait().ErrorOutput.Trim();
            task.Dispose();
            throw new ServiceException(ServiceError.ServerGone, $"task '{name}' did not start: {cause}{(output.Length > 0 ? ": " + output : "")}");
        }
        system.DisposeLater(task);
        return task;
    }

    /// <inheritdoc />
    public override void Kill(string cause)
    {
        _interconnect.ProcessEnded(ProcessId, cause);
        _process!.Kill();
        Die(cause);
    }

    /// <inheritdoc />
    public override void NotifyWhenStopped(L4Task watcher, Capability notification, ulong bits)
    {
        var signalled = watcher.Open<Notification>(notification, CapabilityRights.Write);
        lock (_lock)
        {
            if (!_hasStopped)
            {
                _stopWatchers.Add((signalled, bits));
                return;
            }
        }
        signalled.Signal(bits);
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        // The hang-up tells the process to end.
        _interconnect.Reactor.Retire(_watch);
        Die("disposed");
        if (_process!.Wait(s_grace) is null)
            _system.Events.Report(Name, "task-killed", $"process {ProcessId} did not end within {s_grace.TotalSeconds:0} s");
        _process.Dispose();
        _system.Forget(this);
    }

    /// <inheritdoc />
    public void Ready()
    {
        Span<int> descriptors = stackalloc int[PacketSocket.DescriptorLimit];
        var packet = PacketSocket.Receive(_control, _packet, descriptors);
        if (packet.Outcome == PacketOutcome.Empty)
            return;
        if (packet.Outcome == PacketOutcome.Whole)
        {
            try
            {
                Take(_packet.AsSpan(0, packet.Length), descriptors[..packet.Descriptors]);
                return;
            }
            catch (ServiceException exception)
            {
                _system.Events.Report(Name, "peer-cut-off", $"process {ProcessId} sent what makes no sense: {exception.Message}; it is ended");
            }
        }
        _interconnect.Reactor.Retire(_watch);
        // One that hung up has ended already, or has no business to go on.
        _process!.Kill();
        if (_lastWords is { } words)
            Die(words);
    }

    private void Take(ReadOnlySpan<byte> packet, Span<int> descriptors)
    {
        var message = new Message();
        message.Receive(packet, [], _system.Root.Capabilities);
        switch (ControlChannel.ReadTag(message))
        {
            case ControlTag.Started when descriptors.Length == 1 && Gate.IsNull:
                Gate = CapabilityImport.Insert(_interconnect, message.Read<CapabilityRecord>(), descriptors, _system.Root.Capabilities);
                _started.Signal(ChangedBit);
                return;
            case ControlTag.Event:
                _system.Events.Add(ControlChannel.ReadEvent(message));
                break;
            case ControlTag.Ended:
                _lastWords = ControlChannel.ReadText(message);
                break;
            default:
                PacketSocket.Close(descriptors);
                throw new ServiceException(ServiceError.BadArgument, "a packet of no known kind");
        }
        PacketSocket.Close(descriptors);
    }

    private void Die(string cause)
    {
        lock (_lock)
        {
            if (_causeOfDeath is not null)
                return;
            Volatile.Write(ref _causeOfDeath, cause);
        }
        // A task that ended by itself has reported it.
        if (_lastWords is null)
            _system.Events.Report(Name, "task-ended", cause);
        _started.Signal(ChangedBit);
    }

    /// <summary>The process has ended, and all its threads.</summary>
    private void Stopped()
    {
        // A process that was killed from elsewhere hung up without a word.
        var exit = _process!.Wait();
        if (exit.End == ProcessEnd.OutOfMemory)
            _system.Events.Report(Name, L4Task.FaultEvent, $"{nameof(OutOfMemoryException)}: its process {exit}");
        else if (exit.End is ProcessEnd.Signalled or ProcessEnd.OutOfProcessorTime && CauseOfDeath is null)
            _system.Events.Report(Name, L4Task.FaultEvent, $"its process {exit}");
        _interconnect.ProcessEnded(ProcessId, $"its process {exit}");
        Die($"its process {exit}");
        lock (_lock)
            _hasStopped = true;
        // No watcher is added any more.
        foreach (var (notification, bits) in _stopWatchers)
            notification.Signal(bits);
    }

    private sealed class Exit(ProcessTask task) : IReadinessHandler
    {
        internal long Watch { get; set; }

        public void Ready()
        {
            task._interconnect.Reactor.Retire(Watch);
            task.Stopped();
        }
    }
}
