using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Numerics;
using System.Text;
using Antlr4.Runtime;
using Antlr4.Runtime.Tree;
using SystemRdl.Grammar;

namespace SystemRdl;

internal sealed partial class Evaluator
{
    private PropertyValue? EvaluatePrimary(SystemRdlParser.PrimaryContext primary, Scope scope, Node holder, int width)
    {
        switch (primary)
        {
            case SystemRdlParser.NumberLiteralContext literal:
                return ReadNumber(literal, width);
            case SystemRdlParser.StringLiteralContext literal:
                return new StringValue(string.Concat(literal.STRING().Select(Unquote)));
            case SystemRdlParser.BooleanLiteralContext literal:
                return Truth(literal.GetText() == "true");
            case SystemRdlParser.KeywordLiteralContext literal:
                return new KeywordValue(literal.GetText());
            case SystemRdlParser.ThisReferenceContext:
                return new PendingReference(Distance(holder, scope.Owner), [], null, scope.Owner.Kind);
            case SystemRdlParser.EnumLiteralContext literal:
                return ReadEnumerationMember(literal, scope);
            case SystemRdlParser.StructLiteralContext literal:
                return ReadStructure(literal, scope, holder);
            case SystemRdlParser.ArrayLiteralContext literal:
                var items = literal.expression().Select(e => Evaluate(e, scope, holder)).ToList();
                return items.Contains(null) ? null : new ArrayValue(items.OfType<PropertyValue>().ToList());
            case SystemRdlParser.ReplicationContext replication:
                return Replicate(replication, scope, holder);
            case SystemRdlParser.ConcatenationContext concatenation:
                return Concatenate(concatenation.expression(), scope, holder, concatenation);
            case SystemRdlParser.TypeCastContext cast:
                return Cast(cast, scope, holder);
            case SystemRdlParser.WidthCastContext cast:
                return CastWidth(cast, scope, holder);
            case SystemRdlParser.ParenthesisContext parenthesis:
                return Evaluate(parenthesis.expression(), scope, holder, width);
            case SystemRdlParser.ReferenceExpressionContext reference:
                return ReadReference(reference, scope, holder);
            default:
                throw new InvalidOperationException($"A primary of the kind {primary.GetType().Name} is not known.");
        }
    }

    private static string Unquote(ITerminalNode node)
    {
        var text = node.GetText();
        var result = new StringBuilder();
        for (var i = 1; i < text.Length - 1; i++)
        {
            // Only \" and \\ are escapes; clause 4.5 knows no others, and keeps what it does not know.
            if (text[i] == '\\' && text[i + 1] is '"' or '\\')
                i++;
            result.Append(text[i]);
        }
        return result.ToString();
    }

    private NumberValue? ReadNumber(SystemRdlParser.NumberLiteralContext literal, int context)
    {
        var text = literal.GetText().Replace("_", "");
        var mark = text.IndexOf('\'');
        var digits = mark < 0 ? (text.StartsWith("0x",
            StringComparison.OrdinalIgnoreCase) ? text.Substring(2) : text) : text.Substring(mark + 2);
        var radix = mark >= 0 ? char.ToLowerInvariant(text[mark + 1]) switch { 'b' => 2, 'o' => 8, 'h' => 16, _ => 10 }
            : literal.HEX_NUMBER() is null ? 10 : 16;
        var width = NaturalWidth;
        if (mark >= 0 && (!int.TryParse(text.Substring(0, mark), NumberStyles.None, CultureInfo.InvariantCulture, out width)
            || width is < 1 or > MaximumWidth))
            return TooLarge(literal, $"{text} has a width that is not from 1 to {MaximumWidth}", "correct the width before the apostrophe");
        if (digits.Length > MaximumWidth)
            return TooLarge(literal, "this number has too many digits", "write a smaller number");
        var value = BigInteger.Zero;
        foreach (var c in digits)
        {
            var digit = c <= '9' ? c - '0' : char.ToLowerInvariant(c) - 'a' + 10;
            if (digit >= radix)
                return TooLarge(literal, $"'{c}' is no digit of a number in base {radix}", "correct the digit or the base");
            value = value * radix + digit;
        }
        // A number without a width grows to its context, and by itself has 64 bits.
        if (mark < 0)
            width = Math.Max(NaturalWidth, Math.Min(context, MaximumWidth));
        return value < BigInteger.One << width
            ? new NumberValue(value, width)
            : TooLarge(literal, $"{text} does not fit into {width} bits", "give more bits or a smaller number");
    }

    private NumberValue? TooLarge(ParserRuleContext where, string text, string advice)
    {
        diagnostics.Error(DiagnosticCode.NumberTooLarge, positionOf(where), text, advice);
        return null;
    }

    private EnumerationValue? ReadEnumerationMember(SystemRdlParser.EnumLiteralContext literal, Scope scope)
    {
        var (type, name) = (literal.ID(0).GetText(), literal.ID(1).GetText());
        if (scope.FindType(type) is not EnumerationEntry entry)
        {
            Unknown(literal, $"no enum is called '{type}'", "define the enum before it is used, or correct the name");
            return null;
        }
        if (entry.Enumeration.Members.FirstOrDefault(m => m.Name == name) is { } member)
            return new EnumerationValue(entry.Enumeration, member);
        diagnostics.Error(DiagnosticCode.UnknownMember, positionOf(literal), $"enum {type} has no member '{name}'",
            $"use one of {string.Join(", ", entry.Enumeration.Members.Select(m => m.Name))}");
        return null;
    }

