using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;

namespace EndToEnd.Tests;

/// <summary>The host's tools and the programs under test, run as processes.</summary>
internal static class Host
{
    internal sealed record Result(int ExitCode, string Output, string Error)
    {
        internal JsonElement Json => JsonDocument.Parse(Output).RootElement;
    }

    /// <summary>Finds a program; partition tools live in sbin, which an ordinary user's path may lack.</summary>
    internal static string? FindTool(string name) =>
        (Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin").Split(':').Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Runs a tool of the host and fails the test when it fails.</summary>
    internal static Result Tool(string name, string? input, params string[] arguments)
    {
        var result = Run(FindTool(name)!, input, null, arguments);
        result.ExitCode.ShouldBe(0, $"{name} {string.Join(' ', arguments)}: {result.Error}");
        return result;
    }

    /// <summary>Runs a tool of the host in a folder.</summary>
    internal static void ToolIn(string folder, string name, params string[] arguments)
    {
        var result = Run(FindTool(name)!, null, null, arguments, folder);
        result.ExitCode.ShouldBe(0, $"{name} {string.Join(' ', arguments)}: {result.Error}");
    }

    /// <summary>Runs dsweeper as a user would.</summary>
    internal static Result Sweeper(params string[] arguments) => Run(Program("dsweeper"), "", null, arguments);

    /// <summary>Runs dsweeper with another cache folder, and so with other kernel packs.</summary>
    internal static Result SweeperWithCache(string cache, params string[] arguments) => Run(Program("dsweeper"), "", cache, arguments);

    /// <summary>Runs dde as a user would.</summary>
    internal static Result Dde(params string[] arguments) => Run(Program("dde"), "", null, arguments);

    internal static string Sha256(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>The program that was built with this test: same configuration, its own output folder.</summary>
    private static string Program(string name)
    {
        string own = AppContext.BaseDirectory.TrimEnd('/');
        string configuration = Path.GetFileName(own);
        return Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(own))!, name, configuration, name);
    }

    private static Result Run(string program, string? input, string? cache, string[] arguments, string? folder = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = folder ?? "" };
        start.Environment.Remove("TERM");
        if (cache is not null)
            start.Environment["XDG_CACHE_HOME"] = cache;
        using var process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit(120_000).ShouldBeTrue($"{program} {string.Join(' ', arguments)} did not end");
        return new Result(process.ExitCode, output, error.Result);
    }
}
