using Nddf.Links;

namespace Nddf.Tests.Links;

/// <summary>A test that needs a tool of the host.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ToolFactAttribute : FactAttribute
{
    public ToolFactAttribute(string tool)
    {
        if (!(Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin").Split(':').Any(folder => File.Exists(Path.Combine(folder, tool))))
            Skip = $"not installed here: {tool}";
    }
}

/// <summary>A test that needs TAP interfaces.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TapFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> s_problem = new(() =>
    {
        try
        {
            TapLink.Open($"ddeprobe{Environment.ProcessId % 100000}").Dispose();
            return null;
        }
        catch (LinkException exception)
        {
            return exception.Message;
        }
    });

    public TapFactAttribute() => Skip = s_problem.Value;
}
