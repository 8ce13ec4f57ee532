using DdeKit;
using DdeKit.Foreign;
using L4;

namespace Ports;

/// <summary>
/// A task that runs a driver, whatever its class and system: its domain from the first module to the report of its death. The glue of a class adds
/// the services. They run on the task's server thread and enter the domain for whatever touches it.
/// </summary>
#pragma warning disable CA1001 // What it owns goes with its task: at the end of Run.
internal abstract class DriverDomain : IDriverStatistics
#pragma warning restore CA1001
{
    private readonly DriverStart _start;
    private readonly Action<DriverKernel> _prepare;
    private readonly VirtualCpu _cpu;
    private readonly Notification _probed;
    private readonly Mapping _heartbeat;
    private readonly Capability _heartbeatDataspace;
    private readonly Lock _ending = new();
    private DriverKernel? _kernel;
    private bool _hasEnded;
    private string? _badFile;

    /// <param name="task">A task that does nothing else.</param>
    /// <param name="start">What it is given.</param>
    /// <param name="prepare">Called on the domain's first thread when the kernel has been made and before the first module is loaded.</param>
    protected DriverDomain(L4Task task, DriverStart start, Action<DriverKernel> prepare)
    {
        Task = task;
        _start = start;
        _prepare = prepare;
        _cpu = new VirtualCpu(task);
        _probed = task.Open<Notification>(task.CreateNotification());
        _heartbeatDataspace = task.CreateDataspace("heartbeat", sizeof(ulong));
        _heartbeat = task.Map(_heartbeatDataspace);
        _cpu.Heartbeat = new Heartbeat(_heartbeat);
        Statistics = task.CreateGate(new DriverStatisticsDispatcher(this));
        if (start.Faults is not null)
            Faults = task.CreateGate(new DriverFaultsDispatcher(new DriverFaults(this)));
    }

    /// <summary>The task.</summary>
    internal L4Task Task { get; }

    /// <summary>What clients are told about the driver.</summary>
    internal string Description => _start.Description;

    /// <summary>A gate of <see cref="IDriverStatistics"/>, a capability of the task.</summary>
    internal Capability Statistics { get; }

    /// <summary>A gate of <see cref="IDriverFaults"/>, a capability of the task; null unless it was started for faults.</summary>
    internal Capability Faults { get; }

    /// <summary>The kernel, once it was probed.</summary>
    internal DriverKernel Kernel => _kernel!;

    /// <inheritdoc />
    public DriverStatistics Read()
    {
        WaitForProbe();
        DriverStatistics? statistics = null;
        _cpu.Invoke(() =>
        {
            var (pci, traps) = (_kernel!.Pci, _kernel.TrapHandler);
            statistics = new DriverStatistics(pci.Ports.Accesses + pci.Memory.Accesses, pci.Ports.BlockBytes, pci.Interrupts.Delivered, traps.DeviceTraps,
                traps.Patcher?.PatchedSites ?? 0, traps.Patcher?.Unpatchable.Count ?? 0, _cpu.BatonHops, _cpu.Events.Sleeps);
        });
        return statistics!;
    }

    /// <inheritdoc />
    public Capability ReadHeartbeat() => _heartbeatDataspace;

    /// <summary>Makes the kernel from the files that the driver was given. On the domain's first thread.</summary>
    protected abstract DriverKernel MakeKernel(VirtualCpu cpu, DriverStart start);

    /// <summary>Loads the modules and waits until they have probed. On a kernel thread.</summary>
    protected abstract void InsertModules();

    /// <summary>Whether an exception says that a file cannot be used, so that no driver died.</summary>
    protected virtual bool IsBadFile(Exception exception) => exception is BadModuleException or UnresolvedImportsException;

    /// <summary>The bytes of a file.</summary>
    protected byte[] Read(DriverFile file)
    {
        using var mapping = Task.Map(file.Dataspace, CapabilityRights.Read);
        return mapping.Bytes[..file.Length].ToArray();
    }

    /// <summary>Starts the driver; it probes its device in the background.</summary>
    internal void Start()
    {
        Task.Ended += Stop;
        Task.StartThread("cpu", Run);
    }

    /// <summary>Runs <paramref name="work"/> with the baton, when the driver has probed its device. For the task's server thread.</summary>
    /// <exception cref="ServiceException">A file that the driver was given cannot be used, or the domain has ended.</exception>
    internal void Invoke(Action work)
    {
        WaitForProbe();
        _cpu.Invoke(work);
    }

    /// <summary>As <see cref="Invoke"/>, on a kernel thread of its own: for what may sleep.</summary>
    internal void InvokeSleeping(string name, Action work)
    {
        WaitForProbe();
        var capability = Task.CreateNotification();
        var done = Task.Open<Notification>(capability);
        Exception? error = null;
        _cpu.Invoke(() => _kernel!.StartThread(name, () =>
        {
            try
            {
                work();
            }
            catch (ServiceException exception)
            {
                error = exception;
            }
            done.Signal(1);
        }));
        // A domain that ends meanwhile never runs the thread to its end.
        while (done.Wait(_cpu.Now + 50_000_000) == 0)
        {
            if (Task.IsDead)
                throw new ServiceException(ServiceError.ServerGone, $"the driver domain of task '{Task.Name}' has ended: {Task.CauseOfDeath}");
        }
        Task.Release(capability);
        if (error is ServiceException known)
            throw new ServiceException(known.Error, known.Message);
    }

    private void WaitForProbe()
    {
        _probed.Wait();
        // It stays so for the next who asks.
        _probed.Signal(1);
        if (_badFile is not null)
            throw new ServiceException(ServiceError.BadFile, _badFile);
    }

    private void Stop()
    {
        _cpu.Stop();
        // Foreign code that neither calls nor returns does not see that the domain is stopping.
        lock (_ending)
        {
            if (_kernel is { } kernel && !_hasEnded)
            {
                kernel.Foreign.Abort(new DomainStoppingException());
                kernel.Foreign.Interrupt();
            }
        }
        _probed.Signal(1);
    }

    /// <summary>The domain's first thread: its event loop, until the domain ends.</summary>
    private void Run()
    {
        try
        {
            Boot();
            _cpu.Run();
            if (_badFile is null && _kernel!.Foreign.Cause is { } cause and not DomainStoppingException)
                throw Died(cause);
        }
        catch (Exception exception) when (IsBadFile(exception))
        {
            _badFile = exception.Message;
        }
        finally
        {
            lock (_ending)
            {
                _hasEnded = true;
                _kernel?.Dispose();
                _heartbeat.Dispose();
            }
            _probed.Signal(1);
        }
    }

    private DriverDiedException Died(Exception cause)
    {
        var died = new DriverDiedException(cause, _kernel!.Calls.Recent(DriverDiedException.ReportedCalls), _start.ReportFile);
        Task.System.Events.Report(Task.Name, DriverDiedException.EventKind, died.Report);
        return died;
    }

    private void Boot()
    {
        _kernel = MakeKernel(_cpu, _start);
        _prepare(_kernel);
        if (_start.Trace is { } trace)
            _kernel.StartTrace(trace);
        if (_start.Faults is { RefusedAllocation: >= 0 and var refused })
            DriverFaults.Of(_kernel).RefuseAllocation(refused);
        _kernel.Boot();
        _kernel.StartThread("init", Probe);
    }

    private void Probe()
    {
        try
        {
            InsertModules();
        }
        catch (Exception exception) when (IsBadFile(exception))
        {
            _badFile = exception.Message;
        }
        _probed.Signal(1);
    }
}
