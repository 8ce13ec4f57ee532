using System.Globalization;
using System.Text;

namespace DdeKit.Foreign.Btf;

/// <summary>Writes types as C declarations, in the kernel's style.</summary>
public static class BtfDeclaration
{
    // A declaration with more parts is a loop in damaged type information.
    private const int MostParts = 2000;
    private const int DeepestNesting = 64;

    /// <summary>Declares <paramref name="name"/> (may be empty) with type <paramref name="type"/>.</summary>
    /// <exception cref="BadBtfException">The type refers to itself.</exception>
    public static string Format(BtfType type, string name)
    {
        var budget = MostParts;
        return Declare(type, name, 0, ref budget);
    }

    // C declarators are written from the name outwards: each type wraps what was written so far.
    private static string Declare(BtfType type, string declarator, int depth, ref int budget)
    {
        if (depth > DeepestNesting || --budget < 0)
            throw new BadBtfException(type.Owner.Name, $"type {type.Id} has a declaration without end");
        switch (type.Kind)
        {
            case BtfKind.Pointer:
                var target = SkipTags(type.Target);
                var pointer = target.Kind is BtfKind.Array or BtfKind.FunctionPrototype ? $"(*{declarator})" : $"*{declarator}";
                return Declare(target, pointer, depth + 1, ref budget);
            case BtfKind.Array:
                var length = type.ArrayLength == 0 ? "" : type.ArrayLength.ToString(CultureInfo.InvariantCulture);
                return Declare(type.Target, $"{declarator}[{length}]", depth + 1, ref budget);
            case BtfKind.FunctionPrototype:
                return Declare(type.Target, $"{declarator}({Parameters(type, depth, ref budget)})", depth + 1, ref budget);
            case BtfKind.Const:
                return Qualify(type, "const", declarator, depth, ref budget);
            case BtfKind.Volatile:
                return Qualify(type, "volatile", declarator, depth, ref budget);
            case BtfKind.Restrict:
                return Qualify(type, "restrict", declarator, depth, ref budget);
            case BtfKind.TypeTag:
                return Declare(type.Target, declarator, depth + 1, ref budget);
            default:
                return declarator.Length == 0 ? BaseName(type) : $"{BaseName(type)} {declarator}";
        }
    }

    // A qualified pointer carries the word after its star, anything else before its name.
    private static string Qualify(BtfType type, string word, string declarator, int depth, ref int budget)
    {
        var target = SkipTags(type.Target);
        return target.Kind == BtfKind.Pointer
            ? Declare(target, declarator.Length == 0 ? word : $"{word} {declarator}", depth + 1, ref budget)
            : $"{word} {Declare(target, declarator, depth + 1, ref budget)}";
    }

    private static string Parameters(BtfType prototype, int depth, ref int budget)
    {
        if (prototype.ElementCount == 0)
            return "void";
        var text = new StringBuilder();
        for (var index = 0; index < prototype.ElementCount; index++)
        {
            var (name, type) = prototype.Parameter(index);
            if (index != 0)
                text.Append(", ");
            var ellipsis = index == prototype.ElementCount - 1 && name.Length == 0 && type.Kind == BtfKind.Void;
            text.Append(ellipsis ? "..." : Declare(type, name, depth + 1, ref budget));
        }
        return text.ToString();
    }

    private static string BaseName(BtfType type)
    {
        var name = type.Name.Length == 0 ? "{...}" : type.Name;
        return type.Kind switch
        {
            BtfKind.Struct => $"struct {name}",
            BtfKind.Union => $"union {name}",
            BtfKind.Enum or BtfKind.Enum64 => $"enum {name}",
            BtfKind.Forward => type.IsForwardUnion ? $"union {name}" : $"struct {name}",
            _ => name,
        };
    }

    private static BtfType SkipTags(BtfType type)
    {
        for (var steps = 0; type.Kind == BtfKind.TypeTag; steps++)
        {
            if (steps > DeepestNesting)
                throw new BadBtfException(type.Owner.Name, $"type {type.Id} has a declaration without end");
            type = type.Target;
        }
        return type;
    }
}
