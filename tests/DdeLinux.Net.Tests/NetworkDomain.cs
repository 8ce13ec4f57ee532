using System.Net.NetworkInformation;
using System.Runtime.ExceptionServices;
using DdeKit;
using DdeKit.Foreign;
using DdeLinux.Packs;
using Emulator;
using L4;
using L4Io;

namespace DdeLinux.Net.Tests;

/// <summary>A driver domain with an emulated network card, on the virtual clock. A test's body runs as a kernel thread of the domain; it is
/// the owner of the domain's devices and sits at the other end of the wire.</summary>
internal sealed class NetworkDomain : IDisposable, INetworkOwner, IWireUser
{
    internal static readonly byte[] Address = [0x52, 0x54, 0x00, 0x12, 0x34, 0x56];
    internal static readonly byte[] Peer = [0x52, 0x54, 0x00, 0x65, 0x43, 0x21];

    private static readonly PciAddress s_nic = new(0, 3, 0);

    private readonly L4System _system = new(new VirtualClock());
    private readonly L4Task _task;
    private readonly VirtualCpu _cpu;
    private readonly IoServer _server;
    private readonly KernelPack _pack = KernelPackStore.Default.Select();
    private readonly DriverFunctions _functions = new();
    private KernelThread? _waiter;

    private NetworkDomain(NicModel model, bool patchSites)
    {
        KernelTypes.Current = new KernelTypes(_pack.Release, _pack.TypesWith());
        var ioTask = _system.CreateTask("l4io");
        var machine = new MachineDescription { Nics = [new NicDescription(model, new PhysicalAddress(Address), Wire.Left) { Faults = Faults }] };
        (_server, var gate) = IoServer.Start(ioTask, new EmulatedMachine(machine, _system.Clock, _system.Events));
        Wire.Right.Attach(this);
        Wire.Right.IsListening = true;
        _task = _system.CreateTask("driver");
        using (_task.Enter())
        {
            var function = new IoServerProxy(_task, ioTask.GiveTo(_task, gate)).Grant(s_nic, _task.Name);
            _cpu = new VirtualCpu(_task);
            Kernel = new LinuxKernel(_cpu, function, patchSites: patchSites) { NetworkOwner = this };
        }
    }

    internal LinuxKernel Kernel { get; }

    internal Wire Wire { get; } = new();

    internal NicFaults Faults { get; } = new();

    internal EventLog Events => _system.Events;

    /// <summary>Frames that came, in order.</summary>
    internal List<byte[]> Received { get; } = [];

    internal List<ulong> Completed { get; } = [];

    internal List<bool> Carriers { get; } = [];

    internal List<string> Devices { get; } = [];

    internal int ReadyCalls { get; private set; }

    internal int Batches { get; private set; }

    /// <summary>Counts frames instead of keeping them, which allocates, and wakes nobody.</summary>
    internal bool CountsOnly { get; set; }

    internal long ReceivedCount { get; private set; }

    internal long CompletedCount { get; private set; }

    internal Action<LinuxNetworkDevice>? OnReady { get; set; }

    /// <summary>What the owner has room for, by what a poll brings at most; null for all.</summary>
    internal Func<int, int>? ReceivesAtMost { get; set; }

    internal LinuxNetworkDevice Device => Kernel.NetworkDevices[0];

    /// <summary>A domain without a driver: the test plays it.</summary>
    internal static void Run(Action<NetworkDomain> body) => Run(NicModel.E1000, [], patchSites: false, body);

    /// <summary>A domain with a distribution's driver.</summary>
    internal static void Run(NicModel model, string[] modules, bool patchSites, Action<NetworkDomain> body)
    {
        using var domain = new NetworkDomain(model, patchSites);
        domain.RunBody(modules, body);
    }

    public void DeviceAdded(LinuxNetworkDevice device) => Devices.Add($"+{device.Name}");

    public void DeviceRemoved(LinuxNetworkDevice device) => Devices.Add($"-{device.Name}");

    public int ReceiveRoom(LinuxNetworkDevice device, int most) => ReceivesAtMost?.Invoke(most) ?? most;

    public void FrameReceived(LinuxNetworkDevice device, ReadOnlySpan<byte> frame, bool isChecksumGood)
    {
        ReceivedCount++;
        if (!CountsOnly)
            Received.Add(frame.ToArray());
        Wake();
    }

