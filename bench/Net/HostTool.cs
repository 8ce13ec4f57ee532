using System.Diagnostics;
using System.Runtime.InteropServices;
using RootTask;

namespace Bench;

/// <summary>Tools of the host, run as processes.</summary>
internal static class HostTool
{
    private static readonly PosixSignal[] s_ends = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];
    private static readonly CancellationTokenSource s_stopped = new();

    /// <summary>Until the result is disposed, a signal to end stops the tool that runs and every other that would be run: whoever set something up takes it
    /// down again on the way out.</summary>
    internal static IDisposable StopAtSignals() => new Registrations([.. s_ends.Select(end => PosixSignalRegistration.Create(end, context =>
    {
        context.Cancel = true;
        s_stopped.Cancel();
    }))]);

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
    /// <exception cref="SystemStartException">It failed; the message has what it said. Or a signal came.</exception>
    internal static string Run(params string[] command)
    {
        CheckStopped();
        using var process = Start(command);
        using var stopped = s_stopped.Token.Register(process.Kill);
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        CheckStopped();
        if (process.ExitCode == 0)
            return output;
        string said = $"{errors.Result} {output}".ReplaceLineEndings(" ").Trim();
        throw new SystemStartException(said.Contains("not permitted", StringComparison.Ordinal) ? ExitCode.Refused : ExitCode.InputOutput,
            $"{string.Join(' ', command)} failed with exit code {process.ExitCode}: {said[..Math.Min(said.Length, 300)]}");
    }

    private static void CheckStopped()
    {
        if (s_stopped.IsCancellationRequested)
            throw new SystemStartException(ExitCode.Canceled, "stopped");
    }

    private sealed class Registrations(IReadOnlyList<IDisposable> registrations) : IDisposable
    {
        public void Dispose()
        {
            foreach (var registration in registrations)
                registration.Dispose();
        }
    }
}
