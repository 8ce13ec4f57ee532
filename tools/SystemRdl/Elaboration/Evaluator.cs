using System;
using System.Linq;
using System.Numerics;
using Antlr4.Runtime;
using SystemRdl.Grammar;

namespace SystemRdl;

/// <summary>
/// Clause 11 of the standard: expressions. Numbers are unsigned and have a width; operands of arithmetic are widened to the widest of them and of the
/// context, as in Verilog. Every method returns null after it has reported what is wrong.
/// </summary>
internal sealed partial class Evaluator(Diagnostics diagnostics, Func<ParserRuleContext, SourcePosition> positionOf)
{
    private const int MaximumWidth = 4096;
    private const int NaturalWidth = 64;

    // Evaluating a narrow operand once more costs twice per level in the worst case.
    private const int MaximumSteps = 100_000;

    private int depth;
    private int steps;

    /// <param name="holder">The component that will hold the value: references are kept relative to it.</param>
    /// <param name="width">The width of the context in bits; 0 when the expression decides.</param>
    public PropertyValue? Evaluate(SystemRdlParser.ExpressionContext expression, Scope scope, Node holder, int width = 0)
    {
        if (depth == 0)
            steps = 0;
        if (++steps > MaximumSteps)
        {
            diagnostics.Error(DiagnosticCode.NestingTooDeep, positionOf(expression), "this expression nests too deep to be evaluated",
                "split it with parameters");
            return null;
        }
        depth++;
        PropertyValue? value = expression switch
        {
            SystemRdlParser.PrimaryExpressionContext primary => EvaluatePrimary(primary.primary(), scope, holder, width),
            SystemRdlParser.UnaryExpressionContext unary => EvaluateUnary(unary, scope, holder, width),
            SystemRdlParser.BinaryExpressionContext binary => EvaluateBinary(binary, scope, holder, width),
            SystemRdlParser.ConditionalExpressionContext conditional => EvaluateConditional(conditional, scope, holder, width),
            _ => throw new InvalidOperationException($"An expression of the kind {expression.GetType().Name} is not known."),
        };
        depth--;
        return value;
    }

    /// <summary>A whole number within bounds, or null after a diagnostic.</summary>
    public int? EvaluateInteger(
        SystemRdlParser.ExpressionContext expression, Scope scope, Node holder, int minimum, int maximum, DiagnosticCode code, string what)
    {
        if (EvaluateNumber(expression, scope, holder) is not { } number)
            return null;
        if (number.Value >= minimum && number.Value <= maximum)
            return (int)number.Value;
        diagnostics.Error(code, positionOf(expression), $"{what} is {number.Value}", $"give a number from {minimum} to {maximum}");
        return null;
    }

    public NumberValue? EvaluateNumber(SystemRdlParser.ExpressionContext expression, Scope scope, Node holder, int width = 0) =>
        Evaluate(expression, scope, holder, width) is { } value ? ToNumber(value, expression) : null;

    private NumberValue? ToNumber(PropertyValue value, ParserRuleContext where) => value switch
    {
        NumberValue number => number,
        BooleanValue boolean => new NumberValue(boolean.Value ? 1 : 0, 1),
        EnumerationValue member => new NumberValue(member.Member.Value, member.Type.Width),
        _ => Mismatch<NumberValue>(where, "a number", value),
    };

    private bool? ToBoolean(PropertyValue value, ParserRuleContext where) =>
        value is BooleanValue boolean ? boolean.Value : ToNumber(value, where) is { } number ? !number.Value.IsZero : null;

    private T? Mismatch<T>(ParserRuleContext where, string wanted, PropertyValue value) where T : class
    {
        diagnostics.Error(DiagnosticCode.TypeMismatch, positionOf(where), $"{wanted} is wanted here, not {Describe(value)}",
            $"write {wanted}");
        return null;
    }

    public static string Describe(PropertyValue value) => value switch
    {
        NumberValue number => $"the number {number}",
        BooleanValue boolean => $"the boolean {boolean}",
        StringValue => "a string",
        KeywordValue keyword => $"'{keyword.Word}'",
        EnumerationValue member => $"the enum value {member}",
        EnumerationTypeValue type => $"the enum {type}",
        StructureValue structure => $"a struct {structure.Type.Name}",
        ArrayValue => "an array",
        _ => $"a reference to {value}",
    };

    private static NumberValue Cut(BigInteger value, int width)
    {
        var modulus = BigInteger.One << width;
        var rest = BigInteger.Remainder(value, modulus);
        return new NumberValue(rest.Sign < 0 ? rest + modulus : rest, width);
    }

    private static BooleanValue Truth(bool value) => new(value);

    private PropertyValue? EvaluateConditional(
        SystemRdlParser.ConditionalExpressionContext conditional, Scope scope, Node holder, int width)
    {
        if (Evaluate(conditional.condition, scope, holder) is not { } condition
            || ToBoolean(condition, conditional.condition) is not { } chosen)
            return null;
        return Evaluate(chosen ? conditional.whenTrue : conditional.whenFalse, scope, holder, width);
    }

