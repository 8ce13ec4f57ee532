using System.Collections.Generic;
using System.Collections.Immutable;
using Generators;
using Microsoft.CodeAnalysis;

namespace RegisterGenerator;

/// <summary>
/// Makes each static partial class marked <c>[RegisterAccess(file, block)]</c> the driver's side of a block of a description among the
/// project's AdditionalFiles: values of registers with their fields, and typed accesses over a bus.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class AccessorSourceGenerator : IIncrementalGenerator
{
    /// <inheritdoc />
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var classes = context.SyntaxProvider.ForAttributeWithMetadataName(
            "Registers.RegisterAccessAttribute", (_, _) => true, (found, _) => Target.Of((INamedTypeSymbol)found.TargetSymbol, found.Attributes[0]));
        context.RegisterSourceOutput(classes.Combine(Descriptions.Of(context)), (output, pair) => Generate(pair.Left, pair.Right).AddTo(output));
    }

    private static GeneratedFile Generate(Target target, ImmutableArray<(string Path, string Text)> descriptions)
    {
        var findings = new List<Finding>();
        string? text = null;
        if (Descriptions.Find(target, descriptions, findings) is { } block)
        {
            var plan = AccessorPlan.Of(block, target.Name);
            if (plan.Problem is { } problem)
                findings.Add(target.Finding(RegisterDiagnostics.NotSupported, problem.Component.Path, problem.Text));
            else
                text = new AccessorWriter(target, plan).Write();
        }
        return new GeneratedFile($"{target.Namespace}.{target.Name}.RegisterAccess.g.cs", text, new EquatableList<Finding>(findings));
    }
}
