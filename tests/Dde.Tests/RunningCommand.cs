using System.Diagnostics;
using RootTask;

namespace Dde.Tests;

/// <summary>A command that stays until it is told to end.</summary>
internal sealed class RunningCommand(Process process) : IDisposable
{
    private readonly List<string> _output = [];
    private readonly List<string> _errors = [];

    internal int Id => process.Id;

    /// <summary>Waits until the command has printed a text.</summary>
    internal void WaitForOutput(string text) => WaitFor(process.StandardOutput, _output, text);

    /// <summary>Waits until the command has written a text to standard error.</summary>
    internal void WaitForError(string text) => WaitFor(process.StandardError, _errors, text);

    /// <summary>Asks it to end, and waits until it did.</summary>
    internal CommandResult Terminate()
    {
        HostCommand.Run("sh", "-c", $"kill -TERM {process.Id}").ShouldBe(0);
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new((ExitCode)process.ExitCode, string.Concat(_output) + output, string.Concat(_errors) + errors.GetAwaiter().GetResult());
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.Dispose();
    }

    private void WaitFor(StreamReader reader, List<string> lines, string text)
    {
        while (!lines.Exists(line => line.Contains(text, StringComparison.Ordinal)))
            lines.Add((reader.ReadLine() ?? throw new InvalidOperationException($"ended without '{text}': {string.Concat(_output)}{string.Concat(_errors)}")) + "\n");
    }
}

/// <summary>Tools of the host.</summary>
internal static class HostCommand
{
    /// <summary>Runs one in silence; the result is its exit code.</summary>
    internal static int Run(string name, params string[] arguments) => Run(name, arguments, out _);

    /// <summary>The same with what it printed.</summary>
    internal static int Run(string name, string[] arguments, out string output)
    {
        using var process = Process.Start(new ProcessStartInfo(name, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        errors.GetAwaiter().GetResult();
        return process.ExitCode;
    }
}
