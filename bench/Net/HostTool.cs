using System.Diagnostics;
using RootTask;

namespace Bench;

/// <summary>Tools of the host, run as processes.</summary>
internal static class HostTool
{
    /// <summary>Fails when a tool is not installed.</summary>
    /// <exception cref="SystemStartException"><see cref="ExitCode.MissingPrerequisite"/>.</exception>
    internal static void Need(string tool, string package)
    {
        if (!(Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin").Split(':').Any(folder => File.Exists(Path.Combine(folder, tool))))
            throw new SystemStartException(ExitCode.MissingPrerequisite, $"{tool} is missing; install it with: sudo apt-get install {package}");
    }

    /// <summary>Starts a tool. Its output is to be read, or its pipe may fill.</summary>
    internal static Process Start(params string[] command) =>
        Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    /// <summary>Runs a tool to its end.</summary>
    /// <returns>What it printed.</returns>
    /// <exception cref="SystemStartException">It failed; the message has what it said.</exception>
    internal static string Run(params string[] command)
    {
        using var process = Start(command);
        return End(process, command);
    }

    /// <summary>Waits for a tool's end.</summary>
    /// <returns>What it printed.</returns>
    /// <exception cref="SystemStartException">It failed; the message has what it said.</exception>
    internal static string End(Process process, string[] command)
    {
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode == 0)
            return output;
        string said = $"{errors.Result} {output}".ReplaceLineEndings(" ").Trim();
        throw new SystemStartException(said.Contains("not permitted", StringComparison.Ordinal) ? ExitCode.Refused : ExitCode.InputOutput,
            $"{string.Join(' ', command)} failed with exit code {process.ExitCode}: {said[..Math.Min(said.Length, 300)]}");
    }
}
