using DSweeper.Core;

namespace DSweeper;

/// <summary>A run on a thread of DSweeper's task, so that the person's thread stays free for the person.</summary>
internal sealed class BackgroundSweep
{
    private readonly TaskCompletionSource<SweepReport> _end = new();

    internal BackgroundSweep(ISweeperSystem system, SweepPlan plan)
    {
        Run = new SweepRun(system.Task, system.BlockServer, plan);
        system.Task.StartThread("sweep", Work);
    }

    /// <summary>The run: progress and cancellation.</summary>
    internal SweepRun Run { get; }

    /// <summary>What became of it; waits for it, and throws what it threw.</summary>
    internal SweepReport Report => _end.Task.GetAwaiter().GetResult();

    /// <summary>Waits a while for the end.</summary>
    internal bool WaitForEnd(TimeSpan timeout) => Task.WaitAny([_end.Task], timeout) == 0;

    private void Work()
    {
        try
        {
            _end.SetResult(Run.Run());
        }
#pragma warning disable CA1031 // Thrown again at the person's thread.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _end.SetException(exception);
        }
    }
}
