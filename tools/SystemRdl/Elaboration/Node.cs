using System.Collections.Generic;
using System.Linq;
using System.Numerics;

namespace SystemRdl;

/// <summary>An instance while it is being elaborated; <see cref="ModelBuilder"/> makes the immutable model from it.</summary>
internal sealed class Node(ComponentKind kind, string name, string? typeName, SourcePosition position, Node? parent)
{
    public ComponentKind Kind { get; } = kind;

    public string Name { get; } = name;

    public string? TypeName { get; } = typeName;

    public SourcePosition Position { get; } = position;

    public Node? Parent { get; } = parent;

    public List<Node> Children { get; } = [];

    public Dictionary<string, Assignment> Properties { get; } = [];

    /// <summary>Empty for a single instance.</summary>
    public IReadOnlyList<int> Dimensions { get; set; } = [];

    /// <summary>Where this node stands in an array whose elements became different.</summary>
    public IReadOnlyList<int> ElementIndexes { get; init; } = [];

    /// <summary>One node for each element once one of them was assigned to alone; else null.</summary>
    public List<Node>? Elements { get; private set; }

    public Located<BigInteger>? Address { get; set; }

    public Located<BigInteger>? Stride { get; set; }

    public Located<BigInteger>? Alignment { get; set; }

    /// <summary>Of a field or a signal that gives its bits, as the source writes them: which end is the greater one, msb0 decides.</summary>
    public Located<(int Left, int Right)>? Bits { get; set; }

    /// <summary>Of a field or a signal that gives its width in brackets.</summary>
    public Located<int>? BracketWidth { get; set; }

    public bool? IsExternal { get; set; }

    public Node? AliasOf { get; set; }

    /// <summary>The width in bits that the instance itself gives; 0 when it gives none.</summary>
    public int GivenWidth => Bits is { Value: var bits } ? System.Math.Abs(bits.Left - bits.Right) + 1 : BracketWidth?.Value ?? 0;

    // What the layout finds.
    public int High { get; set; }

    public int Low { get; set; }

    public BigInteger Offset { get; set; }

    public BigInteger Size { get; set; }

    public BigInteger ElementStride { get; set; }

    public BigInteger ElementCount => Dimensions.Aggregate(BigInteger.One, (count, d) => count * d);

    public BigInteger TotalSize => Dimensions.Count == 0 ? Size : ElementStride * (ElementCount - 1) + Size;

    public bool IsRoot => Parent is null;

    public Node? Child(string childName) => Children.FirstOrDefault(c => c.Name == childName);

    /// <summary>The nodes that stand in the model: the elements of a split array instead of it.</summary>
    public IEnumerable<Node> Present =>
        Children.SelectMany(c => c.Elements ?? [c]).Where(c => c.Property("ispresent") is not BooleanValue { Value: false });

    public PropertyValue? Property(string property) => Properties.TryGetValue(property, out var assignment) ? assignment.Value : null;

    public bool Flag(string property) => Property(property) is BooleanValue { Value: true };

    public BigInteger? Number(string property) => Property(property) is NumberValue number ? number.Value : null;

    /// <summary>From the outermost component down, as a source would refer to it from outside.</summary>
    public string Path => Parent is null || Parent.IsRoot ? NameWithIndexes : $"{Parent.Path}.{NameWithIndexes}";

    public string NameWithIndexes => Name + string.Concat(ElementIndexes.Select(i => $"[{i}]"));

    /// <summary>How many nodes <see cref="Split"/> makes.</summary>
    public BigInteger CountOfSplit => ElementCount * CountOfTree;

    private BigInteger CountOfTree => 1 + Children.Aggregate(BigInteger.Zero, (sum, c) => sum + (c.Elements?.Count ?? 1) * c.CountOfTree);

    public void Split()
    {
        Elements = [];
        var indexes = new int[Dimensions.Count];
        for (var i = 0; i < (int)ElementCount; i++)
        {
            Elements.Add(Copy(Parent, [], indexes.ToArray()));
            // The last dimension counts fastest, as addresses do.
            for (var d = indexes.Length - 1; d >= 0 && ++indexes[d] == Dimensions[d]; d--)
                indexes[d] = 0;
        }
    }

    private Node Copy(Node? newParent, IReadOnlyList<int> dimensions, IReadOnlyList<int> elementIndexes)
    {
        var copy = new Node(Kind, Name, TypeName, Position, newParent)
        {
            Dimensions = dimensions,
            ElementIndexes = elementIndexes,
            Address = Address,
            Stride = Stride,
            Alignment = Alignment,
            Bits = Bits,
            BracketWidth = BracketWidth,
            IsExternal = IsExternal,
            AliasOf = AliasOf,
        };
        foreach (var property in Properties)
            copy.Properties.Add(property.Key, property.Value);
        foreach (var child in Children)
        {
            var childCopy = child.Copy(copy, child.Dimensions, child.ElementIndexes);
            childCopy.Elements = child.Elements?.Select(e => e.Copy(copy, e.Dimensions, e.ElementIndexes)).ToList();
            copy.Children.Add(childCopy);
        }
        return copy;
    }
}

/// <summary>A value and where the source gives it.</summary>
internal sealed record Located<T>(T Value, SourcePosition Position);

/// <summary>How strongly a value is given: a stronger one replaces a weaker one, an equal one clashes (clause 5.1.3.2).</summary>
internal enum Strength
{
    Definition,
    Default,
    Body,
    Instance,
    Dynamic,
}

/// <summary>What a property was given.</summary>
/// <param name="Modifiers">Such as posedge before intr.</param>
internal sealed record Assignment(
    PropertyDefinition Definition, PropertyValue Value, SourcePosition Position, Strength Strength, IReadOnlyList<string> Modifiers);
