using System.Linq;
using Antlr4.Runtime;
using SystemRdl.Grammar;

namespace SystemRdl;

/// <summary>From preprocessed text to a parse tree; what is wrong is said in the language's own words.</summary>
internal sealed class SyntaxReader(PreprocessedText source, Diagnostics diagnostics)
{
    // The parser and the elaborator recurse as deep as their input nests; a compiler's thread has a megabyte or more of stack.
    private const int MaximumNesting = 100;
    private const int MaximumOperators = 400;

    /// <summary>Null when there were syntax errors.</summary>
    public SystemRdlParser.RootContext? Read()
    {
        var lexer = new SystemRdlLexer(new AntlrInputStream(source.Text));
        // Every character is some token (the last lexer rule), so the lexer itself has nothing to say.
        lexer.RemoveErrorListeners();
        var tokens = new CommonTokenStream(lexer);
        tokens.Fill();
        // A name that is escaped, because it is a reserved word, is the same name everywhere else (clause 4.3).
        foreach (var token in tokens.GetTokens().OfType<CommonToken>().Where(t => t.Type == SystemRdlLexer.ID && t.Text[0] == '\\'))
            token.Text = token.Text.Substring(1);
        if (!NestsWithinLimits(tokens))
            return null;
        var parser = new SystemRdlParser(tokens) { BuildParseTree = true };
        parser.RemoveErrorListeners();
        parser.AddErrorListener(new SyntaxErrors(source, diagnostics));
        var root = parser.root();
        return diagnostics.HasErrors ? null : root;
    }

    private bool NestsWithinLimits(CommonTokenStream tokens)
    {
        var depth = 0;
        var operators = 0;
        foreach (var token in tokens.GetTokens())
        {
            switch (token.Text)
            {
                case "{" or "(" or "[":
                    depth++;
                    break;
                case "}" or ")" or "]":
                    depth--;
                    break;
                case ";":
                    operators = 0;
                    continue;
            }
            if (token.Type is not (SystemRdlLexer.ID or SystemRdlLexer.NUMBER or SystemRdlLexer.HEX_NUMBER or SystemRdlLexer.SIZED_NUMBER)
                && token.Text is not ("," or "." or ":" or "}" or ")" or "]"))
                operators++;
            if (depth <= MaximumNesting && operators <= MaximumOperators)
                continue;
            diagnostics.Error(DiagnosticCode.NestingTooDeep, source.PositionAt(token.StartIndex),
                $"more than {MaximumNesting} levels of brackets, or more than {MaximumOperators} operators in one statement",
                "split it with named definitions or parameters");
            return false;
        }
        return true;
    }
}
