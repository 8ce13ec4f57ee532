using System.Runtime.ExceptionServices;
using DdeKit;
using DdeKit.Foreign;
using DdeLinux.Packs;
using Emulator;
using L4;
using L4Io;

namespace DdeLinux.Drivers.Tests;

/// <summary>Debian's ATA driver on an emulated PIIX3, with the virtual clock. A test's body runs as a kernel thread of the domain, after
/// the modules were loaded.</summary>
internal sealed class DriverDomain : IDisposable, IDiskOwner
{
    private static readonly PciAddress s_ide = new(0, 1, 1);

    private readonly L4System _system = new(new VirtualClock());
    private readonly L4Task _task;
    private readonly VirtualCpu _cpu;
    private readonly IoServer _server;
    private readonly KernelPack _pack;
    private readonly Dictionary<ulong, DiskStatus> _completed = [];
    private KernelThread? _waiter;

    private readonly bool _hasModules;
    private readonly DriverFunctions _functions = new();

    private DriverDomain(MachineDescription machine, bool hasModules = true)
    {
        _hasModules = hasModules;
        _pack = KernelPackStore.Default.Select();
        KernelTypes.Current = new KernelTypes(_pack.Release, _pack.TypesWith(_pack.FindModule("libata"), _pack.FindModule("ata_piix")));
        var ioTask = _system.CreateTask("l4io");
        (_server, var gate) = IoServer.Start(ioTask, new EmulatedMachine(machine, _system.Clock, _system.Events));
        _task = _system.CreateTask("driver");
        using (_task.Enter())
        {
            var function = new IoServerProxy(_task, ioTask.GiveTo(_task, gate)).Grant(s_ide, _task.Name);
            _cpu = new VirtualCpu(_task);
            Kernel = new LinuxKernel(_cpu, function) { DiskOwner = this };
        }
    }

    internal LinuxKernel Kernel { get; }

    internal EventLog Events => _system.Events;

    internal List<LinuxDisk> Added { get; } = [];

    internal List<LinuxDisk> Removed { get; } = [];

    /// <summary>What libata is told when it is loaded.</summary>
    internal Dictionary<string, string>? LibataParameters { get; init; }

    internal List<ulong> CompletionOrder { get; } = [];

    /// <summary>Whether completions are kept, which allocates.</summary>
    internal bool NoteCompletions { get; set; } = true;

    /// <summary>What to do when a request completed, besides noting it.</summary>
    internal Action<LinuxDisk, ulong, DiskStatus>? OnCompleted { get; set; }

    internal static void Run(MachineDescription machine, Action<DriverDomain> body, Dictionary<string, string>? libataParameters = null)
    {
        using var domain = new DriverDomain(machine) { LibataParameters = libataParameters };
        domain.RunBody(body);
    }

    /// <summary>A domain without a driver: the test plays it.</summary>
    internal static void RunWithoutModules(Action<DriverDomain> body)
    {
        using var domain = new DriverDomain(MachineDescription.WithDisks(), hasModules: false);
        domain.RunBody(body);
    }

    internal static void RunWithDisk(IDiskMedium medium, Action<DriverDomain, LinuxDisk> body, Dictionary<string, string>? libataParameters = null) =>
        Run(MachineDescription.WithDisks(new DiskDescription(medium, "SERIAL1")), domain => body(domain, domain.WaitForDisks(1)[0]), libataParameters);

    public void DiskAdded(DriverDisk disk)
    {
        Added.Add((LinuxDisk)disk);
        Wake();
    }

    public void DiskRemoved(DriverDisk disk) => Removed.Add((LinuxDisk)disk);

    public void Completed(DriverDisk disk, ulong tag, DiskStatus status)
    {
        if (!NoteCompletions)
            return;
        CompletionOrder.Add(tag);
        _completed.Add(tag, status);
        OnCompleted?.Invoke((LinuxDisk)disk, tag, status);
        Wake();
    }

    internal LoadedModule Insert(string name, Dictionary<string, string>? parameters = null) =>
        Kernel.InsertModule(ElfRelocatable.Parse(_pack.FindModule(name).Read(), name), parameters);

    internal IReadOnlyList<LinuxDisk> WaitForDisks(int count)
    {
        WaitUntil(() => Added.Count >= count, $"{count} disks");
        return Added;
    }

    /// <summary>Sleeps until a condition holds; a minute of the virtual clock is for ever.</summary>
    internal void WaitUntil(Func<bool> condition, string what)
    {
        _waiter = Kernel.Scheduler.Current;
        long deadline = Kernel.Cpu.Now + 60_000_000_000;
        while (!condition())
        {
            if (!Kernel.Scheduler.Wait(deadline))
                throw new TimeoutException($"{what}: not within a minute. {Report()}");
        }
    }

    internal ulong AllocateBuffer(int bytes) => Kernel.Arena.BusAddress(Kernel.Arena.Heap.AllocatePages((bytes + 4095) / 4096, 1));

    internal Span<byte> At(ulong bus, int bytes) => Kernel.Memory.Span<byte>(Kernel.Arena.Base + (nint)bus, bytes);

    /// <summary>Submits a request and waits for its end.</summary>
    internal DiskStatus Execute(LinuxDisk disk, DiskOperation operation, ulong sector, uint count, ulong bus)
    {
        ulong tag = 1_000_000 + (ulong)_completed.Count;
        disk.Submit(operation, sector, count, bus, tag);
        return WaitFor(tag);
    }

    internal DiskStatus WaitFor(ulong tag)
    {
        WaitUntil(() => _completed.ContainsKey(tag), $"request {tag}");
        return _completed[tag];
    }

    /// <summary>Memory of the driver, zeroed.</summary>
    internal nint Allocate(int bytes) => Kernel.AllocateOrPanic(bytes, "a test");

    /// <summary>A function of the driver.</summary>
    internal nint Function(DriverFunctions.Body body) => _functions.Add(Kernel, body);

    internal string Report() =>
        string.Join(Environment.NewLine, Kernel.Log.Lines.Select(line => $"[{line.TimeNanoseconds / 1e9:f6}] {line.Level}: {line.Text}"))
        + Environment.NewLine + string.Join(Environment.NewLine, Events.Recent.Select(e => $"{e.Source} {e.Kind}: {e.Text}"));

    public void Dispose()
    {
        Kernel.Dispose();
        _cpu.Dispose();
        _system.Dispose();
        _server.Dispose();
    }

    private void Wake()
    {
        if (_waiter is { HasEnded: false } waiter)
            Scheduler.Wake(waiter);
    }

    private void RunBody(Action<DriverDomain> body)
    {
        Exception? failure = null;
        using (_task.Enter())
        {
            Kernel.Boot();
            Kernel.Scheduler.StartThread("test", () =>
            {
                try
                {
                    if (_hasModules)
                    {
                        Insert("libata", LibataParameters);
                        Insert("ata_piix");
                    }
                    body(this);
                }
                catch (Exception exception) when (exception is not DomainStoppingException)
                {
                    failure = exception;
                }
                _cpu.Stop();
            });
            _cpu.Run();
        }
        if (Kernel.Foreign.Cause is { } cause and not DomainStoppingException)
            throw new InvalidOperationException(cause.Message + Environment.NewLine + Report(), cause);
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
    }
}
