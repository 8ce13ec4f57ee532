using System.Net.Sockets;
using Bddf;
using CommandGuard;
using DdeBsd.Build;
using DdeLinux.Packs;
using Emulator;
using L4;
using L4Io;
using Nddf;
using Nddf.Links;
using Ports;

namespace RootTask;

/// <summary>
/// A whole system: the root task, which makes all others and hands each exactly what it needs. L4Io owns the machine; a
/// driver task holds one PCI function; Bddf or Nddf holds the driver's gate; the client holds gates of the two with a ceiling of rights.
/// </summary>
public sealed class DdeSystem : IDisposable
{
    private readonly DateTimeOffset _started = DateTimeOffset.UtcNow;
    private readonly L4System _system;
    private readonly Stack<IDisposable> _resources = new();
    private readonly ITaskHost _host;
    private NetworkRole? _network;
    private ControlServer? _control;
    private MachineHostProxy? _machine;
    private MachinePlan? _plan;
    private Capability _machineFaults;

    private DdeSystem(SystemOptions options)
    {
        _system = new L4System(options.Clock, options.Isolation);
        _host = options.Isolation == Isolation.Process
            ? new ProcessTaskHost(_system, typeof(DdeSystem).Assembly.Location, [], SystemPrograms.All)
            : new LocalTaskHost(_system, SystemPrograms.All);
        Events.Reported += KeepDriverReport;
        Client = _system.CreateTask(options.Client);
    }

    /// <summary>The client's task.</summary>
    public L4Task Client { get; }

    /// <summary>The client's gate of <see cref="IBlockServer"/>; null in a system without disk drivers.</summary>
    public Capability BlockServer { get; private set; }

    /// <summary>The client's gate of <see cref="INicServer"/>; null in a system without network drivers.</summary>
    public Capability NicServer { get; private set; }

    /// <summary>Who keeps the drivers at work.</summary>
    public Supervisor Supervisor { get; } = new();

    /// <summary>The client's gates of <see cref="IDriverStatistics"/>, one for each device; null for one that has no driver now. A driver that
    /// takes another's place has one of its own.</summary>
    public IReadOnlyList<Capability> DriverStatistics => Supervisor.Statistics;

    /// <summary>Has things go wrong; null unless <see cref="SystemOptions.AllowsFaults"/>.</summary>
    public FaultInjector? Faults { get; private set; }

    /// <summary>Where the reports of drivers that died are kept.</summary>
    public static string ReportFolder => Path.Combine(Path.GetDirectoryName(KernelPackStore.Default.Folder)!, "reports");

    /// <summary>What must not pass in silence.</summary>
    public EventLog Events => _system.Events;

    /// <summary>The system's time.</summary>
    public Clock Clock => _system.Clock;

    /// <summary>Starts a system and waits until its drivers have probed their devices.</summary>
    /// <param name="options">What to start.</param>
    /// <param name="progress">Told what is being done, for the person who waits.</param>
    /// <exception cref="SystemStartException">Something is in the way; nothing is left running.</exception>
    public static DdeSystem Start(SystemOptions options, Action<string>? progress = null)
    {
        var system = new DdeSystem(options);
        try
        {
            system.Compose(options, progress ?? (_ => { }));
            if (options.IsControlled)
                system.StartControl();
            return system;
        }
        catch (Exception exception)
        {
            system.Dispose();
            if (Explain(exception) is { } explained)
                throw explained;
            throw;
        }
    }

    /// <summary>Joins a card to a link, in a task of its own that ends when the link or the card does.</summary>
    /// <param name="nic">The card.</param>
    /// <param name="link">The link; the system's from here on.</param>
    /// <param name="isPromiscuous">Whether the link is to get all frames on the wire, as a switch or a bridge behind it needs.</param>
    /// <exception cref="ServiceException">See <see cref="NicClient.Open"/>.</exception>
    public L4Task StartLink(string nic, ILink link, bool isPromiscuous)
    {
        _resources.Push(link);
        using var attached = _system.Root.Enter();
        return _network!.StartLink(nic, link, isPromiscuous);
    }

    /// <summary>Joins an end of a wire to a link of the host's, in a task of its own that ends when the link does.</summary>
    /// <param name="end">The end of the wire, as the machine's description has it.</param>
    /// <param name="link">The link, as <see cref="LinkName"/> reads it.</param>
    /// <exception cref="LinkException">The link cannot be made.</exception>
    public void JoinWire(WireEnd end, string link)
    {
        if (_machine is { } machine)
        {
            using var attached = _system.Root.Enter();
            try
            {
                machine.JoinWire(_plan!.NumberOf(end), link);
            }
            catch (ServiceException exception) when (exception.Error is ServiceError.AccessDenied or ServiceError.DeviceError)
            {
                throw new LinkException(link, exception.Message, exception.Error == ServiceError.AccessDenied);
            }
            return;
        }
        var opened = LinkName.OpenForWire(link);
        _resources.Push(opened);
        WireLink.Start(_system.CreateTask($"wire={opened.Name}"), end, opened);
    }

    /// <summary>Has everything that is sent to an end of a wire come back.</summary>
    /// <param name="end">The end of the wire, as the machine's description has it.</param>
    public void LoopWire(WireEnd end)
    {
        if (_machine is { } machine)
        {
            using var attached = _system.Root.Enter();
            machine.LoopWire(_plan!.NumberOf(end));
            return;
        }
        WireLoop.Start(_system.CreateTask("wire=loop"), end);
    }

