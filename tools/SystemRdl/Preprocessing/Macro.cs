using System.Collections.Generic;
using System.Text;

namespace SystemRdl;

/// <summary>A `define: its parameters (null when it takes none, not even an empty list) and its text.</summary>
internal sealed record Macro(string Name, IReadOnlyList<MacroParameter>? Parameters, string Body)
{
    /// <summary>The body with each parameter's name replaced; strings are left alone (clause 16.2.1 follows Verilog).</summary>
    public string Substitute(IReadOnlyDictionary<string, string> arguments)
    {
        var result = new StringBuilder();
        var i = 0;
        while (i < Body.Length)
        {
            var end = i + 1;
            if (Body[i] == '"')
                end = Characters.EndOfString(Body, i);
            else if (Characters.StartsName(Body[i]))
                end = Characters.EndOfName(Body, i);
            else if (Body[i] == '`' && end < Body.Length && Body[end] == '`')
            {
                // Two grave accents separate a parameter from what follows and leave nothing.
                i += 2;
                continue;
            }
            var word = Body.Substring(i, end - i);
            result.Append(arguments.TryGetValue(word, out var value) ? value : word);
            i = end;
        }
        return result.ToString();
    }
}

/// <summary>A macro's parameter; <see cref="Default"/> is null when the use must give an argument.</summary>
internal sealed record MacroParameter(string Name, string? Default);

/// <summary>What the preprocessor and the macros have to know of the language's characters.</summary>
internal static class Characters
{
    public static bool StartsName(char c) => c is '_' or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z');

    public static int EndOfName(string text, int start)
    {
        while (start < text.Length && (StartsName(text[start]) || text[start] is >= '0' and <= '9'))
            start++;
        return start;
    }

    /// <summary>The offset after the closing quotation mark, or the text's length when there is none.</summary>
    public static int EndOfString(string text, int start)
    {
        for (var i = start + 1; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '"')
                return i + 1;
        }
        return text.Length;
    }
}
