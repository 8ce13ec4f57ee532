namespace DSweeper.Core;

/// <summary>How a target, or a run, ended; from best to worst.</summary>
public enum SweepOutcome
{
    /// <summary>Read-only: everything was read, nothing changed.</summary>
    Rehearsed,

    /// <summary>Everything was written and the disk confirmed the flush; nobody read it back.</summary>
    Erased,

    /// <summary>Everything was written, flushed, read back, and is what it should be.</summary>
    Verified,

    /// <summary>The person stopped it; the bytes that were done are in the report.</summary>
    Canceled,

    /// <summary>The disk refused sectors, or the flush.</summary>
    MediumErrors,

    /// <summary>Everything was written without error, but some of it reads back as something else.</summary>
    VerificationFailed,

    /// <summary>The block server refused: no right, or the disk is read-only.</summary>
    Refused,

    /// <summary>The disk or its driver went away.</summary>
    DiskGone,
}

/// <summary>What became of one target. Success is never assumed: it is <see cref="SweepOutcome.Erased"/> only after a confirmed flush.</summary>
/// <param name="Target">The target.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="BytesRead">Bytes read, of both passes.</param>
/// <param name="BytesWritten">Bytes that the disk accepted.</param>
/// <param name="BytesVerified">Bytes read back after the flush that were right.</param>
/// <param name="Flushed">Whether the disk confirmed a flush after the last write.</param>
/// <param name="Faults">Sectors that failed.</param>
/// <param name="Elapsed">Time it took.</param>
/// <param name="Message">Why it ended as it did, one line; null when all went well.</param>
public sealed record SweepTargetReport(
    SweepTarget Target, SweepOutcome Outcome, ulong BytesRead, ulong BytesWritten, ulong BytesVerified, bool Flushed,
    IReadOnlyList<SectorFault> Faults, TimeSpan Elapsed, string? Message);

/// <summary>What became of a run.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Targets">The targets that were begun; those after a stop are missing.</param>
/// <param name="Elapsed">Time it took.</param>
public sealed record SweepReport(SweepPlan Plan, IReadOnlyList<SweepTargetReport> Targets, TimeSpan Elapsed)
{
    /// <summary>The worst outcome of the targets; canceled when not all of them were begun although all that were went well.</summary>
    public SweepOutcome Outcome
    {
        get
        {
            var worst = Targets.Count < Plan.Targets.Count ? SweepOutcome.Canceled : SweepOutcome.Rehearsed;
            foreach (var target in Targets)
                worst = (SweepOutcome)Math.Max((int)worst, (int)target.Outcome);
            return worst;
        }
    }
}
