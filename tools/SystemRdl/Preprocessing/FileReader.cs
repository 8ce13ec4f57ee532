using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace SystemRdl;

internal sealed partial class Preprocessor
{
    /// <summary>Goes through one file. Conditions must close in the file that opens them.</summary>
    private sealed class FileReader(Preprocessor owner, PreprocessedText source)
    {
        private static readonly char[] blanks = [' ', '\t', '\r'];

        private readonly string text = source.Text;
        private readonly Stack<Condition> conditions = new();
        private int at;
        private int copied;

        private bool Active => conditions.All(c => c.Active);

        public void Read()
        {
            while (at < text.Length)
            {
                var c = text[at];
                if (c == '"')
                    SkipString();
                else if (c == '/' && Next is '/' or '*')
                    SkipComment();
                else if (c == '<' && Next == '%')
                    SkipPerl();
                else if (c == '`')
                    ReadDirective();
                else
                    at++;
            }
            Flush(at);
            foreach (var condition in conditions)
                Report(DiagnosticCode.UnbalancedConditional, condition.Offset, "this condition has no `endif", "add `endif");
        }

        private char Next => at + 1 < text.Length ? text[at + 1] : '\0';

        private void Flush(int end)
        {
            if (Active && end > copied)
                owner.output.Append(source, copied, end - copied);
            copied = end;
        }

        private void SkipString()
        {
            var end = Characters.EndOfString(text, at);
            if (Active && (end - at < 2 || text[end - 1] != '"'))
            {
                Report(DiagnosticCode.Unterminated, at, "this string has no end", "close it with \"");
                // What cannot be a string must not confuse the parser as well.
                Flush(at);
                copied = end;
            }
            at = end;
        }

        private void SkipComment()
        {
            Flush(at);
            var end = Characters.EndOfComment(text, at);
            if (Next == '*' && (end < at + 4 || text[end - 2] != '*' || text[end - 1] != '/'))
                Report(DiagnosticCode.Unterminated, at, "this comment has no end", "close it with */");
            Blank(end);
        }

        private void SkipPerl()
        {
            Flush(at);
            if (Active)
                Report(DiagnosticCode.UnsupportedPerl, at, "embedded Perl (<% %>) is not run here",
                    "write parameters, arrays or `define, or let 'dde registers --perl' run it");
            var end = text.IndexOf("%>", at + 2, System.StringComparison.Ordinal);
            Blank(end < 0 ? text.Length : end + 2);
        }

        // What disappears still separates two words.
        private void Blank(int end)
        {
            if (Active)
                owner.output.AppendExpansion(source, at, " ");
            at = copied = end;
        }

        private void ReadDirective()
        {
            var start = at;
            Flush(start);
            var end = Characters.EndOfName(text, start + 1);
            var name = text.Substring(start + 1, end - start - 1);
            at = copied = end;
            switch (name)
            {
                case "ifdef" or "ifndef":
                    ReadCondition(start, name == "ifdef");
                    break;
                case "elsif" or "else":
                    ReadAlternative(start, name == "elsif");
                    break;
                case "endif":
                    if (conditions.Count == 0)
                        Report(DiagnosticCode.UnbalancedConditional, start, "`endif without `ifdef", "remove it");
                    else
                        conditions.Pop();
                    break;
                default:
                    if (Active)
                        ReadActive(start, name);
                    break;
            }
            copied = at;
        }

        private void ReadActive(int start, string name)
        {
            switch (name)
            {
                case "define":
                    ReadDefine(start);
                    break;
                case "undef":
                    if (ReadName() is { } gone)
                        owner.macros.Remove(gone);
                    else
                        Malformed(start, "`undef needs a name");
                    break;
                case "include":
                    ReadInclude(start);
                    break;
                case "line":
                    ReadLine(start);
                    break;
                case "":
                    Malformed(start, "a grave accent without a name");
                    break;
                default:
                    ReadUse(start, name);
                    break;
            }
        }

        private void ReadUse(int start, string name)
        {
            var position = source.PositionAt(start);
            if (!owner.macros.TryGetValue(name, out var macro))
            {
                owner.Unknown(name, position);
                return;
            }
            List<string> arguments = [];
            if (macro.Parameters is not null && !TryArguments(text, ref at, arguments))
            {
                owner.WrongArguments(macro, 0, position);
                return;
            }
            if (owner.Expand(macro, arguments, position, 0) is { } expansion)
                owner.output.AppendExpansion(source, start, expansion);
        }

        private void ReadCondition(int start, bool wanted)
        {
            var name = ReadName();
            if (name is null)
                Malformed(start, "a condition needs a name");
            var holds = name is not null && owner.macros.ContainsKey(name) == wanted;
            conditions.Push(new Condition(start) { Active = holds, Taken = holds });
        }

