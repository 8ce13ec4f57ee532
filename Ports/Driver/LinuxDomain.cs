using DdeKit;
using DdeKit.Foreign;
using DdeKit.Foreign.Btf;
using DdeLinux;
using L4;

namespace Ports;

/// <summary>
/// A task that runs a Linux driver, whatever its class: its domain from the first module to the report of its death. The glue of a class adds
/// the services. They run on the task's server thread and enter the domain for whatever touches it.
/// </summary>
#pragma warning disable CA1001 // What it owns goes with its task: at the end of Run.
internal sealed class LinuxDomain : IDriverStatistics
#pragma warning restore CA1001
{
    private readonly DriverStart _start;
    private readonly Action<LinuxKernel> _prepare;
    private readonly VirtualCpu _cpu;
    private readonly Notification _probed;
    private LinuxKernel? _kernel;
    private string? _badFile;

    /// <param name="task">A task that does nothing else.</param>
    /// <param name="start">What it is given.</param>
    /// <param name="prepare">Called on the domain's first thread when the kernel has been made and before the first module is loaded.</param>
    internal LinuxDomain(L4Task task, DriverStart start, Action<LinuxKernel> prepare)
    {
        Task = task;
        _start = start;
        _prepare = prepare;
        _cpu = new VirtualCpu(task);
        _probed = task.Open<Notification>(task.CreateNotification());
        Statistics = task.CreateGate(new DriverStatisticsDispatcher(this));
    }

    /// <summary>The task.</summary>
    internal L4Task Task { get; }

    /// <summary>What clients are told about the driver.</summary>
    internal string Description => _start.Description;

    /// <summary>A gate of <see cref="IDriverStatistics"/>, a capability of the task.</summary>
    internal Capability Statistics { get; }

    /// <summary>The kernel, once it was probed.</summary>
    internal LinuxKernel Kernel => _kernel!;

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
        catch (Exception exception) when (exception is BadBtfException or BadModuleException or UnresolvedImportsException or KernelLayoutException)
        {
            _badFile = exception.Message;
        }
        finally
        {
            _kernel?.Dispose();
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
        var image = BtfTypes.Parse(Read(_start.Types), $"vmlinux {_start.KernelRelease}");
        var modules = new List<ElfRelocatable>();
        var types = new List<BtfTypes>();
        foreach (var file in _start.Modules)
        {
            var elf = ElfRelocatable.Parse(Read(file), file.Name);
            modules.Add(elf);
            if (elf.FindSection(".BTF") is { } section)
                types.Add(BtfTypes.ParseSplit(image, section.Contents, file.Name));
        }
        KernelTypes.Current = new KernelTypes(_start.KernelRelease, new BtfTypeSet(image, [.. types]));
        _kernel = new LinuxKernel(_cpu, _start.Function, patchSites: _start.PatchesSites);
        _prepare(_kernel);
        if (_start.Trace is { } trace)
            _kernel.StartTrace(trace);
        _kernel.Boot();
        _kernel.StartThread("init", () => Probe(modules));
    }

    private void Probe(List<ElfRelocatable> modules)
    {
        try
        {
            foreach (var module in modules)
                _kernel!.InsertModule(module);
            _kernel!.WaitForProbes();
        }
        catch (Exception exception) when (exception is BadModuleException or UnresolvedImportsException or KernelLayoutException)
        {
            _badFile = exception.Message;
        }
        _probed.Signal(1);
    }

    private byte[] Read(DriverFile file)
    {
        using var mapping = Task.Map(file.Dataspace, CapabilityRights.Read);
        return mapping.Bytes[..file.Length].ToArray();
    }
}
