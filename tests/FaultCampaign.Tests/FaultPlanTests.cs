namespace FaultCampaign.Tests;

public sealed class FaultPlanTests
{
    private static readonly FaultKind[] s_kinds = Enum.GetValues<FaultKind>();

    [Fact]
    public void The_same_seed_makes_the_same_plan()
    {
        var first = Enumerable.Range(0, 100).Select(number => FaultPlan.Create(7, number, s_kinds));
        var second = Enumerable.Range(0, 100).Select(number => FaultPlan.Create(7, number, s_kinds));
        first.ShouldBe(second);
    }

    [Fact]
    public void A_case_follows_from_its_number_alone()
    {
        // Planned without those before it.
        FaultPlan.Create(7, 57, s_kinds).ShouldBe(Enumerable.Range(0, 100).Select(number => FaultPlan.Create(7, number, s_kinds)).ElementAt(57));
    }

    [Fact]
    public void Another_seed_makes_another_plan() =>
        Enumerable.Range(0, 100).Count(number => FaultPlan.Create(7, number, s_kinds) == FaultPlan.Create(8, number, s_kinds)).ShouldBe(0);

    [Fact]
    public void Kinds_take_turns_and_moments_lie_in_the_first_half()
    {
        var cases = Enumerable.Range(0, 10 * s_kinds.Length).Select(number => FaultPlan.Create(1, number, s_kinds)).ToList();
        cases.GroupBy(fault => fault.Kind).ShouldAllBe(group => group.Count() == 10);
        cases.ShouldAllBe(fault => fault.Moment >= 0 && fault.Moment < FaultPlan.LatestMoment && fault.Depth >= 1);
        cases.Select(fault => fault.Seed).Distinct().Count().ShouldBe(cases.Count);
    }

    [Fact]
    public void Names_of_kinds_are_words_with_hyphens()
    {
        FaultKinds.ByName.Count.ShouldBe(s_kinds.Length);
        FaultKinds.ByName["skipped-instruction"].ShouldBe(FaultKind.SkippedInstruction);
        FaultKinds.ByName["kill"].ShouldBe(FaultKind.Kill);
    }
}