    private PropertyValue? EvaluateUnary(SystemRdlParser.UnaryExpressionContext unary, Scope scope, Node holder, int width)
    {
        var symbol = unary.symbol.Text;
        var keepsWidth = symbol is "~" or "+" or "-";
        if (Evaluate(unary.expression(), scope, holder, keepsWidth ? width : 0) is not { } operand)
            return null;
        if (symbol == "!")
            return ToBoolean(operand, unary.expression()) is { } truth ? Truth(!truth) : null;
        if (ToNumber(operand, unary.expression()) is not { } number)
            return null;
        var wide = Math.Max(number.Width, width);
        var all = (BigInteger.One << number.Width) - 1;
        var odd = new Lazy<bool>(() => IsParityOdd(number.Value));
        return symbol switch
        {
            "~" => Cut(-number.Value - 1, wide),
            "-" => Cut(-number.Value, wide),
            "+" => Cut(number.Value, wide),
            "&" => Truth(number.Value == all),
            "~&" => Truth(number.Value != all),
            "|" => Truth(!number.Value.IsZero),
            "~|" => Truth(number.Value.IsZero),
            "^" => Truth(odd.Value),
            _ => Truth(!odd.Value),
        };
    }

    private static bool IsParityOdd(BigInteger value) =>
        value.ToByteArray().Aggregate(0, (parity, b) => parity ^ b) is var folded && ((0x6996 >> ((folded ^ (folded >> 4)) & 15)) & 1) != 0;

    private PropertyValue? EvaluateBinary(SystemRdlParser.BinaryExpressionContext binary, Scope scope, Node holder, int width)
    {
        var symbol = binary.symbol.Text;
        var (leftText, rightText) = (binary.expression(0), binary.expression(1));
        var decidesItself = symbol is "<" or "<=" or ">" or ">=" or "==" or "!=" or "&&" or "||";
        if (Evaluate(leftText, scope, holder, decidesItself ? 0 : width) is not { } left)
            return null;
        if (symbol is "&&" or "||")
        {
            if (ToBoolean(left, leftText) is not { } first)
                return null;
            if (first == (symbol == "||"))
                return Truth(first);
            return Evaluate(rightText, scope, holder) is { } second && ToBoolean(second, rightText) is { } result ? Truth(result) : null;
        }
        var isShift = symbol is "<<" or ">>" or "**";
        if (Evaluate(rightText, scope, holder, decidesItself || isShift ? 0 : width) is not { } right)
            return null;
        if (symbol is "==" or "!=" && !(IsNumeric(left) && IsNumeric(right)))
            // References are compared with nothing: what they stand for is known to hardware only.
            return left.GetType() == right.GetType() && left is not PendingReference
                ? Truth(left.Equals(right) == (symbol == "=="))
                : Mismatch<PropertyValue>(rightText, "a value of the same type as the left side", right);
        if (ToNumber(left, leftText) is not { } a || ToNumber(right, rightText) is not { } b)
            return null;
        if (!isShift && !decidesItself && a.Width != b.Width)
        {
            // The narrower side is evaluated once more in the wider context, so that ~ and - reach all bits.
            var wide = Math.Max(a.Width, b.Width);
            if (a.Width < wide && Widens(leftText))
                a = EvaluateNumber(leftText, scope, holder, wide) ?? a;
            else if (b.Width < wide && Widens(rightText))
                b = EvaluateNumber(rightText, scope, holder, wide) ?? b;
        }
        return Calculate(symbol, a, b, width, binary);
    }

    private static bool Widens(SystemRdlParser.ExpressionContext expression) =>
        expression is not SystemRdlParser.PrimaryExpressionContext primary || primary.primary() is SystemRdlParser.ParenthesisContext;

    private static bool IsNumeric(PropertyValue value) => value is NumberValue or BooleanValue;

    private PropertyValue? Calculate(string symbol, NumberValue a, NumberValue b, int width, SystemRdlParser.BinaryExpressionContext where)
    {
        var wide = Math.Max(width, symbol is "<<" or ">>" or "**" ? a.Width : Math.Max(a.Width, b.Width));
        var modulus = BigInteger.One << wide;
        switch (symbol)
        {
            case "/" or "%" when b.Value.IsZero:
                diagnostics.Error(DiagnosticCode.DivisionByZero, positionOf(where.expression(1)),
                    $"{a.Value} {symbol} 0 has no value", "make the divisor other than 0");
                return null;
            case "**":
                return new NumberValue(BigInteger.ModPow(a.Value, b.Value, modulus), wide);
            case "<<":
                return b.Value >= wide ? new NumberValue(0, wide) : Cut(a.Value << (int)b.Value, wide);
            case ">>":
                return b.Value >= wide ? new NumberValue(0, wide) : Cut(a.Value >> (int)b.Value, wide);
        }
        return symbol switch
        {
            "*" => Cut(a.Value * b.Value, wide),
            "/" => Cut(a.Value / b.Value, wide),
            "%" => Cut(a.Value % b.Value, wide),
            "+" => Cut(a.Value + b.Value, wide),
            "-" => Cut(a.Value - b.Value, wide),
            "&" => Cut(a.Value & b.Value, wide),
            "|" => Cut(a.Value | b.Value, wide),
            "^" => Cut(a.Value ^ b.Value, wide),
            "<" => Truth(a.Value < b.Value),
            "<=" => Truth(a.Value <= b.Value),
            ">" => Truth(a.Value > b.Value),
            ">=" => Truth(a.Value >= b.Value),
            "==" => Truth(a.Value == b.Value),
            "!=" => Truth(a.Value != b.Value),
            _ => Cut(-(a.Value ^ b.Value) - 1, wide),
        };
    }
}