    /// <summary>Ends all tasks, the youngest first, then what they used: links and the machine.</summary>
    public void Dispose()
    {
        _control?.Dispose();
        Supervisor.Stop();
        _system.Dispose();
        while (_resources.TryPop(out var resource))
            resource.Dispose();
    }

    private void Compose(SystemOptions options, Action<string> progress)
    {
        using var attached = _system.Root.Enter();
        DriverImage[] images = [.. options.Ports.Select(port => DriverImage.Load(port, options.KernelRelease))];
        foreach (var image in images)
            progress($"starting {image.Manifest.Name} with {image.Description}");
        var io = StartIoServer(options);
        var tasks = new DriverTasks(_system, _host, Client, io, images, ReportFile, options.PatchesSites, options.Trace is { } sink ? new DriverTrace(_system, sink) : null, options.AllowsFaults);
        if (options.AllowsFaults)
            Faults = new FaultInjector(_system, Supervisor, tasks, _machineFaults);
        // On a virtual clock whoever looks at intervals keeps time going for ever.
        var limits = options.Supervision ?? new SupervisionLimits { Watch = options.Clock.IsVirtual ? null : new SupervisionLimits().Watch };
        if (tasks.HasPortsFor(DeviceClass.Block))
        {
            var block = new BlockRole(_system);
            Supervisor.Start(_system, io, block, tasks, limits);
            BlockServer = block.CreateClient(Client, options.Writable ? BlockRights.All : BlockRights.Read);
        }
        if (tasks.HasPortsFor(DeviceClass.Network))
        {
            _network = new NetworkRole(_system);
            Supervisor.Start(_system, io, _network, tasks, limits);
            NicServer = _network.CreateClient(Client, NicRights.All);
        }
        // Not before: a driver that starts has the processors to itself.
        _host.KeepSpare(SystemPrograms.Driver);
    }

    private IoServerProxy StartIoServer(SystemOptions options)
    {
        if (options.Isolation == Isolation.Process)
        {
            _plan = new MachinePlan(options);
            _machine = new MachineHostProxy(_system.Root, _host.StartTask("l4io", SystemPrograms.Machine).Gate);
            try
            {
                var io = new IoServerProxy(_system.Root, _machine.Start(_plan.Setup));
                if (options.AllowsFaults)
                    _machineFaults = _machine.Faults();
                return io;
            }
            catch (ServiceException exception) when (exception.Error == ServiceError.DeviceError)
            {
                throw new SystemStartException(ExitCode.Disk, exception.Message, exception);
            }
        }
        // A machine of this process can be anything: with media and faults of a test.
        IMachine machine = new EmulatedMachine(options.Machine ?? MachineDescription.WithImages(options.Disks, options.Writable), options.Clock, Events);
        var task = _system.CreateTask("l4io");
        if (options.AllowsFaults)
        {
            var faulty = new FaultyMachine(machine, Events);
            _machineFaults = task.GiveTo(_system.Root, task.CreateGate(new MachineFaultsDispatcher(faulty)));
            machine = faulty;
        }
        var (server, gate) = IoServer.Start(task, machine, new TaskfileGuards());
        _resources.Push(server);
        return new IoServerProxy(_system.Root, task.GiveTo(_system.Root, gate));
    }

    /// <summary>A system that others do not see is better than none.</summary>
    private void StartControl()
    {
        try
        {
            _control = ControlServer.Start(this);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or SocketException or ArgumentException)
        {
            Events.Report("root", "not-controlled", $"other processes cannot see this system: {exception.Message}");
        }
    }

    private void KeepDriverReport(SystemEvent entry)
    {
        if (entry.Kind != DriverDiedException.EventKind)
            return;
        try
        {
            Directory.CreateDirectory(ReportFolder);
            File.WriteAllText(ReportFile(entry.Source), entry.Text + "\n");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Events.Report("root", "report-not-kept", exception.Message);
        }
    }

    private string ReportFile(string task) => Path.Combine(ReportFolder, $"{_started:yyyyMMdd-HHmmss}-{Environment.ProcessId}-{task.Replace(':', '.')}.txt");

    private static SystemStartException? Explain(Exception exception) => exception switch
    {
        MediumException or MachineDescriptionException => new SystemStartException(ExitCode.Disk, exception.Message, exception),
        BadManifestException => new SystemStartException(ExitCode.Module, exception.Message, exception),
        BuildException { IsMissingTool: true } => new SystemStartException(ExitCode.MissingPrerequisite, exception.Message, exception),
        BuildException => new SystemStartException(ExitCode.Module, exception.Message, exception),
        PackException { Error: PackError.MissingPrerequisite } => new SystemStartException(ExitCode.MissingPrerequisite, exception.Message, exception),
        PackException => new SystemStartException(ExitCode.Module, exception.Message, exception),
        ServiceException { Error: ServiceError.BadFile } => new SystemStartException(ExitCode.Module, exception.Message, exception),
        ServiceException { Error: ServiceError.ServerGone } => new SystemStartException(ExitCode.DriverGone, exception.Message, exception),
        _ => null,
    };
}
