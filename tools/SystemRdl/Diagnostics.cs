using System;
using System.Collections.Generic;
using System.Linq;

namespace SystemRdl;

/// <summary>Collects what a compilation finds; a definition that is instantiated often is complained about once.</summary>
internal sealed class Diagnostics(Func<string, SourceText?> sources)
{
    // A broken file can be wrong in every line; more than this helps nobody.
    private const int Limit = 100;

    private readonly HashSet<(DiagnosticCode, SourcePosition, string)> seen = [];
    private readonly List<Diagnostic> found = [];

    public IReadOnlyList<Diagnostic> Found => found;

    public bool HasErrors => found.Any(d => d.Severity == Severity.Error);

    public void Error(DiagnosticCode code, SourcePosition position, string text, string advice) =>
        Add(code, Severity.Error, position, text, advice);

    public void Warning(DiagnosticCode code, SourcePosition position, string text, string advice) =>
        Add(code, Severity.Warning, position, text, advice);

    private void Add(DiagnosticCode code, Severity severity, SourcePosition position, string text, string advice)
    {
        if (found.Count < Limit && seen.Add((code, position, text)))
            found.Add(new Diagnostic(code, severity, position, text, advice, sources(position.Path)?.Line(position.Line) ?? ""));
    }
}