    private void Unknown(ParserRuleContext where, string text, string advice) =>
        diagnostics.Error(DiagnosticCode.UnknownName, positionOf(where), text, advice);

    private StructureValue? ReadStructure(SystemRdlParser.StructLiteralContext literal, Scope scope, Node holder)
    {
        var name = literal.ID().GetText();
        if (scope.FindType(name) is not StructureEntry { Structure: var type })
        {
            Unknown(literal, $"no struct is called '{name}'", "define the struct before it is used, or correct the name");
            return null;
        }
        var members = new Dictionary<string, PropertyValue>();
        var correct = true;
        if (type.IsAbstract)
        {
            diagnostics.Error(DiagnosticCode.TypeMismatch, positionOf(literal), $"struct {name} is abstract",
                "use a struct that derives from it");
            correct = false;
        }
        foreach (var given in literal.structValue())
        {
            var member = type.Members.FirstOrDefault(m => m.Name == given.ID().GetText());
            if (member is null || members.ContainsKey(member.Name))
            {
                diagnostics.Error(DiagnosticCode.UnknownMember, positionOf(given),
                    member is null ? $"struct {name} has no member '{given.ID().GetText()}'" : $"the member '{member.Name}' is given twice",
                    $"give each of {string.Join(", ", type.Members.Select(m => m.Name))} once");
                correct = false;
            }
            else if (Evaluate(given.expression(), scope, holder) is not { } value)
                correct = false;
            else if (member.Type.Convert(value) is { } converted)
                members.Add(member.Name, converted);
            else
                correct = Mismatch<PropertyValue>(given.expression(), member.Type.ToString(), value) is not null;
        }
        var missing = type.Members.Where(m => !members.ContainsKey(m.Name)).Select(m => m.Name).ToList();
        if (correct && missing.Count > 0)
        {
            diagnostics.Error(DiagnosticCode.UnknownMember, positionOf(literal),
                $"members of struct {name} are missing: {string.Join(", ", missing)}", "give every member a value");
            correct = false;
        }
        return correct ? new StructureValue(type, members) : null;
    }

    private NumberValue? Concatenate(
        SystemRdlParser.ExpressionContext[] parts, Scope scope, Node holder, ParserRuleContext where, int times = 1)
    {
        var value = BigInteger.Zero;
        var width = 0;
        foreach (var part in parts)
        {
            if (EvaluateNumber(part, scope, holder) is not { } number)
                return null;
            value = (value << number.Width) | number.Value;
            width += number.Width;
        }
        if ((long)width * times > MaximumWidth)
            return TooLarge(where, $"this has {(long)width * times} bits", $"stay within {MaximumWidth} bits");
        var repeated = BigInteger.Zero;
        for (var i = 0; i < times; i++)
            repeated = (repeated << width) | value;
        return new NumberValue(repeated, width * times);
    }

    private NumberValue? Replicate(SystemRdlParser.ReplicationContext replication, Scope scope, Node holder)
    {
        var count = EvaluateInteger(replication.expression(0), scope, holder, 1, MaximumWidth, DiagnosticCode.NumberTooLarge,
            "a replication's count");
        return count is null ? null : Concatenate(replication.expression().Skip(1).ToArray(), scope, holder, replication, count.Value);
    }

    private PropertyValue? Cast(SystemRdlParser.TypeCastContext cast, Scope scope, Node holder)
    {
        if (Evaluate(cast.expression(), scope, holder) is not { } value)
            return null;
        switch (cast.Start.Text)
        {
            case "boolean":
                return ToBoolean(value, cast.expression()) is { } truth ? Truth(truth) : null;
            case "longint":
                return ToNumber(value, cast.expression()) is { } number ? Cut(number.Value, NaturalWidth) : null;
            default:
                // bit'(x) is one bit wide (clause 11.2).
                return ToNumber(value, cast.expression()) is { } bit ? Cut(bit.Value, 1) : null;
        }
    }

    private NumberValue? CastWidth(SystemRdlParser.WidthCastContext cast, Scope scope, Node holder)
    {
        BigInteger width;
        if (cast.width is { } expression)
        {
            if (EvaluateNumber(expression, scope, holder) is not { } given)
                return null;
            width = given.Value;
        }
        else if (cast.NUMBER() is { } literal)
            width = literal.GetText().Length > 9 ? MaximumWidth + 1 : BigInteger.Parse(literal.GetText().Replace("_", ""),
                CultureInfo.InvariantCulture);
        else if (scope.FindParameter(cast.ID().GetText()) is NumberValue parameter)
            width = parameter.Value;
        else
        {
            Unknown(cast, $"'{cast.ID().GetText()}' is no parameter with a number", "cast to a width in bits, bit, longint or boolean");
            return null;
        }
        if (width < 1 || width > MaximumWidth)
            return TooLarge(cast, $"a width of {width} bits", $"cast to 1 to {MaximumWidth} bits");
        return EvaluateNumber(cast.value, scope, holder, (int)width) is { } number ? Cut(number.Value, (int)width) : null;
    }
}
