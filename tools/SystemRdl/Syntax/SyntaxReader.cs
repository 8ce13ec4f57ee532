using System.Collections.Generic;
using System.Linq;
using Antlr4.Runtime;
using SystemRdl.Grammar;

namespace SystemRdl;

/// <summary>From preprocessed text to a parse tree; what is wrong is said in the language's own words.</summary>
internal sealed class SyntaxReader(PreprocessedText source, Diagnostics diagnostics)
{
    // The parser and the elaborator recurse as deep as their input nests; a compiler's thread has a megabyte or more of stack.
    private const int MaximumNesting = 64;
    private const int MaximumOperators = 200;

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
        // Operators of one operand list, and of those that surround it: together they are how deep an expression can nest.
        var surrounding = new Stack<int>();
        var here = 0;
        var all = 0;
        foreach (var token in tokens.GetTokens())
        {
            switch (token.Text)
            {
                case "{" or "(" or "[":
                    surrounding.Push(here);
                    here = 0;
                    break;
                case "}" or ")" or "]":
                    all -= here;
                    here = surrounding.Count > 0 ? surrounding.Pop() : 0;
                    break;
                case "," or ";":
                    all -= here;
                    here = 0;
                    break;
                default:
                    // Words and numbers do not nest.
                    if (Characters.StartsName(token.Text[0]) || token.Text[0] is '"' or '.' or >= '0' and <= '9')
                        break;
                    here++;
                    all++;
                    break;
            }
            if (surrounding.Count <= MaximumNesting && all <= MaximumOperators)
                continue;
            diagnostics.Error(DiagnosticCode.NestingTooDeep, source.PositionAt(token.StartIndex),
                $"more than {MaximumNesting} levels of brackets, or more than {MaximumOperators} operators in one expression",
                "split it with named definitions or parameters");
            return false;
        }
        return true;
    }
}