        private void ReadAlternative(int start, bool named)
        {
            var name = named ? ReadName() : null;
            if (conditions.Count == 0 || conditions.Peek().Closed)
            {
                Report(DiagnosticCode.UnbalancedConditional, start, "an alternative without its `ifdef",
                    "remove it, or add `ifdef before it");
                return;
            }
            if (named && name is null)
                Malformed(start, "`elsif needs a name");
            var condition = conditions.Peek();
            var holds = !condition.Taken && (!named || (name is not null && owner.macros.ContainsKey(name)));
            condition.Active = holds;
            condition.Taken |= holds;
            condition.Closed = !named;
        }

        private void ReadInclude(int start)
        {
            if (Characters.ReadFileName(text, ref at) is { } name)
                owner.Include(source.PositionAt(start), name);
            else
                Malformed(start, "`include needs a file name in quotation marks");
        }

        private void ReadLine(int start)
        {
            var parts = ReadLogicalLine().Split(blanks, System.StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length < 3 || !parts[0].All(char.IsDigit) || parts[1][0] != '"' || parts[parts.Length - 1] is not ("0" or "1" or "2"))
                Malformed(start, "`line needs a number, a file name in quotation marks and a level of 0, 1 or 2");
            else
                owner.diagnostics.Warning(DiagnosticCode.DirectiveIgnored, source.PositionAt(start),
                    "`line is ignored: positions are those of the files that were read", "remove it");
        }

        private void ReadDefine(int start)
        {
            var name = ReadName();
            if (name is null)
            {
                Malformed(start, "`define needs a name");
                ReadLogicalLine();
                return;
            }
            List<MacroParameter>? parameters = null;
            // Only a parenthesis that touches the name opens a parameter list, as in Verilog.
            if (at < text.Length && text[at] == '(')
            {
                List<string> list = [];
                if (!TryArguments(text, ref at, list))
                {
                    Malformed(start, $"the parameters of `{name} have no end");
                    at = text.Length;
                    return;
                }
                parameters = [];
                foreach (var parameter in list.Where(p => p.Length > 0 || list.Count > 1))
                {
                    var parts = parameter.Split(['='], 2);
                    var word = parts[0].Trim();
                    if (word.Length == 0 || !Characters.StartsName(word[0]) || Characters.EndOfName(word, 0) != word.Length)
                        Malformed(start, $"`{name} has a parameter \"{word}\" that is no name");
                    parameters.Add(new MacroParameter(word, parts.Length > 1 ? parts[1].Trim() : null));
                }
            }
            var body = ReadLogicalLine();
            if (owner.macros.TryGetValue(name, out var old) && old.Body != body)
                owner.diagnostics.Warning(DiagnosticCode.MacroRedefined, source.PositionAt(start),
                    $"`{name} was defined before with another text", $"write `undef {name} first");
            owner.macros[name] = new Macro(name, parameters, body);
        }

        /// <summary>The rest of the line without comments; a backslash at its end continues it.</summary>
        private string ReadLogicalLine()
        {
            var line = new StringBuilder();
            while (at < text.Length && text[at] != '\n')
            {
                if (text[at] == '\\' && (Next == '\n' || (Next == '\r' && at + 2 < text.Length && text[at + 2] == '\n')))
                {
                    line.Append(' ');
                    at += Next == '\n' ? 2 : 3;
                }
                else if (text[at] == '/' && Next == '/')
                {
                    var end = text.IndexOf('\n', at);
                    at = end < 0 ? text.Length : end;
                }
                else if (text[at] == '/' && Next == '*')
                {
                    var end = text.IndexOf("*/", at + 2, System.StringComparison.Ordinal);
                    at = end < 0 ? text.Length : end + 2;
                    line.Append(' ');
                }
                else if (text[at] == '"')
                {
                    var end = Characters.EndOfString(text, at);
                    line.Append(text, at, end - at);
                    at = end;
                }
                else
                    line.Append(text[at++]);
            }
            return line.ToString().Trim();
        }

        private string? ReadName()
        {
            at = Characters.EndOfBlanks(text, at);
            if (at >= text.Length || !Characters.StartsName(text[at]))
                return null;
            var start = at;
            at = Characters.EndOfName(text, at);
            return text.Substring(start, at - start);
        }

        private void Malformed(int offset, string what) =>
            Report(DiagnosticCode.MalformedDirective, offset, what, "correct the directive; clause 16 of the standard has its form");

        private void Report(DiagnosticCode code, int offset, string what, string advice) =>
            owner.diagnostics.Error(code, source.PositionAt(offset), what, advice);

        private sealed class Condition(int offset)
        {
            public int Offset { get; } = offset;

            public bool Active { get; set; }

            public bool Taken { get; set; }

            public bool Closed { get; set; }
        }
    }
}
