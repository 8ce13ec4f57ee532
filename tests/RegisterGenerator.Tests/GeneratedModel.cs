using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace RegisterGenerator.Tests;

/// <summary>What the generator and the compiler make of a description and of a class.</summary>
internal sealed class GeneratedModel
{
    public static readonly string Class = ClassWith("");

    private static readonly MetadataReference[] s_references =
        [.. Directory.EnumerateFiles(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "System.*.dll")
            .Where(path => !path.EndsWith(".Native.dll", StringComparison.Ordinal))
            .Append(typeof(Registers.IRegisterBus).Assembly.Location)
            .Select(path => MetadataReference.CreateFromFile(path))];

    private readonly Compilation _compilation;

    /// <param name="description">The text of tested.rdl.</param>
    /// <param name="source">The hand-written C#; null for <see cref="Class"/>.</param>
    public GeneratedModel(string description, string? source = null)
    {
        var options = new CSharpParseOptions(LanguageVersion.Preview);
        var compilation = CSharpCompilation.Create(
            "Tested", [CSharpSyntaxTree.ParseText(source ?? Class, options)], s_references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, checkOverflow: true, nullableContextOptions: NullableContextOptions.Enable));
        CSharpGeneratorDriver.Create([new RegisterSourceGenerator().AsSourceGenerator(), new AccessorSourceGenerator().AsSourceGenerator(), new TableSourceGenerator().AsSourceGenerator()], [new Description(description)], options)
            .RunGeneratorsAndUpdateCompilation(compilation, out _compilation, out var findings);
        Findings = [.. findings.Concat(_compilation.GetDiagnostics()).Where(d => d.Severity >= DiagnosticSeverity.Warning).Select(d => $"{d.Id}: {d.GetMessage(null)}")];
    }

    /// <summary>A class that writes what every model must, and besides <paramref name="effects"/>.</summary>
    public static string ClassWith(string effects) => $$"""
        namespace Tested;
        [Registers.RegisterFile("tested.rdl", "")]
        public sealed partial class Model
        {
            private partial void OnUndecodedRead(int offset, int width) { }
            private partial void OnUndecodedWrite(int offset, int width, uint value) { }
            private partial void OnReservedWrite(int offset, uint bits) { }
            {{effects}}
        }
        """;

    /// <summary>Of the generator and of the compiler.</summary>
    public IReadOnlyList<string> Findings { get; }

    /// <summary>What was generated, by file name.</summary>
    public IReadOnlyDictionary<string, string> Sources => _compilation.SyntaxTrees.Skip(1).ToDictionary(t => Path.GetFileName(t.FilePath), t => t.ToString());

    /// <summary>A new instance's accesses.</summary>
    /// <param name="arguments">Of its constructor.</param>
    public (Func<int, int, uint> Read, Action<int, int, uint> Write) Create(params object[] arguments)
    {
        Findings.ShouldBeEmpty();
        using var image = new MemoryStream();
        _compilation.Emit(image).Success.ShouldBeTrue();
        image.Position = 0;
        var type = new AssemblyLoadContext(null).LoadFromStream(image).GetType("Tested.Model", throwOnError: true)!;
        var model = Activator.CreateInstance(type, arguments);
        return (
            type.GetMethod("Read")!.CreateDelegate<Func<int, int, uint>>(model),
            type.GetMethod("Write")!.CreateDelegate<Action<int, int, uint>>(model));
    }

    private sealed class Description(string text) : AdditionalText
    {
        public override string Path => "/descriptions/tested.rdl";

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
    }
}
