using System.Collections.Generic;
using System.Linq;
using Generators;
using Microsoft.CodeAnalysis;

namespace ServiceGenerator;

/// <summary>How values of a type travel in a message.</summary>
internal enum TransferKind
{
    /// <summary>As the bytes of an unmanaged value.</summary>
    Value,

    /// <summary>As a string.</summary>
    Text,

    /// <summary>Moved between the capability spaces.</summary>
    Capability,

    /// <summary>Member by member.</summary>
    Record,

    /// <summary>A count and the elements.</summary>
    Array,
}

/// <summary>One type as a message carries it.</summary>
internal sealed class Transfer(TransferKind kind, ITypeSymbol type)
{
    /// <summary>The type cannot be sent, and why.</summary>
    internal sealed class RefusedException(string reason) : System.Exception(reason);

    private const string CapabilityName = "L4.Capability";
    private const string MessageTypeName = "L4.MessageTypeAttribute";

    public TransferKind Kind { get; } = kind;

    /// <summary>The type's full name without its own nullability; for a span that of the array with the same elements.</summary>
    public string TypeName { get; private set; } = type.WithNullableAnnotation(NullableAnnotation.NotAnnotated).FullName();

    /// <summary>A word that stands for the type in the names of helper methods.</summary>
    public string Word { get; private set; } = type.Name;

    /// <summary>Whether null may be sent.</summary>
    public bool IsNullable { get; } = type.IsReferenceType && type.NullableAnnotation == NullableAnnotation.Annotated;

    /// <summary>The type's full name with its nullability.</summary>
    public string FullTypeName => IsNullable ? TypeName + "?" : TypeName;

    /// <summary>An array's or span's elements.</summary>
    public Transfer? Element { get; private set; }

    /// <summary>A record's members in the order of its constructor.</summary>
    public IReadOnlyList<(string Name, Transfer Transfer)> Members { get; private set; } = [];

    /// <summary>How a value of this type travels.</summary>
    /// <param name="type">The type.</param>
    /// <param name="allowSpan">Whether this is a parameter, which may be a ReadOnlySpan.</param>
    /// <exception cref="RefusedException">It cannot be sent.</exception>
    public static Transfer Of(ITypeSymbol type, bool allowSpan = false) => Of(type, allowSpan, []);

    private static Transfer Of(ITypeSymbol type, bool allowSpan, List<ITypeSymbol> outer)
    {
        if (type.SpecialType == SpecialType.System_String)
            return new Transfer(TransferKind.Text, type);
        if (type.ToDisplayString() == CapabilityName)
            return new Transfer(TransferKind.Capability, type);
        if (type is IArrayTypeSymbol { IsSZArray: true } array)
            return ArrayOf(type, array.ElementType, outer);
        if (type is INamedTypeSymbol { Name: "ReadOnlySpan", Arity: 1 } span && span.ContainingNamespace.ToDisplayString() == "System")
        {
            return allowSpan
                ? ArrayOf(type, span.TypeArguments[0], outer)
                : throw new RefusedException($"{Shown(type)} would refer to memory of the other task (a result is an array)");
        }
        if (type.HasAttribute(MessageTypeName))
            return RecordOf((INamedTypeSymbol)type, outer);
        if (type is { IsValueType: true, IsUnmanagedType: true } and INamedTypeSymbol && type.OriginalDefinition.SpecialType != SpecialType.System_Nullable_T)
        {
            if (FindField(type, f => f.Type.TypeKind is TypeKind.Pointer or TypeKind.FunctionPointer) is { } pointer)
                throw new RefusedException($"{Shown(type)} has the pointer '{pointer}', which means nothing in another task");
            return FindField(type, f => f.Type.ToDisplayString() == CapabilityName) is { } capability
                ? throw new RefusedException($"{Shown(type)} has the capability '{capability}', which is moved only if the type is a [MessageType] record")
                : new Transfer(TransferKind.Value, type);
        }
        throw new RefusedException($"{Shown(type)} does not cross a task boundary");
    }

    private static Transfer ArrayOf(ITypeSymbol type, ITypeSymbol elementType, List<ITypeSymbol> outer)
    {
        var element = Of(elementType, allowSpan: false, outer);
        return new Transfer(TransferKind.Array, type)
        {
            Element = element,
            TypeName = elementType.FullName() + "[]",
            Word = (element.IsNullable ? "Nullable" : "") + element.Word + "Array",
        };
    }

    private static Transfer RecordOf(INamedTypeSymbol type, List<ITypeSymbol> outer)
    {
        if (outer.Contains(type, SymbolEqualityComparer.Default))
            throw new RefusedException($"{Shown(type)} contains itself, so a message of it has no greatest size");
        var members = PositionalMembers(type) ?? throw new RefusedException($"{Shown(type)} is no positional record");
        outer.Add(type);
        var transfers = new List<(string, Transfer)>();
        foreach (var member in members)
        {
            try
            {
                transfers.Add((member.Name, Of(member.Type, allowSpan: false, outer)));
            }
            catch (RefusedException refused)
            {
                throw new RefusedException($"{Shown(type)}.{member.Name}: {refused.Message}");
            }
        }
        outer.RemoveAt(outer.Count - 1);
        bool isPlain = type.IsUnmanagedType && FindField(type, f => f.Type.ToDisplayString() == CapabilityName) is null;
        return isPlain ? new Transfer(TransferKind.Value, type) : new Transfer(TransferKind.Record, type) { Members = transfers };
    }

    /// <summary>The properties that a positional record's constructor fills, in its order; null if the type is none.</summary>
    public static IReadOnlyList<IPropertySymbol>? PositionalMembers(INamedTypeSymbol type)
    {
        // In another assembly nothing marks the primary constructor: it is the longest whose parameters are all properties.
        if (!type.IsRecord || type.IsGenericType || type.IsAbstract)
            return null;
        var properties = type.GetMembers().OfType<IPropertySymbol>().ToList();
        return type.InstanceConstructors
            .Select(c => c.Parameters.Select(p => properties.Find(q => q.Name == p.Name && SymbolEqualityComparer.Default.Equals(q.Type, p.Type))).ToList())
            .Where(candidate => candidate.All(p => p is not null))
            .OrderByDescending(candidate => candidate.Count)
            .FirstOrDefault(candidate => candidate.Count > 0)!;
    }

    /// <summary>The path of the first field, at any depth, that <paramref name="condition"/> names.</summary>
    private static string? FindField(ITypeSymbol type, System.Func<IFieldSymbol, bool> condition)
    {
        foreach (var field in type.GetMembers().OfType<IFieldSymbol>().Where(f => !f.IsStatic))
        {
            string name = field.AssociatedSymbol?.Name ?? field.Name;
            if (condition(field))
                return name;
            // A primitive's only field has the primitive's own type.
            if (field.Type.SpecialType == SpecialType.None && field.Type.IsValueType && FindField(field.Type, condition) is { } inner)
                return $"{name}.{inner}";
        }
        return null;
    }

    private static string Shown(ITypeSymbol type) => $"'{type.WithNullableAnnotation(NullableAnnotation.NotAnnotated).ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat)}'";
}
