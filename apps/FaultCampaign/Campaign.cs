using System.Globalization;
using L4;
using L4Io;
using Ports;
using RootTask;

namespace FaultCampaign;

/// <summary>
/// Runs a system whose driver, or whose device, is made to go wrong again and again under a client whose work can be checked. Each fault meets a
/// fresh driver and a device that was reset.
/// </summary>
public sealed class Campaign : IDisposable
{
    private const int MostAllocationsOfStart = 1500;

    private readonly CampaignOptions _options;
    private readonly IWorkload _workload;
    private DdeSystem? _system;
    private IDisposable? _attached;
    private string _device = "";

    private Campaign(CampaignOptions options, IWorkload workload) => (_options, _workload) = (options, workload);

    /// <summary>How long drivers may take: less than usual, since here a fault is expected. A hang is a request that is not done in this time.</summary>
    private static SupervisionLimits Limits => new()
    {
        Losses = 20,
        Window = TimeSpan.FromSeconds(10),
        FirstDelay = TimeSpan.FromMilliseconds(1),
        LongestDelay = TimeSpan.FromMilliseconds(50),
        Start = TimeSpan.FromSeconds(15),
        End = TimeSpan.FromSeconds(5),
        Drain = TimeSpan.FromMilliseconds(500),
        Request = TimeSpan.FromSeconds(1.5),
        Baton = TimeSpan.FromSeconds(1.5),
        Watch = TimeSpan.FromMilliseconds(100),
    };

    /// <summary>Runs all cases, or the one that is wanted.</summary>
    /// <param name="options">What is to be run.</param>
    /// <param name="finished">Told of each case when it is over.</param>
    /// <exception cref="SystemStartException">A system cannot be started.</exception>
    public static IReadOnlyList<CaseResult> Run(CampaignOptions options, Action<CaseResult> finished)
    {
        string image = Path.Combine(options.Folder, $"dde-faults-{Environment.ProcessId}.img");
        try
        {
            var system = new SystemOptions
            {
                Ports = [options.Port.Name],
                KernelRelease = options.KernelRelease,
                Client = "campaign",
                Isolation = options.Isolation,
                Supervision = Limits,
                AllowsFaults = true,
                // Faults hit the driver's own instructions, not stubs that stand for them.
                PatchesSites = false,
            };
            using var campaign = new Campaign(options, MakeWorkload(options, system, image));
            var results = new List<CaseResult>();
            for (int number = options.Only ?? 0; number < (options.Only + 1 ?? options.Count); number++)
            {
                var result = campaign.RunCase(FaultPlan.Create(options.Seed, number, options.Kinds));
                results.Add(result);
                finished(result);
            }
            return results;
        }
        finally
        {
            File.Delete(image);
        }
    }

    private static IWorkload MakeWorkload(CampaignOptions options, SystemOptions system, string image)
    {
        if (options.Port.Class != DeviceClass.Network)
            return new BlockWorkload(system, image, options.Patience);
        var machine = NetworkMachine.WithCard(options.Port, NetworkMachine.FirstAddress, out var end);
        return new FrameWorkload(system, machine, end, options.Patience);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        End();
        _workload.Dispose();
    }

    private CaseResult RunCase(FaultCase fault)
    {
        Begin();
        var problems = new List<string>();
        WorkloadFindings? findings = null;
        using var watch = new CaseWatch(_system!, _options.Port.Name, fault.Kind);
        try
        {
            if (fault.Kind == FaultKind.RefusedAllocation && _options.Port.Class == DeviceClass.Block)
            {
                // A disk driver allocates when it starts and hardly ever after.
                _system!.Faults!.InNextStart(fault.Seed % MostAllocationsOfStart);
                Renew();
            }
            _workload.Run(fault, new Random(fault.Seed), () => Inject(fault, watch));
            _system!.Faults!.ClearMachine();
            WaitForDriver();
            if (_workload.WantsFreshDriver)
                RenewUnlessLost(watch);
            findings = _workload.Check();
            problems.AddRange(findings.Problems);
            if (!_workload.WantsFreshDriver)
                RenewUnlessLost(watch);
        }
        catch (Exception exception) when (exception is WorkloadException or ServiceException)
        {
            problems.Add(exception.Message);
            // What is left of it may be anything; that its tasks end now is no crash.
            watch.Dispose();
            End();
        }
        problems.AddRange(watch.Crashes);
        bool isDetected = watch.IsDetected;
        bool isActivated = FaultKinds.TellsActivation(fault.Kind) ? watch.HasStruck : isDetected;
        return new CaseResult(fault, isActivated, isDetected, problems.Count == 0, findings?.LostWrites ?? 0, findings?.CorruptBytes ?? 0, watch.Crashes.Count,
            watch.Recoveries, findings?.Failures ?? 0, watch.Place, problems);
    }

