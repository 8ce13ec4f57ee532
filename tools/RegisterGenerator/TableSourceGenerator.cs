using System.Collections.Generic;
using System.Collections.Immutable;
using Generators;
using Microsoft.CodeAnalysis;

namespace RegisterGenerator;

/// <summary>
/// Makes each static partial property marked <c>[RegisterTable(file, block)]</c> the table of a block of a description among the project's
/// AdditionalFiles: names, places, fields and named values as data, for traces.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class TableSourceGenerator : IIncrementalGenerator
{
    /// <inheritdoc />
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var properties = context.SyntaxProvider.ForAttributeWithMetadataName(
            "Registers.RegisterTableAttribute", (_, _) => true, (found, _) => Table.Of((IPropertySymbol)found.TargetSymbol, found.Attributes[0]));
        context.RegisterSourceOutput(properties.Combine(Descriptions.Of(context)), (output, pair) => Generate(pair.Left, pair.Right).AddTo(output));
    }

    private static GeneratedFile Generate(Table table, ImmutableArray<(string Path, string Text)> descriptions)
    {
        var findings = new List<Finding>();
        string? text = Descriptions.Find(table.Target, descriptions, findings) is { } block ? TableWriter.Write(table, block) : null;
        return new GeneratedFile($"{table.Target.Namespace}.{table.Target.Name}.{table.Property}.RegisterTable.g.cs", text, new EquatableList<Finding>(findings));
    }
}

/// <summary>The property to complete.</summary>
internal sealed record Table(Target Target, string Property, string Accessibility, bool IsStaticClass)
{
    public static Table Of(IPropertySymbol property, AttributeData attribute) => new(
        Target.Of(property.ContainingType, attribute), property.Name,
        Microsoft.CodeAnalysis.CSharp.SyntaxFacts.GetText(property.DeclaredAccessibility), property.ContainingType.IsStatic);
}
