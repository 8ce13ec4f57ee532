using System.Collections.Generic;
using System.IO;
using System.Linq;
using Antlr4.Runtime;
using SystemRdl.Grammar;

namespace SystemRdl;

/// <summary>Says what the parser met and what could have stood there, without its rule and token names.</summary>
internal sealed class SyntaxErrors(PreprocessedText source, Diagnostics diagnostics) : BaseErrorListener
{
    private const int LongestList = 6;

    public override void SyntaxError(
        TextWriter output, IRecognizer recognizer, IToken offendingSymbol, int line, int charPositionInLine, string msg,
        RecognitionException e)
    {
        var parser = (Parser)recognizer;
        var expected = (e as InputMismatchException)?.GetExpectedTokens() ?? (e is null ? parser.GetExpectedTokens() : null);
        var names = expected is null ? [] : Names(expected.ToArray(), parser.Vocabulary);
        var previous = offendingSymbol.TokenIndex > 0 ? parser.TokenStream.Get(offendingSymbol.TokenIndex - 1) : null;
        if (names.Contains("a name") && IsWord(offendingSymbol))
        {
            diagnostics.Error(DiagnosticCode.UnexpectedSyntax, source.PositionAt(offendingSymbol.StartIndex),
                $"{Describe(offendingSymbol)} is a reserved word, no name",
                ReservedAdvice(offendingSymbol.Text));
            return;
        }
        if (offendingSymbol.Text == "{" && previous?.Type == SystemRdlLexer.ID)
        {
            diagnostics.Error(DiagnosticCode.UnexpectedSyntax, source.PositionAt(previous.StartIndex),
                $"{Describe(previous)} begins no definition",
                "write addrmap, regfile, reg, field, mem, signal, enum, struct or property before it");
            return;
        }
        // A forgotten semicolon belongs to the statement before, which often is a line further up.
        if (names.Contains("';'") && previous is not null)
        {
            diagnostics.Error(DiagnosticCode.UnexpectedSyntax, source.PositionAt(previous.StopIndex + 1),
                $"';' expected after {Describe(previous)}", "end the statement with ';'");
            return;
        }
        var position = source.PositionAt(offendingSymbol.StartIndex);
        if (offendingSymbol.Type == SystemRdlLexer.UNKNOWN)
            diagnostics.Error(DiagnosticCode.UnknownCharacter, position,
                $"the character {Describe(offendingSymbol)} has no meaning here", "remove it");
        else
            diagnostics.Error(DiagnosticCode.UnexpectedSyntax, position, $"{Describe(offendingSymbol)} is not expected here",
                Advice(names));
    }

    private static string ReservedAdvice(string word) => word switch
    {
        "wot" or "wzs" or "wzc" or "wzt" or "wclr" or "wset" or "wuser" => $"as a property write onwrite = {word}; as a name \\{word}",
        "ruser" => $"as a property write onread = {word}; as a name \\{word}",
        _ => $"choose another name, or write \\{word}",
    };

    private static bool IsWord(IToken token) =>
        token.Type is not (TokenConstants.EOF or SystemRdlLexer.ID) && Characters.StartsName(token.Text[0]);

    private static string Advice(List<string> names) => names.Count switch
    {
        0 => "compare the statement with its form in the standard",
        1 => "write " + names[0],
        <= LongestList => "write one of " + string.Join(", ", names),
        _ when names.Contains("'addrmap'") && names.Contains("'}'") => "write a component, an instance, a property assignment, or '}' to close the block",
        _ when names.Contains("'addrmap'") => "write a definition, an instance or a property assignment",
        _ => "write an expression: a number, a string, a name or an operator",
    };

    private static string Describe(IToken token) => token.Type switch
    {
        TokenConstants.EOF => "the end of the file",
        SystemRdlLexer.STRING => "this string",
        SystemRdlLexer.ID => $"the name '{token.Text}'",
        SystemRdlLexer.NUMBER or SystemRdlLexer.HEX_NUMBER or SystemRdlLexer.SIZED_NUMBER => $"the number {token.Text}",
        _ => $"'{token.Text}'",
    };

    private static List<string> Names(IEnumerable<int> types, IVocabulary vocabulary) => types.Select(type => type switch
    {
        TokenConstants.EOF => "the end of the file",
        SystemRdlLexer.ID => "a name",
        SystemRdlLexer.STRING => "a string",
        SystemRdlLexer.NUMBER or SystemRdlLexer.HEX_NUMBER or SystemRdlLexer.SIZED_NUMBER => "a number",
        _ => vocabulary.GetLiteralName(type) ?? "",
    }).Where(n => n.Length > 0).Distinct().ToList();
}
