using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Bench;

/// <summary>The C program that the substrate is measured beside, compiled when it is needed.</summary>
internal sealed class PingPong : IDisposable
{
    private const string Source = "ping-pong.c";

    private static readonly string[] s_compilers = ["cc", "gcc", "clang"];

    private readonly string _folder;

    private PingPong(string folder) => _folder = folder;

    private string Program => Path.Combine(_folder, "ping-pong");

    /// <summary>Compiles it with whatever C compiler there is.</summary>
    /// <param name="missing">Why there is none, in one line; null when there is.</param>
    internal static PingPong? TryCompile(out string? missing)
    {
        var program = new PingPong(Directory.CreateTempSubdirectory("dde-bench-").FullName);
        string source = Path.Combine(program._folder, Source);
        using (var text = typeof(PingPong).Assembly.GetManifestResourceStream(Source)!)
        using (var file = File.Create(source))
            text.CopyTo(file);
        foreach (string compiler in s_compilers)
        {
            if (Start(compiler, ["-O2", "-o", program.Program, source]) is not { } result)
                continue;
            missing = result.ExitCode == 0 ? null : $"{compiler} does not compile the C program: {result.Output.ReplaceLineEndings(" ")}";
            if (missing is null)
                return program;
            break;
        }
        program.Dispose();
        missing = $"no C compiler ({string.Join(", ", s_compilers)}) that works: the C program's figures are left out";
        return null;
    }

    /// <summary>Runs it: the three percentiles in nanoseconds.</summary>
    internal long[] Run(string mode, int rounds)
    {
        var (code, output) = Start(Program, [mode, rounds.ToString(CultureInfo.InvariantCulture)])!.Value;
        return code == 0
            ? [.. output.Split(' ', StringSplitOptions.TrimEntries).Select(number => long.Parse(number, CultureInfo.InvariantCulture))]
            : throw new InvalidOperationException($"The C program ended with exit code {code}.");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static (int ExitCode, string Output)? Start(string program, string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
