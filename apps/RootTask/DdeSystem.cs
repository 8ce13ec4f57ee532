using Bddf;
using DdeLinux.Packs;
using Emulator;
using L4;
using L4Io;
using Ports;

namespace RootTask;

/// <summary>
/// A whole system in one process: the root task, which makes all others and hands each exactly what it needs. L4Io owns the machine; the
/// driver task holds one PCI function; Bddf holds the driver's gate; the client holds a gate of Bddf with a ceiling of rights.
/// </summary>
public sealed class DdeSystem : IDisposable
{
    private readonly DateTimeOffset _started = DateTimeOffset.UtcNow;
    private readonly L4System _system;
    private readonly Stack<IDisposable> _owned = new();

    private DdeSystem(SystemOptions options)
    {
        _system = new L4System(options.Clock);
        _owned.Push(_system);
        Events.Reported += KeepDriverReport;
        Client = _system.CreateTask(options.Client);
    }

    /// <summary>The client's task.</summary>
    public L4Task Client { get; }

    /// <summary>The client's gate of <see cref="IBlockServer"/>.</summary>
    public Capability BlockServer { get; private set; }

    /// <summary>The client's gates of <see cref="IDriverStatistics"/>, one for each driver.</summary>
    public IReadOnlyList<Capability> DriverStatistics { get; private set; } = [];

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
            return system;
        }
        catch (Exception exception)
        {
            system.Dispose();
            throw Explain(exception);
        }
    }

    /// <summary>Ends all tasks, the youngest first, then the machine.</summary>
    public void Dispose()
    {
        while (_owned.TryPop(out var owned))
            owned.Dispose();
    }

    private void Compose(SystemOptions options, Action<string> progress)
    {
        using var attached = _system.Root.Enter();
        var port = DriverImage.Load(options.Port, options.KernelRelease);
        progress($"starting {options.Port} with {port.Description}");
        var machine = new EmulatedMachine(options.Machine ?? MachineDescription.WithImages(options.Disks, options.Writable), options.Clock, Events);
        var io = StartIoServer(machine);
        var admin = StartBlockServer();
        StartDrivers(port, io, admin, options.Trace is { } sink ? new DriverTrace(_system, sink) : null);
        BlockServer = _system.Root.GiveTo(Client, admin.CreateClient(options.Client, options.Writable ? BlockRights.All : BlockRights.Read));
    }

    private IoServerProxy StartIoServer(IMachine machine)
    {
        var task = _system.CreateTask("l4io");
        var (server, gate) = IoServer.Start(task, machine);
        // Below the tasks, so that the machine goes after everybody who might still touch it.
        var tasks = _owned.Pop();
        _owned.Push(server);
        _owned.Push(tasks);
        return new IoServerProxy(_system.Root, task.GiveTo(_system.Root, gate));
    }

    private BlockAdminProxy StartBlockServer()
    {
        var task = _system.CreateTask("bddf");
        return new BlockAdminProxy(_system.Root, task.GiveTo(_system.Root, BlockFramework.Start(task)));
    }

    private void StartDrivers(DriverImage image, IoServerProxy io, BlockAdminProxy admin, DriverTrace? trace)
    {
        var statistics = new List<Capability>();
        foreach (var function in io.List().Where(image.Drives))
        {
            string name = $"{image.Manifest.Name}@{function.Address}";
            var task = _system.CreateTask(name);
            var root = _system.Root;
            var granted = root.GiveTo(task, io.Grant(function.Address, name));
            var gates = LinuxBlockDriver.Start(task, image.GiveTo(root, task, granted, ReportFile(name), trace?.Add(task, function)));
            statistics.Add(task.GiveTo(Client, gates.Statistics));
            admin.AddDriver(name, task.GiveTo(root, gates.DiskDriver));
        }
        DriverStatistics = statistics;
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

    private static Exception Explain(Exception exception) => exception switch
    {
        MediumException or MachineDescriptionException => new SystemStartException(ExitCode.Disk, exception.Message, exception),
        BadManifestException => new SystemStartException(ExitCode.Module, exception.Message, exception),
        PackException { Error: PackError.MissingPrerequisite } => new SystemStartException(ExitCode.MissingPrerequisite, exception.Message, exception),
        PackException => new SystemStartException(ExitCode.Module, exception.Message, exception),
        ServiceException { Error: ServiceError.BadFile } => new SystemStartException(ExitCode.Module, exception.Message, exception),
        ServiceException { Error: ServiceError.ServerGone } => new SystemStartException(ExitCode.DriverGone, exception.Message, exception),
        _ => exception,
    };
}
