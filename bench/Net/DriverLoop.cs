using System.Diagnostics;
using System.Net.NetworkInformation;
using DdeKit;
using DdeKit.Foreign;
using DdeLinux;
using DdeLinux.Packs;
using Emulator;
using L4;
using L4Io;

namespace Bench;

/// <summary>
/// One driver domain whose one thread does everything: it hands frames to the driver or takes them from it, runs the card's model, and plays the other end
/// of the wire. What remains is the cost of the driver, of the shim and of the model.
/// </summary>
#pragma warning disable CA1001 // The processor goes with its thread: at the end of Run.
internal sealed class DriverLoop : INetworkOwner, IWireUser
#pragma warning restore CA1001
{
    private const int BatchFrames = 64;
    private const uint Slots = 1024;
    private const long LinkPatience = 20_000_000_000;

    private readonly WireEnd _far;
    private readonly VirtualCpu _cpu;
    private readonly Notification _ready;
    private readonly Notification _done;
    private readonly Action _transmit;
    private readonly Action _receive;
    private LinuxKernel? _kernel;
    private LinuxNetworkDevice? _device;
    private ulong _frames;
    private uint _next;
    private long _received;
    private long _end;
    private int _bytes;

    private DriverLoop(L4Task task, WireEnd far)
    {
        _far = far;
        _cpu = new VirtualCpu(task);
        _ready = task.Open<Notification>(task.CreateNotification());
        _done = task.Open<Notification>(task.CreateNotification());
        (_transmit, _receive) = (Transmit, Receive);
    }

    /// <summary>What one direction came to.</summary>
    internal sealed record Rate(double FramesPerSecond, double AllocatedBytesPerFrame);

    /// <summary>Measures both directions with each length.</summary>
    /// <param name="patchesSites">Whether the driver's instructions that access the card are patched, or trap each time.</param>
    /// <param name="lengths">Lengths of frames.</param>
    /// <param name="time">How long each measurement takes.</param>
    internal static IReadOnlyList<(Rate Transmit, Rate Receive)> Measure(bool patchesSites, IReadOnlyList<int> lengths, TimeSpan time)
    {
        var wire = new Wire();
        var clock = new RealClock();
        using var system = new L4System(clock);
        var ioTask = system.CreateTask("l4io");
        var card = new NicDescription(NicModel.E1000, new PhysicalAddress([0x52, 0x54, 0, 0, 0, 1]), wire.Left);
        var (server, gate) = IoServer.Start(ioTask, new EmulatedMachine(new MachineDescription { Nics = [card] }, clock, system.Events));
        using var machine = server;
        var task = system.CreateTask("driver");
        var loop = new DriverLoop(task, wire.Right);
        using var attached = system.Root.Enter();
        var io = new IoServerProxy(system.Root, ioTask.GiveTo(system.Root, gate));
        var function = io.List().Single(f => f is { Vendor: 0x8086, Device: 0x100e });
        var granted = system.Root.GiveTo(task, io.Grant(function.Address, "bench"));
        wire.Right.Attach(loop);
        wire.Right.IsListening = true;
        task.Ended += loop._cpu.Stop;
        task.StartThread("cpu", () => loop.Run(granted, patchesSites));
        if (loop._ready.Wait(clock.Now + LinkPatience) == 0)
            throw new InvalidOperationException($"The card's link does not come up: {task.CauseOfDeath ?? "no reason is known"}.");
        var rates = new List<(Rate, Rate)>();
        foreach (int length in lengths)
        {
            // The first run compiles.
            loop.Run(length, TimeSpan.FromMilliseconds(300), loop._transmit);
            var transmitted = loop.Run(length, time, loop._transmit);
            loop.Run(length, TimeSpan.FromMilliseconds(300), loop._receive);
            rates.Add((transmitted, loop.Run(length, time, loop._receive)));
        }
        task.Kill("the measurement is done");
        return rates;
    }

    public void DeviceAdded(LinuxNetworkDevice device) => _device = device;

    public void DeviceRemoved(LinuxNetworkDevice device)
    {
    }

    public int ReceiveRoom(LinuxNetworkDevice device, int most) => most;

    public void FrameReceived(LinuxNetworkDevice device, ReadOnlySpan<byte> frame, bool isChecksumGood) => _received++;

    public void TransmitReady(LinuxNetworkDevice device)
    {
    }

    public void TransmitCompleted(LinuxNetworkDevice device, ulong token)
    {
    }

    public void BatchEnded(LinuxNetworkDevice device)
    {
    }

    public void CarrierChanged(LinuxNetworkDevice device, bool isUp)
    {
        if (isUp)
            _ready.Signal(1);
    }

    public void WireChanged()
    {
    }

    private Rate Run(int length, TimeSpan time, Action round)
    {
        long allocated = 0, begun = 0;
        _cpu.Invoke(() =>
        {
            (_bytes, _received) = (length, 0);
            allocated = GC.GetTotalAllocatedBytes();
            begun = Stopwatch.GetTimestamp();
            _end = begun + (long)(time.TotalSeconds * Stopwatch.Frequency);
            _cpu.Post(round);
        });
        _done.Wait();
        double seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        return new Rate(_received / seconds, (GC.GetTotalAllocatedBytes() - allocated) / (double)Math.Max(1, _received));
    }

    private void Run(Capability function, bool patchesSites)
    {
        var pack = KernelPackStore.Default.Select();
        var module = pack.FindModule("e1000");
        KernelTypes.Current = new KernelTypes(pack.Release, pack.TypesWith(module));
        using var kernel = new LinuxKernel(_cpu, function, patchSites: patchesSites) { NetworkOwner = this };
        _kernel = kernel;
        kernel.Boot();
        var frames = kernel.Task.CreateDataspace("frames", Slots * 2048);
        _frames = kernel.Arena.MapWindow(frames, CapabilityRights.All);
        kernel.Pci.MapWindow(frames, Slots * 2048, _frames, DmaAccess.Read);
        kernel.StartThread("init", () =>
        {
            kernel.InsertModule(ElfRelocatable.Parse(module.Read(), "e1000"));
            kernel.WaitForProbes();
            _device!.Open();
        });
        _cpu.Run();
        _cpu.Dispose();
    }

    private void Transmit()
    {
        for (int i = 0; i < BatchFrames; i++)
        {
            ulong at = _frames + (_next++ % Slots) * 2048;
            if (_device!.TryTransmit(at, _bytes, 0, more: i != BatchFrames - 1) == TransmitOutcome.Busy)
                break;
        }
        while (_far.TryReceive(out _))
        {
            _received++;
            _far.Release();
        }
        _far.Flush();
        GoOn(_transmit);
    }

    private void Receive()
    {
        for (int i = 0; i < BatchFrames && _far.TryReserve(_bytes, out var frame); i++)
        {
            frame.Clear();
            frame[..6].Fill(0xff);
            _far.Commit(_bytes);
        }
        _far.Flush();
        GoOn(_receive);
    }

    private void GoOn(Action round)
    {
        if (Stopwatch.GetTimestamp() < _end)
            _cpu.Post(round);
        else
            _done.Signal(1);
    }
}
