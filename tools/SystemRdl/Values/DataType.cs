using System;
using System.Linq;
using System.Numerics;

namespace SystemRdl;

/// <summary>The kinds of value that a property, a parameter or a member takes; several can be allowed.</summary>
[Flags]
internal enum ValueKinds
{
    None = 0,
    Boolean = 1 << 0,
    Bit = 1 << 1,
    LongInteger = 1 << 2,
    String = 1 << 3,
    Access = 1 << 4,
    Addressing = 1 << 5,
    OnRead = 1 << 6,
    OnWrite = 1 << 7,
    Precedence = 1 << 8,
    Reference = 1 << 9,
    EnumerationType = 1 << 10,
    Enumeration = 1 << 11,
    Structure = 1 << 12,
    Any = 1 << 13,
}

/// <summary>A type of the language, or the union of types that a property takes.</summary>
internal sealed record DataType(
    ValueKinds Kinds, bool IsArray = false, Enumeration? Enumeration = null, Structure? Structure = null,
    ComponentKinds Targets = ComponentKinds.All)
{
    public static readonly DataType Any = new(ValueKinds.Any);

    private static readonly (ValueKinds Kind, string[] Words)[] keywords =
    [
        (ValueKinds.Access, ["na", "r", "w", "rw", "wr", "rw1", "w1"]),
        (ValueKinds.Addressing, ["compact", "regalign", "fullalign"]),
        (ValueKinds.OnRead, ["rclr", "rset", "ruser"]),
        (ValueKinds.OnWrite, ["woset", "woclr", "wot", "wzs", "wzc", "wzt", "wclr", "wset", "wuser"]),
        (ValueKinds.Precedence, ["sw", "hw"]),
    ];

    private static readonly (ValueKinds Kind, string Name)[] names =
    [
        (ValueKinds.Boolean, "a boolean"), (ValueKinds.Bit, "a number"), (ValueKinds.LongInteger, "a number"),
            (ValueKinds.String, "a string"),
        (ValueKinds.Access, "an access type (na, r, w, rw, rw1, w1)"),
        (ValueKinds.Addressing, "an addressing mode (compact, regalign, fullalign)"),
        (ValueKinds.OnRead, "a read effect (rclr, rset, ruser)"),
        (ValueKinds.OnWrite, "a write effect (woset, woclr, wot, wzs, wzc, wzt, wclr, wset, wuser)"),
        (ValueKinds.Precedence, "sw or hw"), (ValueKinds.Reference, "a reference to a component"),
        (ValueKinds.EnumerationType, "the name of an enum"), (ValueKinds.Any, "anything"),
    ];

    /// <summary>What is wanted, for a diagnostic.</summary>
    public override string ToString()
    {
        var list = names.Where(n => (Kinds & n.Kind) != 0).Select(n => n.Name).ToList();
        if (Enumeration is not null)
            list.Add($"a value of enum {Enumeration.Name}");
        if (Structure is not null)
            list.Add($"a struct {Structure.Name}");
        return (IsArray ? "an array of " : "") + string.Join(" or ", list.Distinct());
    }

    /// <summary>The value as this type holds it, or null when it does not fit. Numbers and booleans convert (clause 6.2.1).</summary>
    public PropertyValue? Convert(PropertyValue value)
    {
        if (Kinds == ValueKinds.Any)
            return value;
        if (IsArray)
        {
            if (value is not ArrayValue array)
                return null;
            var items = array.Items.Select((this with { IsArray = false }).Convert).ToList();
            return items.Contains(null) ? null : new ArrayValue(items.OfType<PropertyValue>().ToList());
        }
        return value switch
        {
            BooleanValue when Has(ValueKinds.Boolean) => value,
            BooleanValue boolean when HasNumber => new NumberValue(boolean.Value ? 1 : 0, 1),
            NumberValue number when HasNumber => Resize(number),
            NumberValue number when Has(ValueKinds.Boolean) => new BooleanValue(!number.Value.IsZero),
            StringValue when Has(ValueKinds.String) => value,
            EnumerationTypeValue when Has(ValueKinds.EnumerationType) => value,
            EnumerationValue member when Enumeration is not null => member.Type == Enumeration ? value : null,
            EnumerationValue member when HasNumber => new NumberValue(member.Member.Value, member.Type.Width),
            StructureValue structure when Structure is not null => structure.Type.Is(Structure) ? value : null,
            PendingReference reference when Has(ValueKinds.Reference) && (Targets & reference.TargetKind.Bit()) != 0 => value,
            KeywordValue keyword => keywords.Any(k => Has(k.Kind) && k.Words.Contains(keyword.Word)) ? value : null,
            _ => null,
        };
    }

    private bool HasNumber => Has(ValueKinds.Bit | ValueKinds.LongInteger);

    private NumberValue Resize(NumberValue number) => Has(ValueKinds.Bit)
        ? number
        : new NumberValue(number.Value & ((BigInteger.One << 64) - 1), 64);

    private bool Has(ValueKinds kinds) => (Kinds & kinds) != 0;
}
