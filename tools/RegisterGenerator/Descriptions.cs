using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using Generators;
using Microsoft.CodeAnalysis;
using SystemRdl;

namespace RegisterGenerator;

/// <summary>The register descriptions among the project's AdditionalFiles.</summary>
internal static class Descriptions
{
    /// <summary>All of them; the value changes when one of them does.</summary>
    public static IncrementalValueProvider<ImmutableArray<(string Path, string Text)>> Of(IncrementalGeneratorInitializationContext context) =>
        context.AdditionalTextsProvider
            .Where(f => f.Path.EndsWith(".rdl", StringComparison.Ordinal))
            .Select((f, cancellation) => (f.Path, Text: f.GetText(cancellation)?.ToString() ?? ""))
            .Collect();

    /// <summary>The block that <paramref name="target"/> names; null, with findings, when there is none.</summary>
    public static Block? Find(Target target, ImmutableArray<(string Path, string Text)> all, List<Finding> findings)
    {
        var description = all.FirstOrDefault(d => Path.GetFileName(d.Path) == target.File);
        if (description.Path is null)
        {
            findings.Add(target.Finding(RegisterDiagnostics.NotFound, target.File, "add it to the project's AdditionalFiles"));
            return null;
        }
        if (Compile(description, all, findings) is not { } top)
            return null;
        var block = Find(top, target.Block);
        if (block is null)
            findings.Add(target.Finding(RegisterDiagnostics.NotFound, target.Block, $"{target.File} has no such block below {top.Name}"));
        return block;
    }

    private static Block? Compile((string Path, string Text) description, ImmutableArray<(string Path, string Text)> all, List<Finding> findings)
    {
        var compilation = Compiler.Compile(
            new SourceText(description.Path, description.Text),
            (name, _) => all.FirstOrDefault(d => Path.GetFileName(d.Path) == Path.GetFileName(name)) is { Path: { } path } found ? new SourceText(path, found.Text) : null);
        foreach (var diagnostic in compilation.Diagnostics.Where(d => d.Severity == Severity.Error))
        {
            var position = new Microsoft.CodeAnalysis.Text.LinePosition(diagnostic.Position.Line - 1, diagnostic.Position.Column - 1);
            findings.Add(new Finding(
                RegisterDiagnostics.Description, diagnostic.Position.Path, default, new(position, position),
                new EquatableList<string>([$"{diagnostic.Number}: {diagnostic.Text}: {diagnostic.Advice}"])));
        }
        return compilation.Top;
    }

    private static Block? Find(Block top, string path) => path.Length == 0
        ? top
        : path.Split('.').Aggregate((Block?)top, (block, name) => block?.Children.OfType<Block>().FirstOrDefault(c => c.Name == name && c.Dimensions.Count == 0));
}
