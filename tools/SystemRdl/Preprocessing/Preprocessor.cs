using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace SystemRdl;

/// <summary>Clause 16: removes comments, includes files, keeps or drops conditional parts and expands macros.</summary>
internal sealed partial class Preprocessor(
    Func<string, string, SourceText?> include, PerlInterpreter? perl, Diagnostics diagnostics, Action<SourceText> onSource)
{
    private const int MaximumIncludeDepth = 64;
    private const int MaximumExpansion = 1 << 20;
    private const int MaximumMacroDepth = 64;

    private readonly Diagnostics diagnostics = diagnostics;
    private readonly Dictionary<string, Macro> macros = [];
    private readonly List<SourceText> open = [];
    private readonly PreprocessedText output = new();
    private int expanded;

    public void Define(string name, string body) => macros[name] = new Macro(name, null, body);

    public PreprocessedText Run(SourceText source)
    {
        // Perl comes before every directive (clause 16.1).
        var printed = perl is null ? null : new PerlTemplate(include, diagnostics, onSource).Run(source, perl);
        Read(source, printed ?? PreprocessedText.Of(source));
        // The end of the text has a position too.
        output.Append(source, source.Text.Length, 0);
        return output;
    }

    private void Read(SourceText source, PreprocessedText text)
    {
        onSource(source);
        open.Add(source);
        new FileReader(this, text).Read();
        open.RemoveAt(open.Count - 1);
    }

    private void Include(SourcePosition position, string name)
    {
        if (open.Count >= MaximumIncludeDepth)
        {
            diagnostics.Error(DiagnosticCode.IncludeLoop, position,
                $"files include one another {MaximumIncludeDepth} deep", "break the chain of `include");
            return;
        }
        var source = include(name, position.Path);
        if (source is null)
            diagnostics.Error(DiagnosticCode.IncludeNotFound, position,
                $"the file \"{name}\" is not there", "correct the name, or add the folder that holds it to the include folders");
        else if (open.Any(s => s.Path == source.Path))
            diagnostics.Error(DiagnosticCode.IncludeLoop, position,
                $"\"{name}\" includes itself: {string.Join(" -> ", open.Select(s => s.Path))} -> {source.Path}",
                "remove one of the `include, or guard it with `ifndef");
        else
            Read(source, PreprocessedText.Of(source));
    }

    private string? Expand(Macro macro, List<string> arguments, SourcePosition position, int depth)
    {
        if (depth > MaximumMacroDepth)
            return TooLarge(macro, position, $"`{macro.Name} expands to itself");
        var values = new Dictionary<string, string>();
        var parameters = macro.Parameters ?? [];
        if (arguments.Count > parameters.Count)
            return WrongArguments(macro, arguments.Count, position);
        for (var i = 0; i < parameters.Count; i++)
        {
            var given = i < arguments.Count && arguments[i].Length > 0 ? arguments[i] : parameters[i].Default;
            // An empty argument is one where the list has its place; a missing one is not.
            if (given is null && i >= arguments.Count)
                return WrongArguments(macro, arguments.Count, position);
            values[parameters[i].Name] = given ?? "";
        }
        return ExpandWithin(macro.Substitute(values), macro, position, depth);
    }

    private string? ExpandWithin(string body, Macro macro, SourcePosition position, int depth)
    {
        expanded += body.Length + 1;
        if (expanded > MaximumExpansion)
            return TooLarge(macro, position, $"macros expand to more than {MaximumExpansion} characters");
        var result = new StringBuilder();
        var i = 0;
        while (i < body.Length)
        {
            if (body[i] == '"')
            {
                var end = Characters.EndOfString(body, i);
                result.Append(body, i, end - i);
                i = end;
            }
            else if (body[i] == '`' && i + 1 < body.Length && Characters.StartsName(body[i + 1]))
            {
                var end = Characters.EndOfName(body, i + 1);
                var name = body.Substring(i + 1, end - i - 1);
                if (!macros.TryGetValue(name, out var inner))
                    return Unknown(name, position);
                List<string> arguments = [];
                if (inner.Parameters is not null && !TryArguments(body, ref end, arguments))
                    return WrongArguments(inner, 0, position);
                if (Expand(inner, arguments, position, depth + 1) is not { } text)
                    return null;
                result.Append(text);
                i = end;
            }
            else
                result.Append(body[i++]);
        }
        return result.ToString();
    }

    private string? TooLarge(Macro macro, SourcePosition position, string text)
    {
        diagnostics.Error(DiagnosticCode.MacroTooLarge, position, text, $"simplify `define {macro.Name}");
        return null;
    }

    private string? WrongArguments(Macro macro, int given, SourcePosition position)
    {
        var list = macro.Parameters is null ? "no arguments" : $"({string.Join(", ", macro.Parameters.Select(p => p.Name))})";
        diagnostics.Error(DiagnosticCode.MacroArguments, position,
            $"`{macro.Name} takes {list}, but {given} were given", "give an argument for each parameter without a default");
        return null;
    }

    private string? Unknown(string name, SourcePosition position)
    {
        diagnostics.Error(DiagnosticCode.UnknownMacro, position, $"no macro is called `{name}", $"add `define {name}, or correct the name");
        return null;
    }

    /// <summary>Reads "(a, b)" from <paramref name="at"/> on; parentheses, brackets, braces and strings nest, comments vanish.</summary>
    private static bool TryArguments(string text, ref int at, List<string> arguments)
    {
        var i = at;
        while (i < text.Length && char.IsWhiteSpace(text[i]))
            i++;
        if (i >= text.Length || text[i] != '(')
            return false;
        var depth = 0;
        var argument = new StringBuilder();
        for (i++; i < text.Length; i++)
        {
            var c = text[i];
            var end = i + 1;
            if (c == '"')
                end = Characters.EndOfString(text, i);
            else if (c == '/' && end < text.Length && text[end] is '/' or '*')
            {
                // A comment may hold anything and leaves a blank.
                var line = text[end] == '/';
                var close = line ? text.IndexOf('\n', end) : text.IndexOf("*/", end + 1, StringComparison.Ordinal);
                i = close < 0 ? text.Length : line ? close - 1 : close + 1;
                argument.Append(' ');
                continue;
            }
            else if (c is '(' or '[' or '{')
                depth++;
            else if (c is ']' or '}' || (c == ')' && depth > 0))
                depth--;
            else if (c == ')' || (c == ',' && depth == 0))
            {
                arguments.Add(argument.ToString().Trim());
                argument.Clear();
                if (c == ')')
                {
                    at = i + 1;
                    return true;
                }
                continue;
            }
            argument.Append(text, i, end - i);
            i = end - 1;
        }
        return false;
    }
}
