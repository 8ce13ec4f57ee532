using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace Generators;

/// <summary>A list that equals another with equal elements, so that the compiler can see that a step's result did not change.</summary>
internal readonly struct EquatableList<T> : IEquatable<EquatableList<T>>
    where T : IEquatable<T>
{
    private readonly T[]? _items;

    public EquatableList(IEnumerable<T> items) => _items = items.ToArray();

    public IReadOnlyList<T> Items => _items ?? Array.Empty<T>();

    public bool Equals(EquatableList<T> other) => Items.SequenceEqual(other.Items);

    public override bool Equals(object? obj) => obj is EquatableList<T> other && Equals(other);

    public override int GetHashCode() => Items.Aggregate(17, (hash, item) => unchecked((hash * 31) + item.GetHashCode()));
}

/// <summary>A diagnostic without references to syntax trees, which would keep whole compilations alive between edits.</summary>
internal sealed record Finding(DiagnosticDescriptor Descriptor, string Path, TextSpan Span, LinePositionSpan Lines, EquatableList<string> Arguments)
{
    /// <summary>A finding at where <paramref name="symbol"/> is declared.</summary>
    public static Finding At(ISymbol symbol, DiagnosticDescriptor descriptor, params string[] arguments)
    {
        var location = symbol.Locations.FirstOrDefault(l => l.IsInSource) ?? Location.None;
        var lines = location.GetLineSpan();
        return new Finding(descriptor, lines.Path ?? "", location.SourceSpan, lines.Span, new EquatableList<string>(arguments));
    }

    public Diagnostic ToDiagnostic()
    {
        var location = Path.Length == 0 && Span.IsEmpty ? Location.None : Location.Create(Path, Span, Lines);
        return Diagnostic.Create(Descriptor, location, Arguments.Items.ToArray<object>());
    }
}

/// <summary>What one declaration gives: a source file (none where <paramref name="Text"/> is null) and findings.</summary>
internal sealed record GeneratedFile(string HintName, string? Text, EquatableList<Finding> Findings)
{
    public void AddTo(SourceProductionContext context)
    {
        foreach (var finding in Findings.Items)
            context.ReportDiagnostic(finding.ToDiagnostic());
        if (Text is not null)
            context.AddSource(HintName, SourceText.From(Text, Encoding.UTF8));
    }
}

/// <summary>How symbols are spelled in generated code.</summary>
internal static class Spelling
{
    private static readonly SymbolDisplayFormat s_typeFormat = SymbolDisplayFormat.FullyQualifiedFormat.AddMiscellaneousOptions(
        SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>A type with its namespace and its nullability.</summary>
    public static string FullName(this ITypeSymbol type) => type.ToDisplayString(s_typeFormat);

    /// <summary>A name that may be a keyword.</summary>
    public static string Identifier(string name) =>
        SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None ? name : "@" + name;

    public static string Accessibility(ISymbol symbol) =>
        symbol.DeclaredAccessibility == Microsoft.CodeAnalysis.Accessibility.Public ? "public" : "internal";

    /// <summary>An attribute's first argument where it is a string.</summary>
    public static string? FirstText(this AttributeData attribute) => attribute.ConstructorArguments.FirstOrDefault().Value as string;

    public static bool HasAttribute(this ISymbol symbol, string fullName) =>
        symbol.GetAttributes().Any(a => a.AttributeClass?.ToDisplayString() == fullName);
}
