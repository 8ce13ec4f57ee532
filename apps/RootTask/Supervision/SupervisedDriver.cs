using System.Globalization;
using DdeKit.Pci;
using L4;
using L4Io;
using Ports;

namespace RootTask;

/// <summary>
/// One device and whoever drives it. A thread of the root waits for the driver's end; then it resets the device, starts another driver and
/// has the framework go over to it. All members but <see cref="Status"/>, <see cref="Stop"/> and <see cref="RequestReplacement"/> are that
/// thread's, after the start.
/// </summary>
#pragma warning disable CA1001 // Its notification goes with the root task.
internal sealed partial class SupervisedDriver
#pragma warning restore CA1001
{
    /// <summary>Where the supervisor's events come from.</summary>
    internal const string Source = "supervisor";

    /// <summary>Something happened that the thread looks for itself: so a signal that comes late does no harm.</summary>
    private const ulong LookBit = 1;
    private const ulong StoppedBit = 1;

    private readonly Lock _lock = new();
    private readonly L4System _system;
    private readonly IIoServer _io;
    private readonly IDriverRole _role;
    private readonly DriverTasks _tasks;
    private readonly SupervisionLimits _limits;
    private readonly PciFunctionInfo _function;
    private readonly Capability _capability;
    private readonly Notification _notification;
    private readonly Notification _stopped;
    private readonly Capability _stoppedCapability;
    private readonly Queue<long> _recentLosses = new();
    private HeartbeatWatch? _heartbeat;
    private DriverImage _image;
    private RunningDriver? _driver;
    private DriverStatus _status;
    private (DriverImage Image, Action<string?> Done)? _replacement;
    private L4Thread? _thread;
    private int _instances;
    private volatile string? _faultOf;
    private volatile bool _hasStorm;
    private volatile bool _isStopping;

    /// <param name="system">The system.</param>
    /// <param name="io">The I/O server, as the root reaches it.</param>
    /// <param name="role">The part of the system that it belongs to.</param>
    /// <param name="tasks">Makes its tasks.</param>
    /// <param name="limits">What it may do for how long.</param>
    /// <param name="function">The device.</param>
    /// <param name="image">What drives it.</param>
    internal SupervisedDriver(L4System system, IIoServer io, IDriverRole role, DriverTasks tasks, SupervisionLimits limits, PciFunctionInfo function, DriverImage image)
    {
        (_system, _io, _role, _tasks, _limits, _function, _image) = (system, io, role, tasks, limits, function, image);
        _capability = system.Root.CreateNotification();
        _notification = system.Root.Open<Notification>(_capability);
        _stoppedCapability = system.Root.CreateNotification();
        _stopped = system.Root.Open<Notification>(_stoppedCapability);
        Name = function.Address.ToString();
        _status = new DriverStatus(Name, image.Manifest.Name, image.Release, null, null, DriverState.Starting, Now, 0, new Dictionary<LossCause, int>(), null, 0);
        system.Events.Reported += Watch;
    }

    /// <summary>The device's name: its place on the bus.</summary>
    internal string Name { get; }

    /// <summary>The device's class.</summary>
    internal DeviceClass Class => _role.Class;

    /// <summary>As it is now. From any thread.</summary>
    internal DriverStatus Status
    {
        get
        {
            lock (_lock)
                return _status;
        }
    }

    /// <summary>The driver's gate of <see cref="IDriverStatistics"/>, a capability of the client; null while there is none. From any thread.</summary>
    internal Capability Statistics => _driver?.Statistics ?? Capability.Null;

    /// <summary>The driver at work; null while there is none. From any thread.</summary>
    internal RunningDriver? Driver => _driver;

    /// <summary>Told of each change, on the thread that made it.</summary>
    internal event Action<DriverStatus>? Changed;

    private long Now => _system.Clock.Now;

    /// <summary>Starts the first driver; it probes in the background.</summary>
    internal void Launch() => _driver = LaunchTask(_image);

    /// <summary>Waits until the first driver has probed, and takes its devices into service.</summary>
    /// <exception cref="ServiceException">It did not come so far: this is told to who starts the system, and not tried again.</exception>
    internal void TakeIntoService()
    {
        Guard();
        WithinStartLimit(_driver!.Task, () => _role.Add(Name, _driver.Gate));
        // What died over its first requests has shown a disk without partitions, at best.
        _role.WaitForProbe(_driver.Gate);
        Change(status => status with { State = DriverState.Running, Task = _driver.Task.Name, Process = _driver.Process });
        WatchForEnd(_driver);
        _thread = _system.Root.StartThread($"supervisor {Name}", Run);
    }

    /// <summary>Joins the framework, which knows what the driver was asked to do, and the guard below the driver, which sees what it does.</summary>
    private void Guard()
    {
        var guard = _io.GuardOf(_function.Address);
        if (guard.IsNull)
        {
            if (_image.Manifest.Guard == CommandGuardKind.Taskfile)
                throw new ServiceException(ServiceError.NotFound, $"{_image.Manifest.Name} counts on a guard below it, and there is none for {Name}");
            return;
        }
        var complaints = _system.Root.Restrict(_capability, CapabilityRights.Write);
        _role.Guard(Name, guard, complaints, LookBit);
        _system.Root.Release(complaints);
        _system.Root.Release(guard);
    }

    /// <summary>Whether another port or version could drive the device.</summary>
    internal bool CanBeDrivenBy(DriverImage image) => image.Manifest.Class == Class && image.Drives(_function);

    /// <summary>Has another driver take over. From any thread.</summary>
    /// <param name="image">The other driver.</param>
    /// <param name="done">Called on the supervisor's thread when it is done, with null or with what went wrong.</param>
    /// <returns>False when a replacement is under way, or the device was given up.</returns>
    internal bool RequestReplacement(DriverImage image, Action<string?> done)
    {
        lock (_lock)
        {
            if (_replacement is not null || _isStopping || _status.State == DriverState.GivenUp)
                return false;
            _replacement = (image, done);
        }
        _notification.Signal(LookBit);
        return true;
    }

    /// <summary>Ends the supervision, because the system ends: from here on drivers may die. Not to be called from a thread of the system.</summary>
    internal void Stop()
    {
        _isStopping = true;
        _notification.Signal(LookBit);
        // It may be waiting for a driver that does not come to the end of its probe.
        if (Status.State != DriverState.Running)
            _driver?.Task.Kill("the system ends");
        _thread?.Join();
        _system.Events.Reported -= Watch;
    }

    private void Run()
    {
        while (!_isStopping && Status.State != DriverState.GivenUp)
        {
            ulong bits = _notification.Wait(_limits.Watch is { } period ? Now + Nanoseconds(period) : Clock.Never);
            bool isTime = bits == 0;
            _mayBeGone |= (bits & GoneBit) != 0;
            if (_isStopping)
                return;
            try
            {
                if (_driver!.Task.IsDead)
                    Recover(CauseOfEnd(), _driver.Task.CauseOfDeath!);
                // Before anybody is asked who might be waiting for the driver himself.
                else if (_heartbeat?.Look(Now) > Nanoseconds(_limits.Baton))
                    Recover(LossCause.Hang, string.Create(CultureInfo.InvariantCulture, $"its event loop did not go round for {_limits.Baton.TotalSeconds:0.###} s"));
                else if (_hasStorm)
                    Recover(LossCause.InterruptStorm, "its device's interrupt came without end");
                else if (FindFault(isTime) is { } fault)
                    Recover(fault.Cause, fault.Text);
                if (_replacement is not null && Status.State == DriverState.Running)
                    Replace();
            }
            catch (ServiceException) when (_isStopping)
            {
                // The others end, too.
            }
        }
    }

    /// <summary>What became of the driver: a fault was told before its end, or not.</summary>
    private LossCause CauseOfEnd() =>
        _faultOf is not { } fault ? LossCause.Exit : fault.Contains(nameof(OutOfMemoryException), StringComparison.Ordinal) ? LossCause.OutOfMemory : LossCause.Crash;

    private void Watch(SystemEvent entry)
    {
        if (_driver?.Task.Name != entry.Source)
            return;
        if (entry.Kind is DriverDiedException.EventKind or L4Task.FaultEvent)
            _faultOf = entry.Text;
        else if (entry.Kind == InterruptController.StormEvent)
        {
            _hasStorm = true;
            _notification.Signal(LookBit);
        }
    }

    /// <summary>From the notice of a loss until another driver serves the device, or it is given up.</summary>
    private void Recover(LossCause cause, string text)
    {
        long noticed = Now;
        Lose(cause, text);
        while (!_isStopping)
        {
            if (!MayStart(out long delay))
            {
                GiveUp();
                return;
            }
            if (!Wait(delay))
                return;
            if (TryStart(_image) is not { } failure)
            {
                Recovered(noticed);
                return;
            }
            Lose(_faultOf is null ? LossCause.Exit : LossCause.Crash, failure);
        }
    }

    /// <summary>Puts another driver into the place of one that works. If it does not come up, the one before does again.</summary>
    private void Replace()
    {
        var (image, done) = _replacement!.Value;
        long noticed = Now;
        uint left = 0;
        WithinLimit(_limits.Drain + _limits.End, () => left = _role.Suspend(Name, Nanoseconds(_limits.Drain)));
        Lose(LossCause.Replacement, string.Create(CultureInfo.InvariantCulture, $"{image.Description} takes its place; {left} requests were not done in time"));
        // Nobody failed.
        _recentLosses.Clear();
        string? failure = TryStart(image);
        if (failure is null)
        {
            _image = image;
            Recovered(noticed);
        }
        else
            Recover(LossCause.Replacement, failure = $"{image.Description} did not come up: {failure}");
        lock (_lock)
            _replacement = null;
        done(failure);
    }

    private void Lose(LossCause cause, string text)
    {
        Report("driver-lost", $"{_image.Manifest.Name} on {Name}: {cause}: {text}");
        Change(status => status with
        {
            State = DriverState.Recovering,
            Task = null,
            Process = null,
            Losses = new Dictionary<LossCause, int>(status.Losses) { [cause] = status.Losses.GetValueOrDefault(cause) + 1 },
            LastLoss = $"{cause}: {text}",
        });
        _recentLosses.Enqueue(Now);
        EndTask(text);
    }

    private void Recovered(long noticed)
    {
        Change(status => status with
        {
            State = DriverState.Running,
            Port = _image.Manifest.Name,
            Kernel = _image.Release,
            Task = _driver!.Task.Name,
            Process = _driver.Process,
            Recoveries = status.Recoveries + 1,
            LastRecoveryNanoseconds = Now - noticed,
        });
        Report("driver-recovered", string.Create(CultureInfo.InvariantCulture, $"{_image.Manifest.Name} on {Name}: {(Now - noticed) / 1e6:0.###} ms"));
    }

    private void GiveUp()
    {
        string cause = string.Create(CultureInfo.InvariantCulture,
            $"{_recentLosses.Count} drivers of {Name} were lost within {_limits.Window.TotalSeconds:0.###} s, the last one: {Status.LastLoss}");
        _role.GiveUp(Name, cause);
        Change(status => status with { State = DriverState.GivenUp, LastLoss = cause });
        Report("driver-given-up", cause);
        if (_replacement is { } refused)
            refused.Done(cause);
    }

    /// <summary>Whether another driver may be started, and after which wait.</summary>
    private bool MayStart(out long delay)
    {
        while (_recentLosses.TryPeek(out long loss) && Now - loss > Nanoseconds(_limits.Window))
            _recentLosses.Dequeue();
        int losses = _recentLosses.Count;
        // The limit keeps the shift in range.
        delay = losses <= 1 ? 0 : Math.Min(Nanoseconds(_limits.FirstDelay) << Math.Min(losses - 2, 16), Nanoseconds(_limits.LongestDelay));
        return losses <= _limits.Losses;
    }

    /// <summary>Waits before a start; false when the system ends meanwhile.</summary>
    private bool Wait(long nanoseconds)
    {
        if (nanoseconds == 0)
            return !_isStopping;
        Change(status => status with { State = DriverState.BackingOff });
        long end = Now + nanoseconds;
        while (!_isStopping && Now < end)
            _notification.Wait(end);
        Change(status => status with { State = DriverState.Recovering });
        return !_isStopping;
    }

    /// <returns>Null, or what went wrong: then nothing is left of the driver but its task, which <see cref="EndTask"/> ends.</returns>
    private string? TryStart(DriverImage image)
    {
        _faultOf = null;
        _hasStorm = false;
        try
        {
            _driver = LaunchTask(image);
            WithinStartLimit(_driver.Task, () => _role.Replace(Name, _driver.Gate));
            WatchForEnd(_driver);
            return null;
        }
        catch (ServiceException exception)
        {
            return exception.Message;
        }
    }

    private RunningDriver LaunchTask(DriverImage image)
    {
        var made = _tasks.Make(image, _function, ++_instances);
        try
        {
            return _tasks.Launch(made, _role.Class);
        }
        catch
        {
            made.Task.Dispose();
            _io.Revoke(_function.Address);
            throw;
        }
    }

    private void WithinStartLimit(HostedTask task, Action takeIn)
    {
        using var limit = new TimeLimit(_system.Root, _limits.Start, () =>
            task.Kill(string.Create(CultureInfo.InvariantCulture, $"it did not probe its device within {_limits.Start.TotalSeconds:0.###} s")));
        _role.WaitForProbe(_driver!.Gate);
        // From here on it is needed: once it has the sessions, it may hang over their first request.
        _heartbeat = HeartbeatWatch.Connect(_system.Root, _tasks.Client, _driver.Statistics);
        takeIn();
    }

    /// <summary>Ends the driver's task and takes the device from it: when this returns neither does anything any more.</summary>
    private void EndTask(string cause)
    {
        if (_driver is not { } driver)
            return;
        _driver = null;
        _heartbeat?.Dispose();
        _heartbeat = null;
        driver.Task.Kill(cause);
        driver.Task.NotifyWhenStopped(_system.Root, _stoppedCapability, StoppedBit);
        bool isStopped = _stopped.Wait(Now + Nanoseconds(_limits.End)) != 0;
        // Whatever its threads still do, the device is out of their reach from here on.
        _io.Revoke(_function.Address);
        _system.Root.Release(driver.Gate);
        _tasks.Client.Release(driver.Statistics);
        if (!driver.Faults.IsNull)
            _system.Root.Release(driver.Faults);
        if (isStopped)
            driver.Task.Dispose();
        else
            Report("task-left-running", $"{driver.Task.Name} did not end within {_limits.End.TotalSeconds:0.###} s: its threads go on, without their device");
    }

    private void Change(Func<DriverStatus, DriverStatus> change)
    {
        DriverStatus now;
        lock (_lock)
        {
            var before = _status;
            now = change(before);
            if (now.State != before.State)
                now = now with { SinceNanoseconds = Now };
            _status = now;
        }
        Changed?.Invoke(now);
    }

    private void Report(string kind, string text) => _system.Events.Report(Source, kind, text);

    private static long Nanoseconds(TimeSpan time) => time.Ticks * TimeSpan.NanosecondsPerTick;
}
