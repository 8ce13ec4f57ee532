using DdeLinux.Packs.Tests;
using Nddf.Links;

namespace Dde.Tests;

/// <summary>A test that needs network namespaces, TAP interfaces, the tools that use them, and a kernel pack.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NamespaceFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> s_problem = new(FindProblem);

    /// <param name="tools">What else it needs.</param>
    public NamespaceFactAttribute(params string[] tools) => Skip = new KernelPackFactAttribute().Skip ?? s_problem.Value ?? Missing(tools);

    private static string? FindProblem()
    {
        if (Missing("ip", "ping", "iperf3") is { } missing)
            return missing;
        try
        {
            TapLink.Open($"ddecan{Environment.ProcessId % 100_000}").Dispose();
        }
        catch (LinkException exception)
        {
            return exception.Message;
        }
        string name = $"dde-can-{Environment.ProcessId}";
        string? problem = HostCommand.Run("ip", "netns", "add", name) == 0 ? null : "network namespaces are not permitted here";
        HostCommand.Run("ip", "netns", "delete", name);
        return problem;
    }

    private static string? Missing(params string[] tools)
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin").Split(':');
        return Array.Find(tools, tool => !Array.Exists(folders, folder => File.Exists(Path.Combine(folder, tool)))) is { } missing ? $"not installed here: {missing}" : null;
    }
}
