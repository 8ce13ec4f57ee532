namespace Bench;

/// <summary>One kind of access that a driver makes by instructions of its own.</summary>
/// <param name="Access">Which.</param>
/// <param name="TrappedNanoseconds">One that traps: the median of the rounds.</param>
/// <param name="PatchedNanoseconds">One through a patched site.</param>
/// <param name="DirectNanoseconds">The same access of the device from C#, as the floor.</param>
/// <param name="Ratio">Trapped to patched: the median of the rounds' ratios.</param>
public sealed record TrapBenchRow(string Access, double TrappedNanoseconds, double PatchedNanoseconds, double DirectNanoseconds, double Ratio);
