using System;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace SystemRdl;

/// <summary>Writes JSON, indented by two. (Generators run where System.Text.Json is not.)</summary>
internal sealed class JsonText
{
    private readonly StringBuilder text = new();
    private int depth;
    private bool isFirst = true;

    /// <summary>An object as a member or, without a name, as an element.</summary>
    public void Object(string? name, Action members) => Nest(name, '{', '}', members);

    public void Array(string name, Action elements) => Nest(name, '[', ']', elements);

    /// <summary>A text; null is left out.</summary>
    public void Text(string name, string? value)
    {
        if (value is null)
            return;
        Begin(name);
        Quote(value);
    }

    public void Number(string? name, int value)
    {
        Begin(name);
        text.Append(value.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>A number that a reader's double might not hold: as a text, in hexadecimal; null is left out.</summary>
    public void Hexadecimal(string name, BigInteger? value) => Text(name, value is { } number ? OutputWords.Hexadecimal(number) : null);

    public void Flag(string name, bool value)
    {
        Begin(name);
        text.Append(value ? "true" : "false");
    }

    public override string ToString() => text + "\n";

    private void Nest(string? name, char open, char close, Action inner)
    {
        Begin(name);
        text.Append(open);
        depth++;
        isFirst = true;
        inner();
        depth--;
        if (!isFirst)
            NewLine();
        isFirst = false;
        text.Append(close);
    }

    private void Begin(string? name)
    {
        if (!isFirst)
            text.Append(',');
        isFirst = false;
        if (depth > 0)
            NewLine();
        if (name is null)
            return;
        Quote(name);
        text.Append(": ");
    }

    private void NewLine() => text.Append('\n').Append(' ', 2 * depth);

    private void Quote(string value)
    {
        text.Append('"');
        foreach (var character in value)
        {
            if (character is '"' or '\\')
                text.Append('\\').Append(character);
            else if (character < ' ')
                text.Append("\\u").Append(((int)character).ToString("x4", CultureInfo.InvariantCulture));
            else
                text.Append(character);
        }
        text.Append('"');
    }
}
