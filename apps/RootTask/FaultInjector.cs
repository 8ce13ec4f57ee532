using System.Diagnostics;
using System.Globalization;
using L4;
using L4Io;
using Ports;

namespace RootTask;

/// <summary>Has things go wrong in a running system, for campaigns that show what comes of it. From any thread, one at a time.</summary>
public sealed class FaultInjector
{
    /// <summary>Of a channel's memory; behind them is room for data that nobody reads now.</summary>
    private const int SteeringBytes = 1024;

    private readonly L4System _system;
    private readonly Supervisor _supervisor;
    private readonly DriverTasks _tasks;
    private readonly MachineFaultsProxy _machine;

    internal FaultInjector(L4System system, Supervisor supervisor, DriverTasks tasks, Capability machine)
    {
        (_system, _supervisor, _tasks) = (system, supervisor, tasks);
        _machine = new MachineFaultsProxy(system.Root, machine);
    }

    /// <summary>See <see cref="IDriverFaults.Inject"/>.</summary>
    /// <param name="device">The device, as <see cref="DriverStatus.Device"/> names it.</param>
    /// <param name="fault">What goes wrong in its driver.</param>
    /// <param name="seed">Chooses where.</param>
    /// <exception cref="ServiceException"><see cref="ServiceError.ServerGone"/>: there is no driver now, or it died over it.</exception>
    public void InDriver(string device, DriverFault fault, int seed)
    {
        using var attached = _system.Root.Enter();
        new DriverFaultsProxy(_system.Root, Find(device).Faults).Inject(fault, seed);
    }

    /// <summary>Refuses an allocation of the driver that is started next, the one after so many others.</summary>
    public void InNextStart(long refusedAllocation) => _tasks.SpoilNext(new DriverFaultStart(refusedAllocation));

    /// <summary>Kills a driver's process from outside, without a word to anybody.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.ServerGone"/>: there is no driver now; <see cref="ServiceError.BadArgument"/>: it has no
    /// process of its own.</exception>
    public void KillDriver(string device)
    {
        try
        {
            using var victim = Process.GetProcessById(ProcessOf(device));
            victim.Kill();
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            throw new ServiceException(ServiceError.ServerGone, exception.Message);
        }
    }

    /// <summary>Writes nonsense into a channel that a driver's process shares with another.</summary>
    /// <returns>What was done.</returns>
    /// <exception cref="ServiceException">As <see cref="KillDriver"/>.</exception>
    public string SpoilChannel(string device, int seed)
    {
        int process = ProcessOf(device);
        var random = new Random(seed);
        try
        {
            string[] channels = [.. File.ReadLines($"/proc/{process}/maps").Where(line => line.Contains("memfd:channel", StringComparison.Ordinal))];
            int chosen = random.Next(channels.Length);
            long start = long.Parse(channels[chosen].AsSpan(0, channels[chosen].IndexOf('-', StringComparison.Ordinal)), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            byte[] nonsense = new byte[SteeringBytes];
            random.NextBytes(nonsense);
            using var memory = File.OpenHandle($"/proc/{process}/mem", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            RandomAccess.Write(memory, nonsense, start);
            return string.Create(CultureInfo.InvariantCulture, $"the first {SteeringBytes} bytes of channel {chosen + 1} of {channels.Length} are nonsense");
        }
        catch (IOException exception)
        {
            throw new ServiceException(ServiceError.ServerGone, exception.Message);
        }
    }

    /// <summary>See <see cref="IMachineFaults.Inject"/>.</summary>
    public void InMachine(MachineFault fault, uint after, int seed)
    {
        using var attached = _system.Root.Enter();
        _machine.Inject(fault, after, seed);
    }

    /// <summary>A fault of the machine that has not struck does no more.</summary>
    public void ClearMachine()
    {
        using var attached = _system.Root.Enter();
        _machine.Clear();
    }

    private int ProcessOf(string device) => Find(device).Task.ProcessId is > 0 and var process
        ? process
        : throw new ServiceException(ServiceError.BadArgument, $"the driver of {device} has no process of its own");

    private RunningDriver Find(string device) =>
        _supervisor.Find(device) ?? throw new ServiceException(ServiceError.ServerGone, $"{device} has no driver now");
}
