namespace DdeLinux.Packs;

/// <summary>The system that this process runs on.</summary>
internal static class HostSystem
{
    private const string Description = "/etc/os-release";

    /// <summary>The distribution's name as os-release(5) gives it.</summary>
    internal static string Name => (File.Exists(Description) ? File.ReadLines(Description) : [])
        .FirstOrDefault(line => line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))?["PRETTY_NAME=".Length..].Trim('"') ?? "unknown";
}
