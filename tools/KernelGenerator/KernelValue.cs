using System.Linq;
using Generators;
using Microsoft.CodeAnalysis;

namespace KernelGenerator;

/// <summary>How a C# type appears in a kernel call or field.</summary>
internal enum ValueKind
{
    /// <summary>An integer or an enum.</summary>
    Integer,

    /// <summary>C's bool, one byte.</summary>
    Bool,

    /// <summary>A raw pointer, also to a function.</summary>
    Pointer,

    /// <summary>A pointer to a kernel structure.</summary>
    View,

    /// <summary>A pointer to a C string.</summary>
    String,
}

/// <summary>A C# type that crosses between C# and the driver.</summary>
/// <param name="Kind">How it appears.</param>
/// <param name="TypeName">Its full name.</param>
/// <param name="Width">Bytes in C.</param>
/// <param name="Structure">A view's structure in C.</param>
internal sealed record KernelValue(ValueKind Kind, string TypeName, int Width, string? Structure)
{
    private const string ViewAttribute = "DdeLinux.KernelStructAttribute";

    /// <summary>Whether it can only be a pointer.</summary>
    public bool IsPointer => Kind is ValueKind.Pointer or ValueKind.View or ValueKind.String;

    /// <summary>Null when the type has no place in a kernel call.</summary>
    public static KernelValue? Of(ITypeSymbol type)
    {
        string name = type.FullName();
        if (type.TypeKind is TypeKind.Pointer or TypeKind.FunctionPointer)
            return new(ValueKind.Pointer, name, 8, null);
        if (type is INamedTypeSymbol { EnumUnderlyingType: { } underlying })
            return new(ValueKind.Integer, name, WidthOf(underlying.SpecialType), null);
        if (type.SpecialType == SpecialType.System_Boolean)
            return new(ValueKind.Bool, name, 1, null);
        if (WidthOf(type.SpecialType) is var width and not 0)
            return new(ValueKind.Integer, name, width, null);
        if (type.ToDisplayString() == "DdeKit.Foreign.KernelString")
            return new(ValueKind.String, name, 8, null);
        return StructureOf(type) is { } structure ? new(ValueKind.View, name, 8, structure) : null;
    }

    /// <summary>The structure in C that a view type stands for; null for other types.</summary>
    public static string? StructureOf(ITypeSymbol type) =>
        type.GetAttributes().FirstOrDefault(a => a.AttributeClass?.ToDisplayString() == ViewAttribute)?.FirstText();

    /// <summary>The expression for this type from an <c>nint</c>, of which only the low bytes count: the caller need not have
    /// set the others (System V psABI for x86-64, 3.2.3).</summary>
    public string FromWord(string word, string memory) => Kind switch
    {
        ValueKind.Bool => $"unchecked((byte){word}) != 0",
        ValueKind.Pointer => $"unchecked(({TypeName}){word})",
        ValueKind.View => $"new {TypeName}({memory}.Check({word}, {TypeName}.Size))",
        ValueKind.String => $"{memory}.CheckString({word})",
        _ => TypeName == "nint" ? word : $"unchecked(({TypeName}){word})",
    };

    /// <summary>The expression for the <c>nint</c> that returns a value of this type.</summary>
    public string ToWord(string value) => Kind switch
    {
        ValueKind.Bool => $"{value} ? 1 : 0",
        ValueKind.Pointer => $"unchecked((nint){value})",
        ValueKind.View or ValueKind.String => $"{value}.Address",
        _ => TypeName == "nint" ? value : $"unchecked((nint){value})",
    };

    private static int WidthOf(SpecialType type) => type switch
    {
        SpecialType.System_Byte or SpecialType.System_SByte => 1,
        SpecialType.System_Int16 or SpecialType.System_UInt16 => 2,
        SpecialType.System_Int32 or SpecialType.System_UInt32 => 4,
        SpecialType.System_Int64 or SpecialType.System_UInt64 or SpecialType.System_IntPtr or SpecialType.System_UIntPtr => 8,
        _ => 0,
    };
}
