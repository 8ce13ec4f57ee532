using System.Runtime.ExceptionServices;
using DdeBsd.Build;
using DdeKit;
using DdeKit.Foreign;
using Emulator;
using L4;
using L4Io;

namespace DdeBsd.Tests;

/// <summary>A domain with the emulated IDE controller and modules that are built from source, in virtual time; the test is a kernel thread of it.</summary>
internal sealed class BsdDomain : IDisposable, IDiskOwner
{
    private static readonly PciAddress s_ide = new(0, 1, 1);
    private static readonly Lazy<KldBuilder> s_builder = new(KldBuilder.CreateDefault);

    private readonly L4System _system = new(new VirtualClock());
    private readonly L4Task _task;
    private readonly VirtualCpu _cpu;
    private readonly IoServer _server;
    private readonly Dictionary<ulong, DiskStatus> _completed = [];
    private KernelThread? _waiter;
    private ulong _tag;

    private BsdDomain(MachineDescription machine)
    {
        var ioTask = _system.CreateTask("l4io");
        (_server, var gate) = IoServer.Start(ioTask, new EmulatedMachine(machine, _system.Clock, _system.Events));
        _task = _system.CreateTask("driver");
        using (_task.Enter())
        {
            var function = new IoServerProxy(_task, ioTask.GiveTo(_task, gate)).Grant(s_ide, _task.Name);
            _cpu = new VirtualCpu(_task);
            Kernel = new BsdKernel(_cpu, function, ElfRelocatable.Parse(s_builder.Value.BuildKernel().Read(), "kernel")) { DiskOwner = this };
        }
    }

    internal BsdKernel Kernel { get; }

    internal EventLog Events => _system.Events;

    internal List<BsdDisk> Added { get; } = [];

    internal List<BsdDisk> Removed { get; } = [];

    /// <summary>Runs a body as a kernel thread of a domain with this machine.</summary>
    internal static void Run(MachineDescription machine, Action<BsdDomain> body)
    {
        using var domain = new BsdDomain(machine);
        domain.RunBody(body);
    }

    /// <summary>Runs a body that must end the domain; the result is why.</summary>
    internal static Exception RunToDeath(MachineDescription machine, Action<BsdDomain> body)
    {
        using var domain = new BsdDomain(machine);
        domain.RunBody(running =>
        {
            try
            {
                body(running);
            }
            catch (ForeignAbortException)
            {
                // Expected: the call into the driver did not come back.
            }
        }, mayDie: true);
        return domain.Kernel.Foreign.Cause ?? throw new InvalidOperationException("The domain lives.");
    }

    /// <summary>Runs a body with a disk that the PIIX driver found.</summary>
    internal static void RunWithDisk(IDiskMedium medium, Action<BsdDomain, BsdDisk> body) =>
        Run(MachineDescription.WithDisks(new DiskDescription(medium, "SERIAL1")), domain =>
        {
            domain.InsertPort("bsd-piix-ide", "piixide");
            body(domain, domain.TheDisk());
        });

    private BsdDisk TheDisk()
    {
        Added.Count.ShouldBe(1, Report());
        return Added[0];
    }

    /// <summary>Builds and loads the driver of a port.</summary>
    internal LoadedModule InsertPort(string port, string name) =>
        Insert(name, [Path.Combine(AppContext.BaseDirectory, "ports", port, name + ".c")]);

    /// <summary>Builds and loads a driver.</summary>
    internal LoadedModule Insert(string name, string[] sources)
    {
        var built = s_builder.Value.Build(new ModuleSources(name, sources, [], []));
        return Kernel.InsertModule(ElfRelocatable.Parse(built.Read(), name));
    }

    /// <summary>Runs a body on a domain with a module from text, on a machine without disks.</summary>
    internal static void RunWithText(string text, Action<BsdDomain, LoadedModule> body) =>
        Run(MachineDescription.WithDisks(), domain => body(domain, domain.InsertText("test", text)));

    /// <summary>Calls a function of a module.</summary>
    internal int Call(LoadedModule module, string function, params ReadOnlySpan<nint> arguments)
    {
        module.TryGetSymbol(function, out nint address).ShouldBeTrue(function);
        Span<nint> all = stackalloc nint[6];
        arguments.CopyTo(all);
        return unchecked((int)Kernel.Call(address, all[0], all[1], all[2], all[3], all[4], all[5]));
    }

    /// <summary>Builds and loads a driver from text.</summary>
    internal LoadedModule InsertText(string name, string text)
    {
        string folder = Directory.CreateTempSubdirectory("dde-bsd-").FullName;
        try
        {
            string file = Path.Combine(folder, name + ".c");
            File.WriteAllText(file, text);
            return Insert(name, [file]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public void DiskAdded(DriverDisk disk) => Added.Add((BsdDisk)disk);

    public void DiskRemoved(DriverDisk disk) => Removed.Add((BsdDisk)disk);

    public void Completed(DriverDisk disk, ulong tag, DiskStatus status)
    {
        _completed.Add(tag, status);
        _waiter?.Host!.Unpark();
    }

    internal ulong AllocateBuffer(int bytes) => Kernel.Arena.BusAddress(Kernel.Arena.Heap.AllocatePages((bytes + 4095) / 4096, 1));

    internal Span<byte> At(ulong bus, int bytes) => Kernel.Memory.Span<byte>(Kernel.Arena.Base + (nint)bus, bytes);

    /// <summary>Submits a request and waits for its end.</summary>
    internal DiskStatus Execute(DriverDisk disk, DiskOperation operation, ulong sector, uint count, ulong bus) => WaitFor(Submit(disk, operation, sector, count, bus));

    internal ulong Submit(DriverDisk disk, DiskOperation operation, ulong sector, uint count, ulong bus)
    {
        disk.Submit(operation, sector, count, bus, ++_tag);
        return _tag;
    }

    internal DiskStatus WaitFor(ulong tag)
    {
        // A minute of the virtual clock is for ever.
        long deadline = Kernel.Cpu.Now + 60_000_000_000;
        _waiter = Kernel.Threads.Current;
        while (!_completed.ContainsKey(tag))
        {
            if (!Kernel.Threads.Park(deadline))
                throw new TimeoutException($"request {tag}: not within a minute. {Report()}");
        }
        return _completed[tag];
    }

    internal string Report() =>
        string.Join(Environment.NewLine, Kernel.Log.Lines.Select(line => $"[{line.TimeNanoseconds / 1e9:f6}] {line.Text}"))
        + Environment.NewLine + string.Join(Environment.NewLine, Events.Recent.Select(e => $"{e.Source} {e.Kind}: {e.Text}"))
        + Environment.NewLine + string.Join(Environment.NewLine, Kernel.Calls.Recent());

    public void Dispose()
    {
        Kernel.Dispose();
        _cpu.Dispose();
        _system.Dispose();
        _server.Dispose();
    }

    private void RunBody(Action<BsdDomain> body, bool mayDie = false)
    {
        Exception? failure = null;
        using (_task.Enter())
        {
            Kernel.Boot();
            Kernel.StartThread("test", () =>
            {
                try
                {
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
        if (!mayDie && Kernel.Foreign.Cause is { } cause and not DomainStoppingException)
            throw new InvalidOperationException(cause.Message + Environment.NewLine + Report(), cause);
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
    }
}
