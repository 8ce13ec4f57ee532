namespace FaultCampaign;

/// <summary>One case of a campaign: everything in it that chance decides.</summary>
/// <param name="Number">Its number in the campaign, from 0 on.</param>
/// <param name="Kind">What goes wrong.</param>
/// <param name="Seed">Chooses the place.</param>
/// <param name="Moment">After how many requests or frames the fault is put in place.</param>
/// <param name="After">How many accesses or interrupts come before a fault of the machine.</param>
/// <param name="Depth">How many requests or frames are under way at a time.</param>
public sealed record FaultCase(int Number, FaultKind Kind, int Seed, int Moment, int After, int Depth);

/// <summary>The cases of a campaign. Each follows from the campaign's seed and its own number alone, so that one can be run again by itself.</summary>
public static class FaultPlan
{
    /// <summary>Before this many requests or frames the fault is in place; a case has twice as many.</summary>
    public const int LatestMoment = 64;

    private const int MostAccessesBefore = 24;

    private static readonly int[] s_depths = [1, 4, 16];

    /// <summary>Plans one case.</summary>
    /// <param name="seed">The campaign's.</param>
    /// <param name="number">The case's.</param>
    /// <param name="kinds">What may go wrong: one after the other.</param>
    public static FaultCase Create(int seed, int number, IReadOnlyList<FaultKind> kinds)
    {
        // Multiplication by an odd number spreads neighbours over all numbers (Knuth, TAOCP volume 3, 6.4: 2^32 divided by the golden ratio).
        var random = new Random(unchecked((int)((uint)seed * 0x9e37_79b1 + (uint)number * 0x85eb_ca77)));
        return new FaultCase(number, kinds[number % kinds.Count], random.Next(), random.Next(LatestMoment), random.Next(MostAccessesBefore), s_depths[random.Next(s_depths.Length)]);
    }
}
