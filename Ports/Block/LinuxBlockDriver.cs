using Bddf;
using DdeKit;
using DdeKit.Foreign;
using DdeKit.Foreign.Btf;
using DdeLinux;
using L4;

namespace Ports;

/// <summary>
/// A task that runs a Linux disk driver and offers its disks to the block framework: the glue between DdeLinux and Bddf. The service runs on
/// the task's server thread and enters the domain for whatever touches it.
/// </summary>
#pragma warning disable CA1001 // What it owns goes with its task: at the end of Run.
public sealed class LinuxBlockDriver : IDiskDriver, IDriverStatistics, IDiskOwner
#pragma warning restore CA1001
{
    /// <summary>The event that carries the report of a driver's death.</summary>
    public const string OopsEvent = "oops";

    private readonly L4Task _task;
    private readonly DriverStart _start;
    private readonly VirtualCpu _cpu;
    private readonly Notification _probed;
    private readonly List<LinuxDisk> _disks = [];
    private readonly List<LinuxDiskChannel?> _channels = [];
    private LinuxKernel? _kernel;
    private string? _badFile;

    private LinuxBlockDriver(L4Task task, DriverStart start)
    {
        _task = task;
        _start = start;
        _cpu = new VirtualCpu(task);
        _probed = task.Open<Notification>(task.CreateNotification());
    }

    /// <summary>Starts the driver in <paramref name="task"/>; it probes its device in the background.</summary>
    /// <returns>Gates for <see cref="IDiskDriver"/> and <see cref="IDriverStatistics"/>, capabilities of the task. <see cref="List"/> answers
    /// when the probe is done.</returns>
    public static (Capability DiskDriver, Capability Statistics) Start(L4Task task, DriverStart start)
    {
        var driver = new LinuxBlockDriver(task, start);
        var gates = (task.CreateGate(new DiskDriverDispatcher(driver)), task.CreateGate(new DriverStatisticsDispatcher(driver)));
        task.Ended += driver.Stop;
        task.StartThread("cpu", driver.Run);
        return gates;
    }

    /// <inheritdoc />
    public DriverStatistics Read()
    {
        WaitForProbe();
        DriverStatistics? statistics = null;
        _cpu.Invoke(() => statistics = new DriverStatistics(_kernel!.Pci.Ports.Accesses, _kernel.Pci.Ports.BlockBytes, _kernel.Pci.Interrupts.Delivered,
            _kernel.TrapHandler.DeviceTraps, _cpu.BatonHops, _cpu.Events.Sleeps));
        return statistics!;
    }

    /// <inheritdoc />
    public DiskInfo[] List()
    {
        WaitForProbe();
        DiskInfo[] disks = [];
        _cpu.Invoke(() => disks = [.. _disks.Select(Describe)]);
        return disks;
    }

    /// <inheritdoc />
    public Capability OpenChannel(uint disk, Capability completionPortal, uint entries)
    {
        WaitForProbe();
        LinuxDiskChannel? channel = null;
        _cpu.Invoke(() =>
        {
            if (disk >= _disks.Count)
                throw new ServiceException(ServiceError.NotFound, $"disk {disk}: the driver has {_disks.Count}");
            // A closed channel has nothing in flight, so that its place can be taken.
            int index = _channels.IndexOf(null);
            if (index < 0)
            {
                index = _channels.Count;
                _channels.Add(null);
            }
            _channels[index] = channel = new LinuxDiskChannel(_kernel!, _disks[(int)disk], index, completionPortal, entries, () => _channels[index] = null);
        });
        return channel!.Gate;
    }

    /// <inheritdoc />
    public void DiskAdded(LinuxDisk disk) => _disks.Add(disk);

    /// <inheritdoc />
    public void DiskRemoved(LinuxDisk disk) => _task.System.Events.Report(_task.Name, "disk-removed", $"{disk.Model} {disk.Serial}");

    /// <inheritdoc />
    public void Completed(LinuxDisk disk, ulong tag, DiskStatus status) => _channels[(int)(tag >> LinuxDiskChannel.SlotBits)]!.Completed(tag, status);

    private DiskInfo Describe(LinuxDisk disk) =>
        new(disk.Model, disk.Serial, disk.Firmware, disk.SectorSize, disk.Sectors, LinuxDiskChannel.MaximumSectors, _start.Description, disk.Writable);

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
            Start();
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
        _task.System.Events.Report(_task.Name, OopsEvent, died.Report);
        return died;
    }

    private void Start()
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
        _kernel = new LinuxKernel(_cpu, _start.Function) { DiskOwner = this };
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
        using var mapping = _task.Map(file.Dataspace, CapabilityRights.Read);
        return mapping.Bytes[..file.Length].ToArray();
    }
}
