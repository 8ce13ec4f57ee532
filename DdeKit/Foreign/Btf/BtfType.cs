using System.Buffers.Binary;

namespace DdeKit.Foreign.Btf;

/// <summary>One type of a <see cref="BtfTypes"/>; a handle of two words, cheap to copy.</summary>
/// <param name="Owner">Where the type is defined.</param>
/// <param name="Id">Its id there; 0 is <c>void</c>.</param>
public readonly record struct BtfType(BtfTypes Owner, int Id)
{
    // Longer chains of typedefs, qualifiers and array dimensions do not occur; it is a loop.
    private const int LongestChain = 64;
    private const int PointerSize = 8;
    private const int IntegerIsSigned = 1;
    private const int IntegerIsBool = 4;

    /// <summary>What sort of type it is.</summary>
    public BtfKind Kind => Id == 0 ? BtfKind.Void : (BtfKind)((Info >> 24) & 0x1F);

    /// <summary>Its name (a struct's tag, a typedef's name); empty when it has none.</summary>
    public string Name => Id == 0 ? "void" : Owner.TextAt(Word(0));

    /// <summary>How many members, enumerators, parameters or variables it has.</summary>
    public int ElementCount => Kind is BtfKind.Struct or BtfKind.Union or BtfKind.Enum or BtfKind.Enum64
        or BtfKind.FunctionPrototype or BtfKind.DataSection ? (int)(Info & 0xFFFF) : 0;

    /// <summary>What a pointer, typedef, qualifier, tag, function or variable refers to; an array's element; a prototype's return type.</summary>
    /// <exception cref="BadBtfException">A type of this kind refers to none.</exception>
    public BtfType Target => Kind switch
    {
        BtfKind.Array => Owner[(int)Word(12)],
        BtfKind.Pointer or BtfKind.Typedef or BtfKind.Volatile or BtfKind.Const or BtfKind.Restrict or BtfKind.Function
            or BtfKind.FunctionPrototype or BtfKind.Variable or BtfKind.DeclarationTag or BtfKind.TypeTag => Owner[(int)Word(8)],
        _ => throw new BadBtfException(Owner.Name, $"type {Id} ({Kind}) refers to no other type"),
    };

    /// <summary>This type without typedefs, qualifiers and tags.</summary>
    /// <exception cref="BadBtfException">They form a loop.</exception>
    public BtfType Resolved
    {
        get
        {
            var type = this;
            for (var steps = 0; steps < LongestChain; steps++)
            {
                if (type.Kind is not (BtfKind.Typedef or BtfKind.Volatile or BtfKind.Const or BtfKind.Restrict or BtfKind.TypeTag))
                    return type;
                type = type.Target;
            }
            throw Loop();
        }
    }

    /// <summary>Whether it is a pointer to this structure, or to void.</summary>
    public bool PointsTo(string structName) => IsPointer && (Resolved.Target.Resolved.Kind == BtfKind.Void || Resolved.Target.Names(structName));

    /// <summary>Whether it is this structure, perhaps by a typedef's name.</summary>
    public bool Names(string structName)
    {
        // Some structures have only a typedef's name, such as spinlock_t.
        for (var type = this; ; type = type.Target)
        {
            if (type.Name == structName)
                return true;
            if (type.Kind is not (BtfKind.Typedef or BtfKind.Const or BtfKind.Volatile or BtfKind.Restrict or BtfKind.TypeTag))
                return false;
        }
    }

    /// <summary>Bytes that a value takes; 0 for void, functions and forward declarations.</summary>
    /// <exception cref="BadBtfException">The type contains itself or is larger than an address space.</exception>
    public ulong Size
    {
        get
        {
            var type = Resolved;
            var count = 1ul;
            for (var steps = 0; steps < LongestChain; steps++)
            {
                switch (type.Kind)
                {
                    case BtfKind.Array:
                        var elements = (ulong)type.ArrayLength;
                        if (elements != 0 && count > ulong.MaxValue / elements)
                            throw new BadBtfException(Owner.Name, $"type {Id}: the array's size needs more than 64 bits");
                        count *= elements;
                        type = type.Target.Resolved;
                        continue;
                    case BtfKind.Variable:
                        type = type.Target.Resolved;
                        continue;
                    default:
                        var size = type.OwnSize;
                        if (size != 0 && count > ulong.MaxValue / size)
                            throw new BadBtfException(Owner.Name, $"type {Id}: the array's size needs more than 64 bits");
                        return count * size;
                }
            }
            throw Loop();
        }
    }

    /// <summary>Elements of an array; 0 for other types and flexible arrays.</summary>
    public uint ArrayLength => Kind == BtfKind.Array ? Word(20) : 0;

    /// <summary>Whether the value is a pointer, also behind typedefs and qualifiers.</summary>
    public bool IsPointer => Resolved.Kind == BtfKind.Pointer;

    /// <summary>Whether the value is a signed integer or an enumeration with negative values.</summary>
    public bool IsSigned
    {
        get
        {
            var type = Resolved;
            return type.Kind switch
            {
                BtfKind.Integer => (type.IntegerEncoding & IntegerIsSigned) != 0,
                BtfKind.Enum or BtfKind.Enum64 => type.Flag,
                _ => false,
            };
        }
    }

    /// <summary>Whether the value is C's <c>_Bool</c>.</summary>
    public bool IsBool
    {
        get
        {
            var type = Resolved;
            return type.Kind == BtfKind.Integer && (type.IntegerEncoding & IntegerIsBool) != 0;
        }
    }

    /// <summary>Whether a forward declaration is of a union.</summary>
    public bool IsForwardUnion => Kind == BtfKind.Forward && Flag;

    /// <summary>A member of a struct or union; its bit offset counts from the start of this type.</summary>
    public BtfField Member(int index)
    {
        CheckElement(index, BtfKind.Struct, BtfKind.Union);
        var at = 12 + (12 * index);
        var position = Word(at + 8);
        // With the flag set a member's word holds the width of a bit field beside the offset (btf.rst 2.2.4).
        return Flag
            ? new(Owner.TextAt(Word(at)), position & 0xFFFFFF, (int)(position >> 24), Owner[(int)Word(at + 4)])
            : new(Owner.TextAt(Word(at)), position, 0, Owner[(int)Word(at + 4)]);
    }

    /// <summary>Name and value of an enumerator.</summary>
    public (string Name, long Value) Enumerator(int index) => (Owner.TextAt(ElementNameOffset(index)), EnumeratorValue(index));

    /// <summary>Name (may be empty) and type of a prototype's parameter; a last one of type void stands for <c>...</c>.</summary>
    public (string Name, BtfType Type) Parameter(int index)
    {
        CheckElement(index, BtfKind.FunctionPrototype, BtfKind.FunctionPrototype);
        var at = 12 + (8 * index);
        return (Owner.TextAt(Word(at)), Owner[(int)Word(at + 4)]);
    }

    /// <summary>The type as C writes it.</summary>
    public override string ToString() => BtfDeclaration.Format(this, "");

    internal uint ElementNameOffset(int index)
    {
        CheckElement(index, BtfKind.Enum, BtfKind.Enum64);
        return Word(12 + ((Kind == BtfKind.Enum ? 8 : 12) * index));
    }

    internal long EnumeratorValue(int index)
    {
        CheckElement(index, BtfKind.Enum, BtfKind.Enum64);
        if (Kind == BtfKind.Enum64)
            return unchecked((long)(Word(12 + (12 * index) + 4) | ((ulong)Word(12 + (12 * index) + 8) << 32)));
        var value = Word(12 + (8 * index) + 4);
        return Flag ? unchecked((int)value) : value;
    }

    private uint Info => Word(4);

    private bool Flag => Info >> 31 != 0;

    private uint IntegerEncoding => (Word(12) >> 24) & 0xF;

    private ulong OwnSize => Kind switch
    {
        BtfKind.Pointer => PointerSize,
        BtfKind.Integer or BtfKind.Float or BtfKind.Struct or BtfKind.Union or BtfKind.Enum or BtfKind.Enum64
            or BtfKind.DataSection => Word(8),
        _ => 0,
    };

    private uint Word(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Owner.Record(Id)[offset..]);

    private void CheckElement(int index, BtfKind kind, BtfKind otherKind)
    {
        if (Kind != kind && Kind != otherKind)
            throw new BadBtfException(Owner.Name, $"type {Id} is a {Kind}, not a {kind}");
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)ElementCount, nameof(index));
    }

    private BadBtfException Loop() => new(Owner.Name, $"type {Id} refers to itself");
}
