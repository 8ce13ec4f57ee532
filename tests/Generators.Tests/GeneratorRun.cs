using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Generators.Tests;

/// <summary>What a generator made of some source texts, compiled together with them.</summary>
internal sealed class GeneratorRun
{
    private static readonly CSharpParseOptions s_parseOptions = new(LanguageVersion.Preview);

    // The framework alone: the tested texts bring stubs of everything else.
    private static readonly ImmutableArray<MetadataReference> s_references =
        [.. Directory.EnumerateFiles(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "*.dll")
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal) && !path.EndsWith(".Native.dll", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path))];

    private GeneratorRun(GeneratorDriverRunResult result, Compilation compilation)
    {
        Result = result;
        Compilation = compilation;
    }

    public GeneratorDriverRunResult Result { get; }

    public Compilation Compilation { get; }

    /// <summary>The findings as "ID(line): text", lines counted from 1 in the last source text.</summary>
    public IReadOnlyList<string> Findings =>
        [.. Result.Diagnostics.Select(d => $"{d.Id}({d.Location.GetLineSpan().StartLinePosition.Line + 1}): {d.GetMessage(null)}")];

    /// <summary>The generated file whose name contains <paramref name="name"/>.</summary>
    public string File(string name) => Result.GeneratedTrees.Single(t => t.FilePath.Contains(name, StringComparison.Ordinal)).ToString();

    public static GeneratorRun Of(IIncrementalGenerator generator, params string[] sources)
    {
        var compilation = Compile(sources);
        var driver = CSharpGeneratorDriver.Create([generator.AsSourceGenerator()], parseOptions: s_parseOptions)
            .RunGeneratorsAndUpdateCompilation(compilation, out var updated, out _);
        return new GeneratorRun(driver.GetRunResult(), updated);
    }

    /// <summary>Why every output step ran, or did not run, when the last source was replaced by <paramref name="edited"/>.</summary>
    public static IReadOnlyList<IncrementalStepRunReason> ReasonsAfterEdit(IIncrementalGenerator generator, string[] sources, string edited)
    {
        var compilation = Compile(sources);
        var driver = CSharpGeneratorDriver.Create(
            [generator.AsSourceGenerator()],
            parseOptions: s_parseOptions,
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true)).RunGenerators(compilation);
        var second = compilation.ReplaceSyntaxTree(compilation.SyntaxTrees[^1], CSharpSyntaxTree.ParseText(edited, s_parseOptions, "Source.cs"));
        return [.. driver.RunGenerators(second).GetRunResult().Results.Single().TrackedOutputSteps.SelectMany(s => s.Value).SelectMany(s => s.Outputs).Select(o => o.Reason)];
    }

    /// <summary>The findings of the compiler in everything, generated text included.</summary>
    public IReadOnlyList<string> CompilerFindings() =>
        [.. Compilation.GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning).Select(d => d.ToString())];

    /// <summary>Compiles, loads and calls a static method without parameters.</summary>
    public object? Run(string type, string method)
    {
        CompilerFindings().ShouldBeEmpty();
        using var image = new MemoryStream();
        Compilation.Emit(image).Success.ShouldBeTrue();
        image.Position = 0;
        var assembly = new AssemblyLoadContext(null).LoadFromStream(image);
        return assembly.GetType(type, throwOnError: true)!.GetMethod(method)!.Invoke(null, BindingFlags.DoNotWrapExceptions, null, null, null);
    }

    private static CSharpCompilation Compile(string[] sources) => CSharpCompilation.Create(
        "Tested",
        sources.Select(source => CSharpSyntaxTree.ParseText(source, s_parseOptions, "Source.cs")),
        s_references,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, checkOverflow: true, nullableContextOptions: NullableContextOptions.Enable));
}
