using System.CommandLine;
using RootTask;
using SystemRdl;

namespace Dde;

/// <summary><c>dde registers</c>: compiles a register description and writes what is made of it.</summary>
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
        var file = new Argument<FileInfo>("FILE") { Description = "A description in SystemRDL 2.0." };
        var output = new Option<string>("--to")
        {
            Description = "c: a header with constants and inline accessors; markdown: a data sheet's page; json: the model for other tools.",
            HelpName = string.Join('|', s_outputs.Keys),
            Required = true,
        };
        output.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !s_outputs.ContainsKey(token.Value))
                result.AddError($"--to takes {string.Join(", ", s_outputs.Keys)}, not '{token.Value}'");
        });
        var command = new Command(
            "registers",
            "Compiles a register description (docs/registers.md) and writes to standard output what is made of it. "
            + $"Exit code {(int)ExitCode.Usage} when the description is in error. Example: dde registers uart.rdl --to c > uart.h")
        { file, output };
        command.SetAction(parsed => (int)Run(parsed.GetValue(file)!, s_outputs[parsed.GetValue(output)!]));
        return command;
    }

    private static ExitCode Run(FileInfo file, Func<Compilation, string, string> write)
    {
        // The path as it was typed: diagnostics show it, and editors jump to it.
        if (Read(file.ToString()) is not { } source)
        {
            Console.Error.WriteLine($"dde: {file}: no such file, or it cannot be read");
            return ExitCode.Usage;
        }

        var compilation = Compiler.Compile(source, Include);
        foreach (var diagnostic in compilation.Diagnostics)
            Console.Error.WriteLine(diagnostic);
        if (!compilation.Succeeded)
            return ExitCode.Usage;
        Console.Write(write(compilation, file.Name));
        return ExitCode.Ok;
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
