namespace DdeKit.Foreign.Btf;

/// <summary>Where a member of a struct or union lies.</summary>
/// <param name="Name">Its name; empty for an anonymous struct or union.</param>
/// <param name="BitOffset">Bits from the start of the type that was asked.</param>
/// <param name="BitFieldSize">Width in bits when it is a C bit field, else 0.</param>
/// <param name="Type">Its type as declared.</param>
public readonly record struct BtfField(string Name, ulong BitOffset, int BitFieldSize, BtfType Type)
{
    /// <summary>Whether it is a C bit field.</summary>
    public bool IsBitField => BitFieldSize != 0;

    /// <summary>Bytes from the start of the type that was asked; a bit field's lowest byte.</summary>
    public ulong ByteOffset => BitOffset / 8;

    /// <summary>Bytes that the declared type takes.</summary>
    public ulong Size => Type.Size;

    /// <summary>Kind of the declared type without typedefs and qualifiers.</summary>
    public BtfKind Kind => Type.Resolved.Kind;
}
