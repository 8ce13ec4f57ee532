using System.Text;
using DdeKit.Foreign.Btf;

namespace Ports;

/// <summary>Writes C# stubs for missing imports: where a shim's author begins. Each stops loudly until it is written.</summary>
public static class StubWriter
{
    private static readonly HashSet<string> s_keywords = new(StringComparer.Ordinal)
    {
        "abstract", "as", "base", "bool", "break", "byte", "case", "catch", "char", "checked", "class", "const", "continue", "decimal", "default",
        "delegate", "do", "double", "else", "enum", "event", "explicit", "extern", "false", "finally", "fixed", "float", "for", "foreach", "goto",
        "if", "implicit", "in", "int", "interface", "internal", "is", "lock", "long", "namespace", "new", "null", "object", "operator", "out",
        "override", "params", "private", "protected", "public", "readonly", "ref", "return", "sbyte", "sealed", "short", "sizeof", "stackalloc",
        "static", "string", "struct", "switch", "this", "throw", "true", "try", "typeof", "uint", "ulong", "unchecked", "unsafe", "ushort",
        "using", "virtual", "void", "volatile", "while",
    };

    /// <summary>The stub of a function; its lines end in a line feed.</summary>
    /// <param name="prototype">The function's signature.</param>
    /// <param name="declaration">The same in C, for the comment.</param>
    public static string Write(BtfPrototype prototype, string declaration)
    {
        ArgumentNullException.ThrowIfNull(prototype);
        var text = new StringBuilder();
        text.Append("/// <summary><c>").Append(declaration).Append("</c></summary>\n");
        text.Append(prototype.IsVariadic ? "[KernelFunction(Variadic = true)]\n" : "[KernelFunction]\n");
        text.Append("public ").Append(TypeName(prototype.Return)).Append(' ').Append(Identifier(prototype.Name)).Append('(');
        for (var index = 0; index < prototype.Parameters.Count; index++)
        {
            var parameter = prototype.Parameters[index];
            text.Append(index == 0 ? "" : ", ").Append(TypeName(parameter)).Append(' ')
                .Append(parameter.Name.Length == 0 ? $"argument{index}" : Identifier(parameter.Name));
        }
        if (prototype.IsVariadic)
            text.Append(prototype.Parameters.Count == 0 ? "" : ", ").Append("VariadicArguments arguments");
        return text.Append(") => throw new NotImplementedException(\"").Append(prototype.Name).Append("\");\n").ToString();
    }

    private static string TypeName(BtfParameter parameter)
    {
        var type = parameter.Type.Resolved;
        if (parameter.IsPointer)
            return IsConstText(type.Target) ? "KernelString" : "nint";
        if (parameter.Type.IsBool)
            return "bool";
        // C's long is as wide as a pointer, and so is nint.
        if (type.Kind == BtfKind.Integer && type.Name.StartsWith("long", StringComparison.Ordinal) && !type.Name.Contains("long long", StringComparison.Ordinal))
            return parameter.IsSigned ? "nint" : "nuint";
        return (parameter.Width, parameter.IsSigned) switch
        {
            (0, _) => "void",
            (1, true) => "sbyte",
            (1, false) => "byte",
            (2, true) => "short",
            (2, false) => "ushort",
            (4, true) => "int",
            (4, false) => "uint",
            (8, true) => "long",
            (8, false) => "ulong",
            _ => $"/* {parameter.Type}: {parameter.Width} bytes by value */ nint",
        };
    }

    private static bool IsConstText(BtfType target) => target.Kind == BtfKind.Const && target.Resolved is { Kind: BtfKind.Integer, Name: "char" };

    private static string Identifier(string name) => s_keywords.Contains(name) ? $"@{name}" : name;
}
