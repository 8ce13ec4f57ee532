namespace DdeKit.Foreign.Btf;

/// <summary>Kinds of BTF records, numbered as in the kernel's Documentation/bpf/btf.rst, section 2.2 "Type Encoding".</summary>
public enum BtfKind
{
    /// <summary>Type id 0; never a record.</summary>
    Void = 0,
    Integer = 1,
    Pointer = 2,
    Array = 3,
    Struct = 4,
    Union = 5,
    Enum = 6,
    /// <summary>A struct or union that is declared and never defined.</summary>
    Forward = 7,
    Typedef = 8,
    Volatile = 9,
    Const = 10,
    Restrict = 11,
    /// <summary>A named function; its type is a <see cref="FunctionPrototype"/>.</summary>
    Function = 12,
    FunctionPrototype = 13,
    Variable = 14,
    /// <summary>An ELF section and the variables in it.</summary>
    DataSection = 15,
    Float = 16,
    DeclarationTag = 17,
    /// <summary>An attribute of a type, such as <c>__user</c>; wraps the type.</summary>
    TypeTag = 18,
    /// <summary>An enumeration with values of 64 bits.</summary>
    Enum64 = 19,
}
