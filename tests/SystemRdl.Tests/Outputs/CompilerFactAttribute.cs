using System.Diagnostics;

namespace SystemRdl.Tests;

/// <summary>A test that needs a C compiler.</summary>
public sealed class CompilerFactAttribute : FactAttribute
{
    private const string Compiler = "cc";

    public CompilerFactAttribute()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        if (!folders.Any(f => File.Exists(Path.Combine(f, Compiler))))
            Skip = "no C compiler (cc) is installed";
    }

    /// <summary>Compiles a C99 program without any warning and runs it.</summary>
    /// <returns>Its exit code.</returns>
    public static int Run(string program)
    {
        var folder = Directory.CreateTempSubdirectory("registers-test-");
        try
        {
            var source = Path.Combine(folder.FullName, "program.c");
            var image = Path.Combine(folder.FullName, "program");
            File.WriteAllText(source, program);
            Execute(Compiler, "-std=c99", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function", "-o", image, source).ShouldBe((0, ""));
            return Execute(image).Code;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static (int Code, string Errors) Execute(string name, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(name, arguments) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, errors);
    }
}
