using Antlr4.Runtime;
using Antlr4.Runtime.Misc;
using InterfaceCompiler.Grammar;

namespace InterfaceCompiler;

/// <summary>From text to what it declares.</summary>
internal sealed class InterfaceReader(string file)
{
    // The parser recurses as deep as braces nest.
    private const int MaximumNesting = 100;

    private readonly List<InterfaceDiagnostic> _diagnostics = [];
    private readonly List<string> _includes = [];
    private readonly List<SourceText> _headers = [];
    private readonly List<SourceText> _code = [];
    private readonly List<SourceText> _prologs = [];
    private readonly List<SourceText> _epilogs = [];
    private readonly List<InterfaceMethod> _methods = [];
    private string? _name;

    internal InterfaceFile Read(string text)
    {
        var stream = new AntlrInputStream(text);
        var lexer = new InterfaceFileLexer(stream);
        // Every character is some token (the last lexer rule), so the lexer itself has nothing to say.
        lexer.RemoveErrorListeners();
        var tokens = new CommonTokenStream(lexer);
        tokens.Fill();
        CheckNesting(tokens);
        if (_diagnostics.Count == 0)
        {
            var parser = new InterfaceFileParser(tokens) { BuildParseTree = true };
            parser.RemoveErrorListeners();
            parser.AddErrorListener(new SyntaxErrors(this));
            var root = parser.root();
            if (_diagnostics.Count == 0)
                Collect(root, stream);
        }
        return _diagnostics.Count == 0
            ? new InterfaceFile(file, _name!, _includes, _headers, _code, _methods)
            : throw new BadInterfaceException(_diagnostics);
    }

    private void CheckNesting(CommonTokenStream tokens)
    {
        int depth = 0;
        foreach (var token in tokens.GetTokens())
        {
            depth += token.Text switch { "{" => 1, "}" => -1, _ => 0 };
            if (depth <= MaximumNesting)
                continue;
            Report(token, $"more than {MaximumNesting} levels of braces");
            return;
        }
    }

    private void Collect(InterfaceFileParser.RootContext root, AntlrInputStream stream)
    {
        foreach (var item in root.item())
        {
            switch (item)
            {
                case InterfaceFileParser.LineContext line:
                    AddLine(line.HASH_LINE().GetText());
                    break;
                case InterfaceFileParser.InterfaceNameContext name:
                    if (_name is not null)
                        Report(name.Start, $"a file declares one interface, and {_name} was declared already");
                    _name = name.ID().GetText();
                    break;
                case InterfaceFileParser.TextContext section:
                    AddText(section, stream);
                    break;
                case InterfaceFileParser.MethodContext method:
                    AddMethod(method);
                    break;
            }
        }
        if (_name is null)
            Report(root.Stop ?? root.Start, "no interface is declared; begin with INTERFACE name;");
        else if ((_prologs.Count > 0 || _epilogs.Count > 0) && _diagnostics.Count == 0)
            Report(root.Stop, "PROLOG and EPILOG belong to the method behind them, and none follows");
    }

    private void AddLine(string line)
    {
        // Any other line with a hash is a comment.
        if (line[1..].TrimStart().StartsWith("include", StringComparison.Ordinal))
            _includes.Add(line.TrimEnd());
    }

    private void AddText(InterfaceFileParser.TextContext section, AntlrInputStream stream)
    {
        var block = section.block();
        string text = stream.GetText(new Interval(block.Start.StopIndex + 1, block.Stop.StartIndex - 1));
        var target = section.section.Text switch
        {
            "CODE" => _code,
            "HEADER" => _headers,
            "PROLOG" => _prologs,
            _ => _epilogs,
        };
        target.Add(new SourceText(block.Start.Line, text));
    }

    private void AddMethod(InterfaceFileParser.MethodContext method)
    {
        string name = method.name.Text;
        if (_name is null)
            Report(method.Start, $"method {name} belongs to no interface; write INTERFACE name; before it");
        if (_methods.Exists(m => m.Name == name))
            Report(method.name, $"method {name} is declared twice");
        var parameters = method.parameter().Where(p => p.name is not null).Select(p => new MethodParameter(TypeOf(p.words()), p.name.Text)).ToList();
        if (parameters.Count == 0)
            Report(method.name, $"method {name} has no parameter to find its function by; the first is the {(method.isStatic is null ? "object" : "class")}");
        if (parameters.CountBy(p => p.Name).FirstOrDefault(p => p.Value > 1).Key is { } twice)
            Report(method.name, $"method {name} has parameter {twice} twice");
        _methods.Add(new InterfaceMethod(
            method.Start.Line, method.isStatic is not null, TypeOf(method.words()), name, parameters, method.fallback?.Text, [.. _prologs], [.. _epilogs]));
        _prologs.Clear();
        _epilogs.Clear();
    }

    private static string TypeOf(InterfaceFileParser.WordsContext words) =>
        string.Join(' ', Enumerable.Range(0, words.ChildCount).Select(i => words.GetChild(i).GetText()));

    private void Report(IToken token, string message) => _diagnostics.Add(new InterfaceDiagnostic(file, token.Line, token.Column + 1, message));

    private sealed class SyntaxErrors(InterfaceReader reader) : BaseErrorListener
    {
        public override void SyntaxError(
            TextWriter output, IRecognizer recognizer, IToken offendingSymbol, int line, int charPositionInLine, string msg, RecognitionException e)
        {
            var parser = (Parser)recognizer;
            var expected = parser.GetExpectedTokens().ToArray().Select(type => Name(type, parser.Vocabulary)).Where(n => n.Length > 0).Distinct().ToList();
            string found = offendingSymbol.Type == TokenConstants.EOF ? "the end of the file" : $"'{offendingSymbol.Text}'";
            reader.Report(offendingSymbol, $"{found} is not expected here{(expected.Count is > 0 and <= 9 ? $"; expected {string.Join(", ", expected)}" : "")}");
        }

        private static string Name(int type, IVocabulary vocabulary) => type switch
        {
            TokenConstants.EOF => "the end of the file",
            InterfaceFileLexer.ID => "a name",
            InterfaceFileLexer.HASH_LINE => "",
            _ => vocabulary.GetLiteralName(type) ?? "",
        };
    }
}
