using System.Collections.Generic;

namespace SystemRdl;

/// <summary>Finds an included file.</summary>
/// <param name="name">As the source writes it.</param>
/// <param name="includingPath">The path of the file that includes it.</param>
/// <returns>Null when there is none.</returns>
public delegate SourceText? IncludeResolver(string name, string includingPath);

/// <summary>The SystemRDL 2.0 compiler. It touches no files itself, so that a source generator can host it.</summary>
public static class Compiler
{
    /// <summary>
    /// Compiles a source; whatever is wrong with it ends in <see cref="Compilation.Diagnostics"/>, never in an exception.
    /// </summary>
    /// <param name="source">The file to compile.</param>
    /// <param name="include">Finds included files.</param>
    /// <param name="defines">Macros to define before the first line, by name.</param>
    /// <param name="perl">Runs embedded Perl; null refuses it with a diagnostic.</param>
    public static Compilation Compile(
        SourceText source, IncludeResolver include, IReadOnlyDictionary<string, string>? defines = null, PerlInterpreter? perl = null)
    {
        var sources = new Dictionary<string, SourceText>();
        var diagnostics = new Diagnostics(path => sources.TryGetValue(path, out var text) ? text : null);
        var preprocessor = new Preprocessor((name, path) => include(name, path), perl, diagnostics, s => sources[s.Path] = s);
        foreach (var define in defines ?? new Dictionary<string, string>())
            preprocessor.Define(define.Key, define.Value);
        var text = preprocessor.Run(source);
        var file = new SyntaxReader(text, diagnostics).Read();
        if (file is null)
            return new Compilation([], [], diagnostics.Found);
        var elaborator = new Elaborator(text, diagnostics);
        var root = elaborator.Elaborate(file);
        var layout = new Layout(diagnostics);
        var rules = new PropertyRules(diagnostics);
        foreach (var node in elaborator.Unattached)
        {
            layout.Run(node, "regalign", null);
            rules.Check(node);
        }
        layout.Run(root, "regalign", null);
        rules.Check(root);
        new ReferenceRules(diagnostics).Check(root);
        if (diagnostics.HasErrors)
            return new Compilation([], [], diagnostics.Found);
        var (maps, signals) = new ModelBuilder(diagnostics).Build(root);
        if (maps.Count == 0)
            diagnostics.Error(DiagnosticCode.NoAddressMap, source.PositionAt(0), "there is no addrmap to make a model of",
                "add an addrmap whose parameters all have defaults");
        return diagnostics.HasErrors ? new Compilation([], [], diagnostics.Found) : new Compilation(maps, signals, diagnostics.Found);
    }
}