    /// <summary>Each fault meets a fresh driver.</summary>
    private void RenewUnlessLost(CaseWatch watch)
    {
        if (!watch.HasLoss)
            Renew();
    }

    private void Inject(FaultCase fault, CaseWatch watch)
    {
        var faults = _system!.Faults!;
        try
        {
            switch (fault.Kind)
            {
                case FaultKind.Kill:
                    faults.KillDriver(_device);
                    watch.Struck("the driver's process is killed");
                    break;
                case FaultKind.SpoiledChannel:
                    watch.Struck(faults.SpoilChannel(_device, fault.Seed));
                    break;
                case FaultKind.LostInterrupt:
                    faults.InMachine(MachineFault.LostInterrupt, (uint)fault.After, fault.Seed);
                    break;
                case FaultKind.DuplicatedInterrupt:
                    faults.InMachine(MachineFault.DuplicatedInterrupt, (uint)fault.After, fault.Seed);
                    break;
                case FaultKind.WrongRegister:
                    faults.InMachine(MachineFault.WrongRegister, (uint)fault.After, fault.Seed);
                    break;
                case FaultKind.FailedDma:
                    faults.InMachine(MachineFault.FailedDma, (uint)fault.After, fault.Seed);
                    break;
                case FaultKind.DelayedDma:
                    faults.InMachine(MachineFault.DelayedDma, (uint)fault.After, fault.Seed);
                    break;
                case FaultKind.RefusedAllocation when _options.Port.Class == DeviceClass.Block:
                    break;
                default:
                    faults.InDriver(_device, Enum.Parse<DriverFault>(fault.Kind.ToString()), fault.Seed);
                    break;
            }
        }
        catch (ServiceException exception) when (exception.Error == ServiceError.ServerGone)
        {
            // The fault took the driver with it before it could answer.
        }
    }

    private void Begin()
    {
        if (_system is not null)
            return;
        _system = DdeSystem.Start(_workload.Options);
        _attached = _system.Client.Enter();
        _device = _system.Supervisor.Drivers[0].Device;
        _workload.Attach(_system);
    }

    private void End()
    {
        _attached?.Dispose();
        _system?.Dispose();
        (_attached, _system) = (null, null);
    }

    /// <summary>Puts a fresh driver into the place of one that works, or seems to.</summary>
    private void Renew()
    {
        WaitForDriver();
        using var done = new ManualResetEventSlim();
        _system!.Supervisor.BeginReplace(_device, _options.Port.Name, _options.KernelRelease, _ => done.Set());
        if (!done.Wait(_options.Patience))
            throw new WorkloadException(string.Create(CultureInfo.InvariantCulture, $"no other driver took over within {_options.Patience.TotalSeconds:0} s"));
        // One that did not come up was followed by one that did, or the device is given up.
        WaitForDriver();
    }

    private void WaitForDriver()
    {
        using var changed = new ManualResetEventSlim();
        void Look(DriverStatus status) => changed.Set();
        var supervisor = _system!.Supervisor;
        supervisor.Changed += Look;
        try
        {
            long end = _system.Clock.Now + _options.Patience.Ticks * TimeSpan.NanosecondsPerTick;
            while (supervisor.Drivers[0] is { State: not DriverState.Running } status)
            {
                if (status.State == DriverState.GivenUp || _system.Clock.Now > end)
                    throw new WorkloadException($"the driver of {_device} is {status.State}: {status.LastLoss}");
                changed.Wait(100);
                changed.Reset();
            }
        }
        finally
        {
            supervisor.Changed -= Look;
        }
    }
}
