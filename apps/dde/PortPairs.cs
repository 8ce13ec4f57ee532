using System.CommandLine;
using RootTask;

namespace Dde;

/// <summary>Pairs of network ports on a command line.</summary>
internal static class PortPairs
{
    private static readonly string[] s_default = ["linux-e1000,linux-8139too", "linux-ne2k-pci,linux-e1000"];

    internal static Option<string[]> Option() => new("--pair")
    {
        Description = $"Two network ports with a comma between; several times for several pairs. Else {string.Join(" and ", s_default)}.",
        HelpName = "PORT,PORT",
    };

    /// <exception cref="SystemStartException">One is no pair.</exception>
    internal static IReadOnlyList<(string Near, string Far)> Read(string[]? texts) => [.. (texts is { Length: > 0 } ? texts : s_default).Select(text =>
        text.Split(',') is [var near, var far] ? (near, far) : throw new SystemStartException(ExitCode.Usage, $"--pair takes two ports with a comma between, not '{text}'"))];
}
