using System.Linq;
using System.Numerics;

namespace SystemRdl;

/// <summary>What the properties of one component must not contradict (clauses 8 to 13).</summary>
internal sealed class PropertyRules(Diagnostics diagnostics)
{
    private static readonly string[] counterProperties =
    [
        "incr", "decr", "incrvalue", "decrvalue", "incrwidth", "decrwidth", "incrsaturate", "decrsaturate", "incrthreshold",
            "decrthreshold",
        "overflow", "underflow",
    ];

    private static readonly string[] readEffects = ["onread", "rclr", "rset"];
    private static readonly string[] writeEffects = ["onwrite", "woclr", "woset"];
    private static readonly string[] counterWidths = ["incrwidth", "decrwidth"];
    private static readonly string[] counterValues =
        ["incrvalue", "decrvalue", "incrsaturate", "decrsaturate", "incrthreshold", "decrthreshold"];

    public void Check(Node node)
    {
        if (node.Kind == ComponentKind.Field)
            CheckField(node);
        foreach (var child in node.Present)
            Check(child);
    }

    private void CheckField(Node field)
    {
        var software = field.Property("sw") is KeywordValue keyword ? keyword.Word : "rw";
        foreach (var effect in readEffects.Where(e => IsOn(field, e)))
            if (!software.Contains("r"))
                Inconsistent(field, effect, $"'{effect}' on a field that software cannot read (sw = {software})",
                    "make it readable, or remove the property");
        foreach (var effect in writeEffects.Where(e => IsOn(field, e)))
            if (!software.Contains("w"))
                Inconsistent(field, effect, $"'{effect}' on a field that software cannot write (sw = {software})",
                    "make it writable, or remove the property");
        if (!field.Flag("counter") && counterProperties.FirstOrDefault(p => IsOn(field, p)) is { } only)
            Inconsistent(field, only, $"'{only}' on a field that is no counter", "add counter;, or remove the property");
        if (field.Flag("singlepulse") && (field.Size != 1 || field.Number("reset") is { IsZero: false }))
            Inconsistent(field, "singlepulse", "a singlepulse field has one bit and the reset value 0",
                "correct the width or the reset value");
        CheckReset(field);
        CheckCounterWidths(field);
        if (field.Property("encode") is EnumerationTypeValue { Type: var type } && type.Width > field.Size)
            diagnostics.Error(DiagnosticCode.NumberTooLarge, field.Properties["encode"].Position,
                $"enum {type.Name} has values of {type.Width} bits, but the field '{field.Name}' has {field.Size}",
                "widen the field, or use another enum");
    }

    private void CheckReset(Node field)
    {
        if (field.Number("reset") is { } reset && reset >= BigInteger.One << (int)field.Size)
            diagnostics.Error(DiagnosticCode.ResetTooLarge, field.Properties["reset"].Position,
                $"the reset value {new NumberValue(reset, 1)} does not fit into the {field.Size} bits of '{field.Name}'",
                $"give at most {new NumberValue((BigInteger.One << (int)field.Size) - 1, 1)}, or widen the field");
    }

    private void CheckCounterWidths(Node field)
    {
        foreach (var property in counterWidths)
            if (field.Number(property) is { } width && (width < 1 || width > field.Size))
                diagnostics.Error(DiagnosticCode.BadWidth, field.Properties[property].Position, $"{property} is {width}",
                    $"give 1 to {field.Size}");
        foreach (var property in counterValues)
            if (field.Number(property) is { } value && value >= BigInteger.One << (int)field.Size)
                diagnostics.Error(DiagnosticCode.NumberTooLarge, field.Properties[property].Position,
                    $"{property} is {value}, but the counter has {field.Size} bits", "give a number that fits");
    }

    private static bool IsOn(Node field, string property) => field.Property(property) is not (null or BooleanValue { Value: false });

    private void Inconsistent(Node field, string property, string text, string advice) =>
        diagnostics.Error(DiagnosticCode.PropertyInconsistent, field.Properties[property].Position, text, advice);
}
