using System.CommandLine;
using RootTask;
using SystemRdl;

namespace Dde;

/// <summary><c>dde registers</c>: compiles register descriptions and writes what is made of one, or what is wrong with each.</summary>
internal static class RegistersCommand
{
    private static readonly Dictionary<string, Func<Compilation, string, string>> s_outputs = new()
    {
        ["c"] = (compilation, source) => CHeader.Write(compilation.Maps, source),
        ["markdown"] = (compilation, _) => MarkdownPage.Write(compilation.Maps),
        ["json"] = (compilation, _) => JsonModel.Write(compilation.Maps),
    };

    internal static Command Create()
    {
        var files = new Argument<FileInfo[]>("FILE")
        {
            Description = "A description in SystemRDL 2.0; several with --check.",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new Option<string>("--to")
        {
            Description = "c: a header with constants and inline accessors; markdown: a data sheet's page; json: the model for other tools.",
            HelpName = string.Join('|', s_outputs.Keys),
        };
        var check = new Option<bool>("--check")
        {
            Description = "Only say for each FILE, in one line, whether it compiles; diagnostics go to standard error.",
        };
        var perl = new Option<bool>("--perl")
        {
            Description = "Run the Perl that a description embeds (<% %>). It can do whatever you can: use it with descriptions you trust.",
        };
        output.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !s_outputs.ContainsKey(token.Value))
                result.AddError($"--to takes {string.Join(", ", s_outputs.Keys)}, not '{token.Value}'");
        });
        var command = new Command(
            "registers",
            "Compiles a register description (docs/registers.md) and writes to standard output what is made of it. "
            + $"Exit code {(int)ExitCode.Usage} when a description is in error. Example: dde registers uart.rdl --to c > uart.h")
        { files, output, check, perl };
        command.Validators.Add(result =>
        {
            var isCheck = result.GetValue(check);
            if (isCheck == result.GetResult(output) is not null)
                result.AddError($"give either --to {string.Join('|', s_outputs.Keys)} or --check");
            else if (!isCheck && result.GetResult(files) is { Tokens.Count: > 1 })
                result.AddError("--to takes one FILE; --check takes several");
        });
        command.SetAction(parsed =>
        {
            PerlInterpreter? interpreter = parsed.GetValue(perl) ? Perl.Run : null;
            return (int)(parsed.GetValue(check)
                ? Check(parsed.GetValue(files)!, interpreter)
                : Write(parsed.GetValue(files)![0], s_outputs[parsed.GetValue(output)!], interpreter));
        });
        return command;
    }

    private static ExitCode Write(FileInfo file, Func<Compilation, string, string> write, PerlInterpreter? perl)
    {
        if (Compile(file, perl) is not { } compilation)
            return ExitCode.Usage;
        Report(compilation);
        if (!compilation.Succeeded)
            return ExitCode.Usage;
        Console.Write(write(compilation, file.Name));
        return ExitCode.Ok;
    }

    private static ExitCode Check(FileInfo[] files, PerlInterpreter? perl)
    {
        var failed = 0;
        foreach (var file in files)
        {
            var compilation = Compile(file, perl);
            var errors = compilation?.Diagnostics.Count(d => d.Severity == Severity.Error) ?? 1;
            // A file that others include defines things and holds no map.
            var isLibrary = compilation is { Diagnostics: [{ Code: DiagnosticCode.NoAddressMap }] };
            if (errors > 0 && !isLibrary)
                failed++;
            if (compilation is not null && !isLibrary)
                Report(compilation);
            Console.WriteLine($"{file}: " + (isLibrary ? "ok, definitions only" : errors == 0 ? "ok" : errors == 1 ? "1 error" : $"{errors} errors"));
        }

        Console.WriteLine($"{files.Length - failed} of {files.Length} compile");
        return failed == 0 ? ExitCode.Ok : ExitCode.Usage;
    }

    private static void Report(Compilation compilation)
    {
        foreach (var diagnostic in compilation.Diagnostics)
            Console.Error.WriteLine(diagnostic);
    }

    /// <summary>Null, after a line that says so, when the file cannot be read.</summary>
    private static Compilation? Compile(FileInfo file, PerlInterpreter? perl)
    {
        // The path as it was typed: diagnostics show it, and editors jump to it.
        if (Read(file.ToString()) is not { } source)
        {
            Console.Error.WriteLine($"dde: {file}: no such file, or it cannot be read");
            return null;
        }

        var compilation = Compiler.Compile(source, Include, perl: perl);
        return compilation;
    }

    private static SourceText? Include(string name, string includingPath) =>
        Read(Path.Combine(Path.GetDirectoryName(includingPath) ?? "", name));

    private static SourceText? Read(string path)
    {
        try
        {
            return new SourceText(path, File.ReadAllText(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
