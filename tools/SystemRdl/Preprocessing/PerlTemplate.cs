using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;

namespace SystemRdl;

/// <summary>
/// Embedded Perl (clause 16.3). A description is cut into texts, code (&lt;% %&gt;) and values (&lt;%= %&gt;); one program prints them all,
/// so that a loop in the code repeats the text it stands around. The program prints the numbers of texts, not the texts: what comes back
/// keeps its place in the sources. Included files are part of the program, because they share its variables.
/// </summary>
internal sealed class PerlTemplate(Func<string, string, SourceText?> include, Diagnostics diagnostics, Action<SourceText> onSource)
{
    // No description holds these two characters, which frame the numbers.
    private const char Opening = '\u0001';
    private const char Closing = '\u0002';
    private const int MaximumPieces = 100_000;
    private const int MaximumLength = 1 << 24;

    private static readonly Regex place = new(" at (?<path>.+?) line (?<line>[0-9]{1,9})", RegexOptions.CultureInvariant);

    private readonly List<Piece> pieces = [];
    private readonly List<string> open = [];
    private readonly Dictionary<string, SourceText> sources = [];

    private enum PieceKind
    {
        Text,
        Code,
        Value,
    }

    /// <summary>What Perl makes of a description; null when there is no Perl in it, and empty after a diagnostic.</summary>
    public PreprocessedText? Run(SourceText source, PerlInterpreter perl)
    {
        Read(source);
        if (pieces.FirstOrDefault(p => p.Kind != PieceKind.Text) is not { } first)
            return null;
        var run = perl(Program());
        if (!run.Succeeded || run.Messages.Length > 0)
            Report(run, first);
        return run.Succeeded ? Assemble(run.Output, first) : new PreprocessedText();
    }

    private void Read(SourceText source)
    {
        onSource(source);
        sources[source.Path] = source;
        open.Add(source.Path);
        var text = source.Text;
        var (at, copied, quoted) = (0, 0, false);
        while (at < text.Length)
        {
            var next = at + 1 < text.Length ? text[at + 1] : '\0';
            if (text[at] == '<' && next == '%')
            {
                Add(PieceKind.Text, source, copied, at);
                at = copied = ReadPerl(source, at);
            }
            else if (quoted)
            {
                // Perl stands in strings too, but no comment and no directive does.
                quoted = text[at] != '"';
                at += text[at] == '\\' ? 2 : 1;
            }
            else if (text[at] == '/' && next is '/' or '*')
                at = Characters.EndOfComment(text, at);
            else if (text[at] == '`' && Included(source, at) is { } included)
            {
                Add(PieceKind.Text, source, copied, at);
                Read(included.Source);
                at = copied = included.End;
            }
            else
                quoted = text[at++] == '"';
        }
        Add(PieceKind.Text, source, copied, text.Length);
        open.RemoveAt(open.Count - 1);
    }

    private int ReadPerl(SourceText source, int start)
    {
        var isValue = start + 2 < source.Text.Length && source.Text[start + 2] == '=';
        var from = start + (isValue ? 3 : 2);
        var end = from <= source.Text.Length ? source.Text.IndexOf("%>", from, StringComparison.Ordinal) : -1;
        if (end < 0)
        {
            diagnostics.Error(DiagnosticCode.Unterminated, source.PositionAt(start), "this Perl has no end", "close it with %>");
            return source.Text.Length;
        }
        Add(isValue ? PieceKind.Value : PieceKind.Code, source, from, end);
        return end + 2;
    }

    /// <summary>The file that a directive includes; null leaves the directive to the preprocessor, which can say what is wrong with it.</summary>
    private (SourceText Source, int End)? Included(SourceText source, int start)
    {
        var at = Characters.EndOfName(source.Text, start + 1);
        return source.Text.Substring(start + 1, at - start - 1) == "include" && pieces.Count < MaximumPieces
            && Characters.ReadFileName(source.Text, ref at) is { } name
            && include(name, source.Path) is { } included && !open.Contains(included.Path)
            ? (included, at)
            : null;
    }

    private void Add(PieceKind kind, SourceText source, int start, int end)
    {
        if (end > start)
            pieces.Add(new Piece(kind, source, start, end - start));
    }

    private string Program()
    {
        var program = new StringBuilder("sub rdl_text { print \"\\x01T$_[0]\\x02\"; }\nsub rdl_place { print \"\\x01P$_[0]\\x02\"; }\n");
        for (var i = 0; i < pieces.Count; i++)
        {
            var piece = pieces[i];
            if (piece.Kind == PieceKind.Text)
            {
                program.Append("rdl_text(").Append(i.ToString(CultureInfo.InvariantCulture)).Append(");\n");
                continue;
            }
            // Perl's own messages then name the file and the line of the description.
            var position = piece.Source.PositionAt(piece.Start);
            program.Append("rdl_place(").Append(i.ToString(CultureInfo.InvariantCulture)).Append(");\n")
                .Append(piece.Kind == PieceKind.Value ? "print(" : "").Append("\n# line ")
                .Append(position.Line.ToString(CultureInfo.InvariantCulture)).Append(" \"").Append(NameForPerl(position.Path)).Append("\"\n")
                .Append(piece.Source.Text, piece.Start, piece.Length)
                .Append(piece.Kind == PieceKind.Value ? "\n);\n" : "\n;\n");
        }
        return program.ToString();
    }

    private static string NameForPerl(string path) => path.Replace('"', '_').Replace('\n', '_').Replace('\r', '_');

    private PreprocessedText Assemble(string printed, Piece first)
    {
        var result = new PreprocessedText();
        var current = first;
        for (var at = 0; at < printed.Length;)
        {
            if (result.Length > MaximumLength)
            {
                diagnostics.Error(DiagnosticCode.PerlFailed, first.Source.PositionAt(first.Start),
                    $"Perl makes a description of more than {MaximumLength} characters", "make its loops shorter");
                return new PreprocessedText();
            }
            if (printed[at] == Opening && ReadMark(printed, ref at) is { } mark)
            {
                current = mark;
                if (mark.Kind == PieceKind.Text)
                    result.Append(mark.Source, mark.Start, mark.Length);
                continue;
            }
            var end = printed.IndexOf(Opening, at + 1);
            end = end < 0 ? printed.Length : end;
            result.AppendExpansion(current.Source, current.Start, printed.Substring(at, end - at));
            at = end;
        }
        return result;
    }

    private Piece? ReadMark(string printed, ref int at)
    {
        var end = printed.IndexOf(Closing, at);
        if (end < at + 3 || !int.TryParse(printed.Substring(at + 2, end - at - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number >= pieces.Count)
            return null;
        at = end + 1;
        return pieces[number];
    }

    private void Report(PerlRun run, Piece first)
    {
        var message = run.Messages.Split('\n')[0].Trim();
        var position = first.Source.PositionAt(first.Start);
        if (place.Match(message) is { Success: true } found
            && sources.Values.FirstOrDefault(s => NameForPerl(s.Path) == found.Groups["path"].Value) is { } named)
            position = new SourcePosition(named.Path, int.Parse(found.Groups["line"].Value, CultureInfo.InvariantCulture), 1);
        if (run.Succeeded)
            diagnostics.Warning(DiagnosticCode.PerlFailed, position, $"Perl says: {message}", "correct what stands between <% and %>");
        else
            diagnostics.Error(DiagnosticCode.PerlFailed, position, message.Length > 0 ? $"Perl failed: {message}" : "Perl failed and said nothing",
                "correct what stands between <% and %>");
    }

    private sealed record Piece(PieceKind Kind, SourceText Source, int Start, int Length);
}
