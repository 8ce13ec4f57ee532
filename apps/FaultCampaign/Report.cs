namespace FaultCampaign;

/// <summary>What came of one case.</summary>
/// <param name="Case">The case.</param>
/// <param name="Activated">Whether the fault struck: what was spoiled was used. Where that cannot be known, whether it was detected.</param>
/// <param name="Detected">Whether the supervisor or a guard told of it.</param>
/// <param name="Recovered">Whether the work went on to its end and everything was as it should be.</param>
/// <param name="LostWrites">Acknowledged writes that were lost.</param>
/// <param name="CorruptBytes">Bytes that nothing explains.</param>
/// <param name="OutsideCrashes">Tasks other than the driver's that ended.</param>
/// <param name="RecoveryMilliseconds">From the notice of a loss until clients were served again, for each loss.</param>
/// <param name="Failures">Requests whose end was told as an error, or frames that did not arrive: no harm, but to be known.</param>
/// <param name="Place">What was spoiled; null when the fault did not strike.</param>
/// <param name="Problems">What is wrong, a line each; empty when nothing is.</param>
public sealed record CaseResult(
    FaultCase Case, bool Activated, bool Detected, bool Recovered, int LostWrites, long CorruptBytes, int OutsideCrashes,
    IReadOnlyList<double> RecoveryMilliseconds, int Failures, string? Place, IReadOnlyList<string> Problems);

/// <summary>Lengths of time, in milliseconds; 0 when there was nothing to measure.</summary>
/// <param name="P50">The median.</param>
/// <param name="P99">All but one of a hundred are no longer.</param>
/// <param name="Max">The longest.</param>
public sealed record RecoveryTimes(double P50, double P99, double Max)
{
    internal static RecoveryTimes Of(IEnumerable<double> times)
    {
        double[] sorted = [.. times.Order()];
        double At(double share) => sorted.Length == 0 ? 0 : sorted[(int)Math.Ceiling(share * sorted.Length) - 1];
        return new RecoveryTimes(At(0.5), At(0.99), At(1));
    }
}

/// <summary>Cases of one kind, counted.</summary>
/// <param name="Kind">The kind's name.</param>
/// <param name="Injected">Faults that were put in place.</param>
/// <param name="Activated">Those that struck.</param>
/// <param name="Detected">Those that the supervisor or a guard told of.</param>
/// <param name="Recovered">Those after which the work went on and everything was as it should be.</param>
/// <param name="AcknowledgedWritesLost">Acknowledged writes that were lost.</param>
/// <param name="SilentCorruptions">Bytes that nothing explains.</param>
/// <param name="OutsideCrashes">Tasks other than the driver's that ended.</param>
/// <param name="RecoveryMs">How long recoveries took.</param>
public sealed record FaultRow(
    string Kind, int Injected, int Activated, int Detected, int Recovered, int AcknowledgedWritesLost, long SilentCorruptions, int OutsideCrashes, RecoveryTimes RecoveryMs);

/// <summary>What came of a campaign.</summary>
/// <param name="Injected">Faults that were put in place.</param>
/// <param name="Activated">Those that struck.</param>
/// <param name="Detected">Those that the supervisor or a guard told of.</param>
/// <param name="Recovered">Those after which the work went on and everything was as it should be.</param>
/// <param name="AcknowledgedWritesLost">Acknowledged writes that were lost.</param>
/// <param name="SilentCorruptions">Bytes that nothing explains.</param>
/// <param name="OutsideCrashes">Tasks other than the driver's that ended.</param>
/// <param name="RecoveryMs">How long recoveries took.</param>
/// <param name="Kinds">A row for each kind of fault.</param>
public sealed record CampaignReport(
    int Injected, int Activated, int Detected, int Recovered, int AcknowledgedWritesLost, long SilentCorruptions, int OutsideCrashes, RecoveryTimes RecoveryMs,
    IReadOnlyList<FaultRow> Kinds)
{
    /// <summary>Counts.</summary>
    public static CampaignReport Of(IReadOnlyList<CaseResult> cases)
    {
        var all = Count("all", cases);
        return new CampaignReport(all.Injected, all.Activated, all.Detected, all.Recovered, all.AcknowledgedWritesLost, all.SilentCorruptions, all.OutsideCrashes, all.RecoveryMs,
            [.. cases.GroupBy(result => result.Case.Kind).OrderBy(group => group.Key).Select(group => Count(FaultKinds.NameOf(group.Key), [.. group]))]);
    }

    /// <summary>Whether nothing was lost and nobody harmed.</summary>
    public bool IsClean() => AcknowledgedWritesLost == 0 && SilentCorruptions == 0 && OutsideCrashes == 0 && Recovered == Injected;

    private static FaultRow Count(string kind, IReadOnlyList<CaseResult> cases) => new(
        kind, cases.Count, cases.Count(c => c.Activated), cases.Count(c => c.Detected), cases.Count(c => c.Recovered), cases.Sum(c => c.LostWrites),
        cases.Sum(c => c.CorruptBytes), cases.Sum(c => c.OutsideCrashes), RecoveryTimes.Of(cases.SelectMany(c => c.RecoveryMilliseconds)));
}
