using System.Collections.Generic;
using System.Linq;
using System.Numerics;

namespace SystemRdl;

/// <summary>What an expression, a parameter or a property holds. Immutable; <see cref="object.ToString"/> is the value as SystemRDL.</summary>
public abstract record PropertyValue;

/// <summary>An unsigned number (bit or longint).</summary>
/// <param name="Value">At least 0 and below 2 to the power of the width.</param>
/// <param name="Width">In bits, at least 1; 64 when the source gives none.</param>
public sealed record NumberValue(BigInteger Value, int Width) : PropertyValue
{
    public override string ToString() => Value < 10 ? Value.ToString() : "0x" + Value.ToString("x").TrimStart('0');
}

public sealed record BooleanValue(bool Value) : PropertyValue
{
    public override string ToString() => Value ? "true" : "false";
}

public sealed record StringValue(string Value) : PropertyValue
{
    public override string ToString() => $"\"{Value.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"";
}

/// <summary>What a property holds that the source binds to a component without giving it a value.</summary>
public sealed record UndefinedValue : PropertyValue
{
    public override string ToString() => "undefined";
}

/// <summary>A reserved word as a value, such as <c>rw</c> or <c>regalign</c>.</summary>
public sealed record KeywordValue(string Word) : PropertyValue
{
    public override string ToString() => Word;
}

/// <summary>One name of an enumeration.</summary>
public sealed record EnumerationValue(Enumeration Type, EnumerationMember Member) : PropertyValue
{
    public override string ToString() => $"{Type.Name}::{Member.Name}";
}

/// <summary>An enumeration itself, as the encode property takes it.</summary>
public sealed record EnumerationTypeValue(Enumeration Type) : PropertyValue
{
    public override string ToString() => Type.Name;
}

public sealed record StructureValue(Structure Type, IReadOnlyDictionary<string, PropertyValue> Members) : PropertyValue
{
    public bool Equals(StructureValue? other) => other is not null && Type == other.Type
        && Members.All(m => other.Members.TryGetValue(m.Key, out var value) && value.Equals(m.Value));

    public override int GetHashCode() => Type.Name.GetHashCode();

    public override string ToString() => $"{Type.Name}'{{{string.Join(", ", Members.Select(m => $"{m.Key}: {m.Value}"))}}}";
}

public sealed record ArrayValue(IReadOnlyList<PropertyValue> Items) : PropertyValue
{
    public bool Equals(ArrayValue? other) => other is not null && Items.SequenceEqual(other.Items);

    public override int GetHashCode() => Items.Count;

    public override string ToString() => $"'{{{string.Join(", ", Items)}}}";
}

/// <summary>A reference to a component, or to what one of its properties stands for.</summary>
/// <param name="Target">In an array that has one model, the model of all elements; <paramref name="Path"/> keeps the index.</param>
/// <param name="Path">As the source writes it.</param>
/// <param name="Property">After <c>-></c>; null when the component itself is meant.</param>
public sealed record ReferenceValue(Component Target, string Path, string? Property) : PropertyValue
{
    public bool Equals(ReferenceValue? other) =>
        other is not null && ReferenceEquals(Target, other.Target) && Path == other.Path && Property == other.Property;

    public override int GetHashCode() => Path.GetHashCode();

    public override string ToString() => Property is null ? Path : $"{Path}->{Property}";
}

/// <summary>A reference before the model exists: so many components up from its holder, then down by names.</summary>
internal sealed record PendingReference(int Up, IReadOnlyList<PathElement> Down, string? Property, ComponentKind TargetKind) : PropertyValue
{
    public string Path => string.Join(".", Down);

    public override string ToString() => Property is null ? Path : $"{Path}->{Property}";
}

internal sealed record PathElement(string Name, IReadOnlyList<int> Indexes)
{
    public override string ToString() => Name + string.Concat(Indexes.Select(i => $"[{i}]"));
}

/// <summary>Names for the values of a field (clause 6.2.5).</summary>
/// <param name="Width">Of the widest member, in bits.</param>
public sealed record Enumeration(string Name, IReadOnlyList<EnumerationMember> Members, int Width, SourcePosition Position)
{
    public bool Equals(Enumeration? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => Name.GetHashCode();
}

/// <summary>A name of an enumeration; the two texts are null where the source has none.</summary>
public sealed record EnumerationMember(string Name, BigInteger Value, string? DisplayName, string? Description, SourcePosition Position);

/// <summary>A structure type (clause 6.3).</summary>
public sealed record Structure(string Name, bool IsAbstract, Structure? Base, IReadOnlyList<StructureMember> OwnMembers)
{
    /// <summary>Inherited members first.</summary>
    public IEnumerable<StructureMember> Members => (Base?.Members ?? []).Concat(OwnMembers);

    public bool Equals(Structure? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => Name.GetHashCode();

    internal bool Is(Structure other) => ReferenceEquals(this, other) || (Base?.Is(other) ?? false);
}

/// <summary>A member of a structure; its type as the source writes it.</summary>
public sealed record StructureMember(string Name, string TypeName)
{
    internal DataType Type { get; init; } = DataType.Any;
}
