using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace KernelGenerator;

/// <summary>
/// Writes the entry of each method marked <c>[KernelFunction]</c> and the table of all of them, and the accessors of each structure
/// marked <c>[KernelStruct]</c>.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class KernelSourceGenerator : IIncrementalGenerator
{
    /// <inheritdoc />
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var views = context.SyntaxProvider.ForAttributeWithMetadataName(
            "DdeLinux.KernelStructAttribute", (_, _) => true, (found, _) => StructureView.Read(found));
        context.RegisterSourceOutput(views, (output, file) => file.AddTo(output));

        var functions = context.SyntaxProvider.ForAttributeWithMetadataName(
            KernelHost.FunctionAttribute, (_, _) => true, (found, _) => KernelFunctionReader.Read(found));
        // The table is there even while no function is, for the code that binds imports names it.
        var host = context.CompilationProvider.Select((compilation, _) => KernelHost.Of(compilation));
        context.RegisterSourceOutput(functions.Collect().Combine(host), (output, input) => WriteFunctions(output, input.Left, input.Right));
    }

    private static void WriteFunctions(SourceProductionContext output, ImmutableArray<KernelFunctionGroup> groups, KernelHost? host)
    {
        foreach (var finding in groups.SelectMany(group => group.Findings.Items))
            output.ReportDiagnostic(finding.ToDiagnostic());

        var byName = new SortedDictionary<string, KernelFunction>(StringComparer.Ordinal);
        foreach (var function in groups.SelectMany(group => group.Functions.Items))
        {
            if (byName.TryGetValue(function.Name, out var first))
            {
                var place = function.Duplicate;
                string supplier = $"{first.Room}.{first.Method}";
                output.ReportDiagnostic((place with { Arguments = new EquatableList<string>(place.Arguments.Items.Append(supplier)) }).ToDiagnostic());
            }
            else
            {
                byName.Add(function.Name, function);
            }
        }

        if (host is null)
            return;
        var all = byName.Values.ToList();
        output.AddSource("KernelFunctions.g.cs", SourceText.From(KernelFunctionWriter.Table(host, all), Encoding.UTF8));
        foreach (var room in all.Select((function, index) => (Function: function, Index: index)).GroupBy(f => f.Function.Room))
            output.AddSource($"KernelFunctions.{room.Key}.g.cs", SourceText.From(KernelFunctionWriter.Room(host, room.Key, room), Encoding.UTF8));
    }
}
