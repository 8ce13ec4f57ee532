using DdeLinux.Packs;

namespace EndToEnd.Tests;

/// <summary>A test that needs a kernel pack and some tools of the host; skipped with the reason where one is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ToolFactAttribute : FactAttribute
{
    public ToolFactAttribute(params string[] tools)
    {
        var missing = tools.Where(t => Host.FindTool(t) is null).ToList();
        if (missing.Count > 0)
            Skip = $"not installed here: {string.Join(", ", missing)}";
        else if (KernelPackStore.Default.Enumerate().Count == 0)
            Skip = "no kernel pack: run ./dde kernel fetch";
    }
}