    public void TransmitReady(LinuxNetworkDevice device)
    {
        ReadyCalls++;
        OnReady?.Invoke(device);
        Wake();
    }

    public void TransmitCompleted(LinuxNetworkDevice device, ulong token)
    {
        CompletedCount++;
        if (!CountsOnly)
            Completed.Add(token);
        Wake();
    }

    public void BatchEnded(LinuxNetworkDevice device)
    {
        Batches++;
        Wake();
    }

    public void CarrierChanged(LinuxNetworkDevice device, bool isUp)
    {
        Carriers.Add(isUp);
        Wake();
    }

    public void WireChanged()
    {
    }

    internal LoadedModule Insert(string name) => Kernel.InsertModule(ElfRelocatable.Parse(_pack.FindModule(name).Read(), name));

    /// <summary>Sleeps until a condition holds; a minute of the virtual clock is for ever.</summary>
    internal void WaitUntil(Func<bool> condition, string what)
    {
        _waiter = Kernel.Scheduler.Current;
        long deadline = Kernel.Cpu.Now + 60_000_000_000;
        while (!condition())
        {
            // What happens at the other end of the wire wakes nobody here.
            if (!Kernel.Scheduler.Wait(Math.Min(deadline, Kernel.Cpu.Now + 1_000_000)) && Kernel.Cpu.Now >= deadline)
                throw new TimeoutException($"{what}: not within a minute. {Report()}");
        }
    }

    internal void OpenWithCarrier()
    {
        Device.Open();
        WaitUntil(() => Device.CarrierUp, "carrier");
    }

    /// <summary>A frame in the arena; the result is its bus address.</summary>
    internal ulong Place(ReadOnlySpan<byte> frame)
    {
        nint address = Kernel.Arena.Heap.AllocatePages(1 + frame.Length / 4096, 1);
        frame.CopyTo(Kernel.Memory.Span<byte>(address, frame.Length));
        return Kernel.Arena.BusAddress(address);
    }

    internal void Unplace(ulong busAddress) => Kernel.Arena.Heap.Free(Kernel.Arena.Base + (nint)busAddress);

    /// <summary>A frame of the test protocol 0x88b5 (IEEE 802, local experiments), with a number in it.</summary>
    internal static byte[] Frame(ReadOnlySpan<byte> to, ReadOnlySpan<byte> from, int length, int number)
    {
        byte[] frame = new byte[length];
        to.CopyTo(frame);
        from.CopyTo(frame.AsSpan(6));
        frame[12] = 0x88;
        frame[13] = 0xb5;
        for (int index = 14; index < length; index++)
            frame[index] = unchecked((byte)(number + index));
        return frame;
    }

    /// <summary>Frames that the driver sent, off the wire.</summary>
    internal List<byte[]> Sent()
    {
        var frames = new List<byte[]>();
        while (Wire.Right.TryReceive(out var frame))
        {
            frames.Add(frame.ToArray());
            Wire.Right.Release();
        }
        Wire.Right.Flush();
        return frames;
    }

    /// <summary>Takes frames that the driver sent off the wire without looking; the result is how many.</summary>
    internal int Drain()
    {
        int count = 0;
        for (; Wire.Right.TryReceive(out _); count++)
            Wire.Right.Release();
        Wire.Right.Flush();
        return count;
    }

    internal void SendToDriver(ReadOnlySpan<byte> frame)
    {
        Wire.Right.TrySend(frame).ShouldBeTrue();
        Wire.Right.Flush();
    }

    /// <summary>Memory of the driver, zeroed.</summary>
    internal nint Allocate(int bytes) => Kernel.AllocateOrPanic(bytes, "a test");

    /// <summary>A function of the driver.</summary>
    internal nint Function(DriverFunctions.Body body) => _functions.Add(Kernel, body);

    internal string Report() =>
        string.Join(Environment.NewLine, Kernel.Log.Lines.TakeLast(30).Select(line => $"[{line.TimeNanoseconds / 1e9:f6}] {line.Level}: {line.Text}"))
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
        if (!CountsOnly && _waiter is { HasEnded: false } waiter)
            Scheduler.Wake(waiter);
    }

    private void RunBody(string[] modules, Action<NetworkDomain> body)
    {
        Exception? failure = null;
        using (_task.Enter())
        {
            Kernel.Boot();
            Kernel.Scheduler.StartThread("test", () =>
            {
                try
                {
                    foreach (string module in modules)
                        Insert(module);
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
