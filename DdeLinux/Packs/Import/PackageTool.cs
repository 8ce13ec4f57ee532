using System.ComponentModel;
using System.Diagnostics;

namespace DdeLinux.Packs;

/// <summary>What a command of the package manager answered.</summary>
internal sealed record PackageToolResult(int ExitCode, string Output, string Errors)
{
    /// <summary>The last line that says what went wrong.</summary>
    internal string Problem => Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .LastOrDefault(line => line.StartsWith("E:", StringComparison.Ordinal)) ?? $"exit code {ExitCode}";
}

/// <summary>Runs apt's commands with output that can be read by a program.</summary>
internal static class PackageTool
{
    // How often progress is looked at while a command runs.
    private const int TickMilliseconds = 200;

    /// <summary>Runs to the end.</summary>
    /// <param name="folder">Working folder.</param>
    /// <param name="tick">Called some times a second meanwhile; may be null.</param>
    /// <param name="command">The program and its arguments.</param>
    /// <exception cref="PackException">The program is not there.</exception>
    internal static PackageToolResult Run(string folder, Action? tick, params ReadOnlySpan<string> command)
    {
        var start = new ProcessStartInfo(command[0], command[1..].ToArray())
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["LC_ALL"] = "C";
        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            while (!process.WaitForExit(TickMilliseconds))
                tick?.Invoke();
            return new(process.ExitCode, output.GetAwaiter().GetResult(), errors.GetAwaiter().GetResult());
        }
        catch (Win32Exception exception)
        {
            throw new PackException(PackError.MissingPrerequisite,
                $"{command[0]} is not there (no Debian system?): use `dde kernel import --running` or `dde kernel import --deb FILE`", exception);
        }
    }
}
