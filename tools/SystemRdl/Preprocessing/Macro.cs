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

    /// <summary>The offset after a comment that starts at <paramref name="start"/>, or the text's length when it has no end.</summary>
    public static int EndOfComment(string text, int start)
    {
        var isLine = text[start + 1] == '/';
        var end = isLine ? text.IndexOf('\n', start) : text.IndexOf("*/", start + 2, System.StringComparison.Ordinal);
        return end < 0 ? text.Length : isLine ? end : end + 2;
    }

    /// <summary>The name that an `include gives, in quotation marks or angle brackets on one line; null when there is none.</summary>
    /// <param name="at">After the directive's name; moves behind the file's name.</param>
    public static string? ReadFileName(string text, ref int at)
    {
        var start = EndOfBlanks(text, at);
        var open = start < text.Length ? text[start] : '\0';
        var end = open is '<' or '"' ? text.IndexOf(open == '<' ? '>' : '"', start + 1) : -1;
        var line = text.IndexOf('\n', start);
        if (end < 0 || (line >= 0 && line < end))
            return null;
        at = end + 1;
        return text.Substring(start + 1, end - start - 1);
    }

    public static int EndOfBlanks(string text, int start)
    {
        while (start < text.Length && text[start] is ' ' or '\t')
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
