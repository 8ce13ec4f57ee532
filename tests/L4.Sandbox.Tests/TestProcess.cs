namespace L4.Sandbox.Tests;

/// <summary>This assembly as a child process.</summary>
internal static class TestProcess
{
    /// <summary>Where it is, with all that it needs.</summary>
    internal static string Folder { get; } = AppContext.BaseDirectory;

    internal static ProcessStart Create(params string[] arguments) =>
        ProcessStart.Dotnet(Path.Combine(Folder, "L4.Sandbox.Tests.dll"), arguments, heapBytes: 64 << 20);

    internal static FileGrants Grants { get; } = FileGrants.ForDotnet(Folder);

    internal static ProcessStart Confined(params string[] arguments) => Create(arguments) with { Files = Grants };

    internal static ProcessExit Run(params string[] arguments) => Run(Create(arguments));

    internal static ProcessExit Run(ProcessStart start)
    {
        using var child = ChildProcess.Start(start);
        return child.Wait(TimeSpan.FromSeconds(60)) ?? throw new TimeoutException($"'{string.Join(' ', start.Arguments)}' did not end");
    }
}
