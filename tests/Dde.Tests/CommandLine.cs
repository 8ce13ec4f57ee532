using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json;
using RootTask;

[assembly: SupportedOSPlatform("linux")]

namespace Dde.Tests;

/// <summary>What one run of <c>dde</c> gave.</summary>
internal sealed record CommandResult(ExitCode Code, string Output, string Errors)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;
}

/// <summary>Runs <c>dde</c> as a process of its own, with a cache of its own and tools of the test's choice.</summary>
internal sealed class CommandLine : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dde-test-").FullName;

    /// <summary>Searched for programs before the system's; when <see cref="OnlyOwnTools"/>, nothing else is.</summary>
    public string Tools => Directory.CreateDirectory(Path.Combine(_folder, "tools")).FullName;

    public string Cache => Path.Combine(_folder, "cache");

    public bool OnlyOwnTools { get; init; }

    /// <summary>Use the packs of this user instead of an empty cache.</summary>
    public bool OwnCache { get; init; } = true;

    /// <summary>Whether running systems are looked for in a folder of the test's own.</summary>
    public bool OwnRuntime { get; init; }

    public CommandResult Run(params ReadOnlySpan<string> arguments) => Finish(Start([], arguments));

    /// <summary>Runs it as another program's child, which takes something from it.</summary>
    public CommandResult RunUnder(string[] launcher, params ReadOnlySpan<string> arguments) => Finish(Start(launcher, arguments));

    /// <summary>Starts it and leaves it running.</summary>
    public RunningCommand Begin(params ReadOnlySpan<string> arguments) => new(Start([], arguments));

    private Process Start(string[] launcher, ReadOnlySpan<string> arguments)
    {
        string[] command = [.. launcher, Environment.ProcessPath!, Path.Combine(AppContext.BaseDirectory, "dde.dll"), .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (OwnCache)
            start.Environment["XDG_CACHE_HOME"] = Cache;
        start.Environment["PATH"] = OnlyOwnTools ? Tools : $"{Tools}:{Environment.GetEnvironmentVariable("PATH")}";
        if (OwnRuntime)
            start.Environment["XDG_RUNTIME_DIR"] = _folder;
        return Process.Start(start)!;
    }

    private static CommandResult Finish(Process started)
    {
        using var process = started;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new((ExitCode)process.ExitCode, output, errors.GetAwaiter().GetResult());
    }

    /// <summary>A file of the test's own folder.</summary>
    public string PathOf(string name) => Path.Combine(_folder, name);

    public string Write(string name, byte[] contents)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, contents);
        return path;
    }

    public string Read(string name) => File.Exists(Path.Combine(_folder, name)) ? File.ReadAllText(Path.Combine(_folder, name)) : "";

    public void WriteTool(string name, string script)
    {
        var path = Path.Combine(Tools, name);
        File.WriteAllText(path, $"#!/bin/sh\ncd '{_folder}'\n{script.ReplaceLineEndings("\n")}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
