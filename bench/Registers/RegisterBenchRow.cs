namespace Bench;

/// <summary>One kind of access to the registers of a device model, three ways to write the model.</summary>
/// <param name="Access">Which.</param>
/// <param name="GeneratedNanoseconds">An access to the generated class: the median of the rounds.</param>
/// <param name="HandWrittenNanoseconds">One to a switch written by hand.</param>
/// <param name="DictionaryNanoseconds">One to a dictionary of registers.</param>
/// <param name="Ratio">Generated to hand-written: the median of the rounds' ratios; 2 is the bound that the project keeps.</param>
/// <param name="DictionaryRatio">Dictionary to hand-written, likewise.</param>
public sealed record RegisterBenchRow(
    string Access, double GeneratedNanoseconds, double HandWrittenNanoseconds, double DictionaryNanoseconds, double Ratio, double DictionaryRatio);
