namespace DdeKit.Foreign.Btf;

/// <summary>A parameter or result of a function.</summary>
/// <param name="Name">The parameter's name; may be empty.</param>
/// <param name="Type">As declared.</param>
/// <param name="Width">Bytes that the value takes; 0 for void.</param>
/// <param name="IsPointer">Whether it is a pointer.</param>
/// <param name="IsSigned">Whether it is a signed integer.</param>
public sealed record BtfParameter(string Name, BtfType Type, int Width, bool IsPointer, bool IsSigned)
{
    internal static BtfParameter Of(string name, BtfType type)
    {
        var size = type.Size;
        return size > int.MaxValue
            ? throw new BadBtfException(type.Owner.Name, $"parameter {name} of type {type.Id} takes {size} bytes")
            : new(name, type, (int)size, type.IsPointer, type.IsSigned);
    }
}

/// <summary>The signature of a kernel function.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="Return">The result; its width is 0 for void.</param>
/// <param name="Parameters">The fixed parameters.</param>
/// <param name="IsVariadic">Whether <c>...</c> follows them.</param>
public sealed record BtfPrototype(string Name, BtfParameter Return, IReadOnlyList<BtfParameter> Parameters, bool IsVariadic)
{
    internal static BtfPrototype Of(BtfType function)
    {
        var prototype = function.Target;
        if (prototype.Kind != BtfKind.FunctionPrototype)
            throw new BadBtfException(function.Owner.Name, $"function {function.Name} (type {function.Id}) has a {prototype.Kind} for a prototype");
        var count = prototype.ElementCount;
        var variadic = count > 0 && prototype.Parameter(count - 1) is { Name: "", Type.Kind: BtfKind.Void };
        var parameters = new BtfParameter[variadic ? count - 1 : count];
        for (var index = 0; index < parameters.Length; index++)
        {
            var (name, type) = prototype.Parameter(index);
            parameters[index] = BtfParameter.Of(name, type);
        }
        return new(function.Name, BtfParameter.Of("", prototype.Target), parameters, variadic);
    }
}
