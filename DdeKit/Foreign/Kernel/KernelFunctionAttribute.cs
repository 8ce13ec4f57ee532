namespace DdeKit.Foreign;

/// <summary>
/// Marks a method of a room as a function that drivers import. The room is the type of a property of the kernel.
/// Parameters and result are integers, enums, bool, pointers, structure views and <see cref="KernelString"/>;
/// views and strings are range-checked before the method runs. An exception that leaves the method ends the domain.
/// </summary>
/// <param name="name">The kernel's name when it differs from the method's. Several attributes make aliases.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class KernelFunctionAttribute(string? name = null) : Attribute
{
    /// <summary>The kernel's name; null for the method's own.</summary>
    public string? Name { get; } = name;

    /// <summary>Whether the prototype ends in <c>...</c>: the method's last parameter is then a
    /// <see cref="DdeKit.Foreign.VariadicArguments"/>. (In other functions such a parameter is a <c>va_list</c>.)</summary>
    public bool Variadic { get; set; }
}
