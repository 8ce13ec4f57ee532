using System.Security.Cryptography;
using Bddf;
using L4;

namespace DSweeper.Core;

/// <summary>
/// One run of a plan. <see cref="Run"/> works on the calling thread, a thread of the client's task; meanwhile one other thread may look
/// at <see cref="Progress"/>, and any thread may <see cref="Cancel"/>.
/// </summary>
public sealed class SweepRun
{
    private readonly SweepCounters _counters = new();
    private readonly RateMeter _rate = new();
    private readonly L4Task _task;
    private readonly Capability _server;
    private readonly SweepPlan _plan;
    private readonly long _start;

    /// <param name="task">The client's task.</param>
    /// <param name="server">Gate of <see cref="IBlockServer"/>. Its ceiling decides what can be done, not the plan.</param>
    /// <param name="plan">What to do.</param>
    public SweepRun(L4Task task, Capability server, SweepPlan plan)
    {
        _task = task;
        _server = server;
        _plan = plan;
        _start = task.System.Clock.Now;
    }

    /// <summary>The plan.</summary>
    public SweepPlan Plan => _plan;

    /// <summary>Where the run is now. For one thread at a time.</summary>
    public SweepProgress Progress
    {
        get
        {
            long now = _task.System.Clock.Now;
            ulong done = _counters.TotalBytes;
            double rate = _rate.Sample(now, done);
            ulong left = _plan.WorkBytes - Math.Min(done, _plan.WorkBytes);
            // A rate below a byte a second says nothing that a time could be made of.
            TimeSpan? remaining = rate >= 1 ? TimeSpan.FromSeconds(Math.Min(left / rate, TimeSpan.MaxValue.TotalSeconds / 2)) : null;
            return new SweepProgress(
                _counters.Target, _counters.Phase, _counters.PhaseBytes, done, _plan.WorkBytes, rate, remaining, Since(_start), _counters.FaultySectors);
        }
    }

    /// <summary>Asks the run to stop. Requests that the disk has are still waited for.</summary>
    public void Cancel() => _counters.Cancel();

    /// <summary>Runs the plan, target after target; stops early when it is cancelled, refused, or the disk is gone.</summary>
    /// <returns>What became of it. What goes wrong with disks is in the report, not thrown.</returns>
    public SweepReport Run()
    {
        var reports = new List<SweepTargetReport>(_plan.Targets.Count);
        byte[] key = RandomNumberGenerator.GetBytes(RandomPattern.KeySize);
        try
        {
            for (int index = 0; index < _plan.Targets.Count && !_counters.IsCanceled; index++)
            {
                _counters.BeginTarget(index);
                using var pattern = ErasePattern.Create(_plan.Method, key, (ulong)index);
                var report = RunTarget(_plan.Targets[index], pattern);
                reports.Add(report);
                if (report.Outcome is SweepOutcome.Canceled or SweepOutcome.Refused)
                    break;
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
        return new SweepReport(_plan, reports, Since(_start));
    }

    private SweepTargetReport RunTarget(SweepTarget target, ErasePattern pattern)
    {
        long start = _task.System.Clock.Now;
        try
        {
            var rights = _plan.Mode == SweepMode.ReadOnly ? BlockRights.Read : _plan.Verify ? BlockRights.Write | BlockRights.Read : BlockRights.Write;
            var client = BlockClient.Open(_task, _server, target.Name, rights);
            using var sweep = new TargetSweep(client, _plan, target, pattern, _counters);
            var report = sweep.Run();
            return report with
            {
                Elapsed = Since(start),
                Message = report.Outcome == SweepOutcome.DiskGone && CauseOfDeath(target.Disk) is { } cause
                    ? $"{report.Message}: {cause}"
                    : report.Message,
            };
        }
        catch (ServiceException exception)
        {
            var outcome = exception.Error is ServiceError.ServerGone or ServiceError.DeviceError ? SweepOutcome.DiskGone : SweepOutcome.Refused;
            return new SweepTargetReport(target, outcome, 0, 0, 0, false, [], Since(start), $"{target.Name}: {exception.Message}");
        }
    }

    private string? CauseOfDeath(string disk)
    {
        try
        {
            return new BlockServerProxy(_task, _server).Describe(disk).Gone;
        }
        catch (ServiceException exception)
        {
            return exception.Message;
        }
    }

    private TimeSpan Since(long start) => TimeSpan.FromTicks((_task.System.Clock.Now - start) / TimeSpan.NanosecondsPerTick);
}
