using System.Collections.Immutable;
using Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace KernelGenerator;

/// <summary>
/// Silences CA1822 ("can be static") for kernel functions: all are called through their room's instance, whether today's version
/// needs the room's state or not.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class StaticRoomMethods : DiagnosticSuppressor
{
    private static readonly SuppressionDescriptor s_calledByInstance = new("DDE0190", "CA1822", "Kernel functions are called through their room's instance.");

    /// <inheritdoc />
    public override ImmutableArray<SuppressionDescriptor> SupportedSuppressions { get; } = [s_calledByInstance];

    /// <inheritdoc />
    public override void ReportSuppressions(SuppressionAnalysisContext context)
    {
        foreach (var diagnostic in context.ReportedDiagnostics)
        {
            if (diagnostic.Location.SourceTree is not { } tree)
                continue;
            var node = tree.GetRoot(context.CancellationToken).FindNode(diagnostic.Location.SourceSpan);
            if (context.GetSemanticModel(tree).GetDeclaredSymbol(node, context.CancellationToken) is { } symbol && symbol.HasAttribute(KernelHost.FunctionAttribute))
                context.ReportSuppression(Suppression.Create(s_calledByInstance, diagnostic));
        }
    }
}
