using System.Collections.Immutable;
using DdeKit.Foreign.Btf;

namespace DdeKit.Foreign;

/// <summary>A parameter or the result of a kernel function, as the shim has it.</summary>
/// <param name="Name">The parameter's name; empty for a result.</param>
/// <param name="Width">Bytes; 0 for void.</param>
/// <param name="IsPointer">Whether the shim uses it as a pointer. An <c>nint</c> may be a pointer or a number and says false.</param>
/// <param name="Structure">The kernel structure that it points to, where the shim names one.</param>
public readonly record struct KernelParameter(string Name, int Width, bool IsPointer, string? Structure);

/// <summary>A kernel function that the shim supplies. The table of all is <c>KernelFunctions.All</c>, in ordinal order of the names.</summary>
/// <param name="Name">The kernel's name.</param>
/// <param name="Pointer">The entry, a <c>delegate* unmanaged</c>: with one <c>nint</c> for each parameter; with (register arguments,
/// stack arguments) for a variadic function.</param>
/// <param name="Room">The class that has it.</param>
/// <param name="Method">The method there.</param>
/// <param name="IsVariadic">Whether variable arguments follow the parameters.</param>
/// <param name="Return">The result.</param>
/// <param name="Parameters">The fixed parameters.</param>
public sealed record KernelFunctionEntry(
    string Name, nint Pointer, string Room, string Method, bool IsVariadic, KernelParameter Return, ImmutableArray<KernelParameter> Parameters)
{
    /// <summary>In what way this differs from the kernel's own prototype; null when it does not.</summary>
    public string? Mismatch(BtfPrototype prototype)
    {
        if (prototype.IsVariadic != IsVariadic)
            return $"{Name} ({Room}.{Method}): the kernel's is {(prototype.IsVariadic ? "" : "not ")}variadic";
        if (prototype.Parameters.Count != Parameters.Length)
            return $"{Name} ({Room}.{Method}): the kernel's has {prototype.Parameters.Count} parameters, this one {Parameters.Length}";
        for (int i = 0; i < Parameters.Length; i++)
        {
            if (Mismatch(Parameters[i], prototype.Parameters[i]) is { } parameter)
                return $"{Name} ({Room}.{Method}), parameter {i + 1} '{Parameters[i].Name}': {parameter}";
        }
        return Mismatch(Return, prototype.Return) is { } result ? $"{Name} ({Room}.{Method}), result: {result}" : null;
    }

    private static string? Mismatch(KernelParameter shim, BtfParameter kernel)
    {
        if (shim.Width != kernel.Width)
            return $"the kernel's '{kernel.Type}' takes {kernel.Width} bytes, this one {shim.Width}";
        if (shim.IsPointer && !kernel.IsPointer)
            return $"the kernel's '{kernel.Type}' is no pointer";
        return shim.Structure is { } name && !kernel.Type.PointsTo(name)
            ? $"the kernel's '{kernel.Type}' does not point to a {name}"
            : null;
    }
}
