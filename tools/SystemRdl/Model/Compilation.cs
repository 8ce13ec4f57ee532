using System.Collections.Generic;
using System.Linq;

namespace SystemRdl;

/// <summary>What a compilation gives: the model, or what is wrong.</summary>
/// <param name="Maps">
/// The addrmaps that no other one instantiates, in the order of the source; the last one is what the standard calls the top. Empty when there
/// are errors.
/// </param>
/// <param name="Signals">The signals that the file instantiates outside of components.</param>
/// <param name="Diagnostics">Errors and warnings in the order in which they were found.</param>
public sealed record Compilation(IReadOnlyList<Block> Maps, IReadOnlyList<Signal> Signals, IReadOnlyList<Diagnostic> Diagnostics)
{
    /// <summary>Whether there is a model.</summary>
    public bool Succeeded => Diagnostics.All(d => d.Severity != Severity.Error);

    /// <summary>The last of the maps; null when there are errors.</summary>
    public Block? Top => Maps.Count > 0 ? Maps[Maps.Count - 1] : null;
}
