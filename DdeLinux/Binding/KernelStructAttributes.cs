namespace DdeLinux;

/// <summary>
/// Marks a <c>readonly partial struct</c> as a view of a kernel structure: an address and typed access to fields, whose offsets come
/// by name from <see cref="KernelTypes"/>. Constructing a view checks nothing; views that arrive as parameters or are read from pointer
/// fields are range-checked. The fields of the null view must not be touched.
/// </summary>
/// <param name="name">The structure's name in C.</param>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class KernelStructAttribute(string name) : Attribute
{
    /// <summary>The structure's name in C.</summary>
    public string Name { get; } = name;
}

/// <summary>A partial property that reads and writes a field. The widths must agree; a view, a <see cref="DdeKit.Foreign.KernelString"/> or a pointer
/// type needs a pointer field.</summary>
/// <param name="path">The field where it differs from the property's name; dots lead through embedded structures.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FieldAttribute(string? path = null) : Attribute
{
    /// <summary>The field; null for the property's name.</summary>
    public string? Path { get; } = path;
}

/// <summary>A partial property that views an embedded structure in place.</summary>
/// <inheritdoc cref="FieldAttribute"/>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EmbeddedAttribute(string? path = null) : Attribute
{
    /// <summary>The field; null for the property's name.</summary>
    public string? Path { get; } = path;
}

/// <summary>A partial <c>nint</c> property that is the address of a field of any type.</summary>
/// <inheritdoc cref="FieldAttribute"/>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FieldAddressAttribute(string? path = null) : Attribute
{
    /// <summary>The field; null for the property's name.</summary>
    public string? Path { get; } = path;
}

/// <summary>A partial property of bool or an unsigned integer type that reads and writes a C bit field.</summary>
/// <inheritdoc cref="FieldAttribute"/>
[AttributeUsage(AttributeTargets.Property)]
public sealed class BitFieldAttribute(string? path = null) : Attribute
{
    /// <summary>The field; null for the property's name.</summary>
    public string? Path { get; } = path;
}
