using System.Collections.Generic;
using System.Linq;

namespace SystemRdl;

/// <summary>
/// An instance in the finished model. The model is immutable once the compiler has returned it, and safe to read from any thread.
/// </summary>
public abstract class Component
{
    private protected Component(ComponentKind kind, string name, string? typeName, IReadOnlyList<int> elementIndexes,
        SourcePosition position)
    {
        Kind = kind;
        Name = name;
        TypeName = typeName;
        ElementIndexes = elementIndexes;
        Position = position;
    }

    public ComponentKind Kind { get; }

    /// <summary>The instance's name, without indexes.</summary>
    public string Name { get; }

    /// <summary>The name of its definition; null when that has none.</summary>
    public string? TypeName { get; }

    /// <summary>Where it stands in an array whose elements differ and therefore have models of their own; else empty.</summary>
    public IReadOnlyList<int> ElementIndexes { get; }

    /// <summary>Where the source instantiates it.</summary>
    public SourcePosition Position { get; }

    /// <summary>The component that holds it; null at the top.</summary>
    public Component? Parent { get; internal set; }

    /// <summary>
    /// What the source gives or defaults give, by the property's name, user-defined ones too; defaults of the standard are not here.
    /// </summary>
    public IReadOnlyDictionary<string, PropertyValue> Properties { get; internal set; } = new Dictionary<string, PropertyValue>();

    /// <summary>The name property; null when the source gives none.</summary>
    public string? DisplayName => (this["name"] as StringValue)?.Value;

    /// <summary>The desc property; null when the source gives none.</summary>
    public string? Description => (this["desc"] as StringValue)?.Value;

    /// <summary>Names from the top down, such as <c>piix.primary.command</c>; an element of its own has its indexes.</summary>
    public string Path => (Parent is null ? "" : Parent.Path + ".") + Name + string.Concat(ElementIndexes.Select(i => $"[{i}]"));

    /// <summary>The value of a property; null when nothing gives it.</summary>
    public PropertyValue? this[string property] => Properties.TryGetValue(property, out var value) ? value : null;

    /// <summary>Whether a boolean property is set.</summary>
    public bool Has(string property) => this[property] is BooleanValue { Value: true };

    private protected ulong Number(string property,
        ulong standard) => this[property] is NumberValue number ? (ulong)number.Value : standard;
}

/// <summary>A component with an address: all but fields and signals.</summary>
public abstract class AddressableComponent : Component
{
    private protected AddressableComponent(
        ComponentKind kind, string name, string? typeName, IReadOnlyList<int> elementIndexes, SourcePosition position, Placement placement)
        : base(kind, name, typeName, elementIndexes, position)
    {
        Offset = placement.Offset;
        Size = placement.Size;
        Stride = placement.Stride;
        Dimensions = placement.Dimensions;
        IsExternal = placement.IsExternal;
    }

    /// <summary>In bytes from the start of the component that holds it (of each of its elements, when that is an array).</summary>
    public ulong Offset { get; }

    /// <summary>Of one element, in bytes.</summary>
    public ulong Size { get; }

    /// <summary>From one element to the next, in bytes; the size when this is no array.</summary>
    public ulong Stride { get; }

    /// <summary>Counts of elements, outermost first; empty for a single instance.</summary>
    public IReadOnlyList<int> Dimensions { get; }

    /// <summary>How many elements there are; 1 for a single instance.</summary>
    public int Count => Dimensions.Aggregate(1, (count, d) => count * d);

    /// <summary>Whether the source says external (of itself or of what holds it).</summary>
    public bool IsExternal { get; }

    /// <summary>In bytes from the start of the top, of the first element of every array on the way.</summary>
    public ulong Address => Offset + ((Parent as AddressableComponent)?.Address ?? 0);

    /// <summary>From the first byte of the first element to the last byte of the last.</summary>
    public ulong TotalSize => Stride * (ulong)(Count - 1) + Size;
}

/// <summary>An addrmap, a regfile or a mem: holds other components with addresses.</summary>
public sealed class Block : AddressableComponent
{
    internal Block(
        ComponentKind kind, string name, string? typeName, IReadOnlyList<int> elementIndexes, SourcePosition position, Placement placement,
        IReadOnlyList<AddressableComponent> children, IReadOnlyList<Signal> signals)
        : base(kind, name, typeName, elementIndexes, position, placement)
    {
        Children = children;
        Signals = signals;
    }

    /// <summary>In the order of the source.</summary>
    public IReadOnlyList<AddressableComponent> Children { get; }

    public IReadOnlyList<Signal> Signals { get; }

    /// <summary>Of an addrmap; else false.</summary>
    public bool IsBigEndian => Has("bigendian");

    /// <summary>Of a mem: the count of its entries; else 0.</summary>
    public ulong Entries => Kind == ComponentKind.Memory ? Number("mementries", 1) : 0;

    /// <summary>Of a mem: the width of an entry in bits; else 0.</summary>
    public ulong EntryWidth => Kind == ComponentKind.Memory ? Number("memwidth", 32) : 0;

    /// <summary>Of a mem: what software may do.</summary>
    public Access SoftwareAccess => AccessWords.Access(this["sw"]);

    /// <summary>All registers within, at any depth, in the order of the source.</summary>
    public IEnumerable<Register> Registers => Children.SelectMany(c => c is Register register ? [register] : ((Block)c).Registers);
}

internal sealed record Placement(ulong Offset, ulong Size, ulong Stride, IReadOnlyList<int> Dimensions, bool IsExternal);

/// <summary>A signal: a wire that resets or drives fields.</summary>
public sealed class Signal : Component
{
    internal Signal(string name, string? typeName, SourcePosition position, int width)
        : base(ComponentKind.Signal, name, typeName, [], position) => Width = width;

    /// <summary>In bits.</summary>
    public int Width { get; }

    /// <summary>The standard's default is active high.</summary>
    public bool IsActiveLow => Has("activelow");

    /// <summary>The standard's default is synchronous.</summary>
    public bool IsAsynchronous => Has("async");

    /// <summary>Whether it resets every field of its scope that names no other signal.</summary>
    public bool ResetsFields => Has("field_reset");
}
