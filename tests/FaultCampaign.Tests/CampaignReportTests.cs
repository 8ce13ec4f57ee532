namespace FaultCampaign.Tests;

public sealed class CampaignReportTests
{
    [Fact]
    public void Cases_are_counted_by_kind_and_together()
    {
        var report = CampaignReport.Of([Result(0, FaultKind.Kill), Result(1, FaultKind.CodeBit), Result(2, FaultKind.Kill) with { Activated = false, Detected = false, RecoveryMilliseconds = [] }]);
        (report.Injected, report.Activated, report.Detected, report.Recovered).ShouldBe((3, 2, 2, 3));
        report.Kinds.Select(row => (row.Kind, row.Injected)).ShouldBe([("code-bit", 1), ("kill", 2)]);
        report.RecoveryMs.ShouldBe(new RecoveryTimes(10, 11, 11));
        report.IsClean().ShouldBeTrue();
    }

    [Fact]
    public void Whatever_went_wrong_makes_a_campaign_unclean()
    {
        var good = Result(0, FaultKind.Kill);
        foreach (var bad in new[] { good with { Recovered = false }, good with { LostWrites = 1 }, good with { CorruptBytes = 1 }, good with { OutsideCrashes = 1 } })
            CampaignReport.Of([good, bad]).IsClean().ShouldBeFalse();
    }

    [Fact]
    public void No_recovery_is_no_time() => CampaignReport.Of([Result(0, FaultKind.Kill) with { RecoveryMilliseconds = [] }]).RecoveryMs.ShouldBe(new RecoveryTimes(0, 0, 0));

    private static CaseResult Result(int number, FaultKind kind) =>
        new(FaultPlan.Create(1, number, [kind]), true, true, true, 0, 0, 0, [10.0 + number], 0, "somewhere", []);
}
