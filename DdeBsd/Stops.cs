namespace DdeBsd;

/// <summary>
/// Imports that are known but not supplied. A module may import them; calling one ends the domain with its name, the reason, and who called.
/// </summary>
public static class Stops
{
    private const string NoProcesses = "there are no processes whose memory it could reach";
    private const string NotYet = "no supported port calls it yet";

    /// <summary>Names and reasons.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["biowait"] = "nobody but the shim makes requests",
        ["bus_dmamap_load_mbuf"] = NotYet,
        ["bus_dmamap_load_mbuf_sg"] = NotYet,
        ["copyin"] = NoProcesses,
        ["copyinstr"] = NoProcesses,
        ["copyout"] = NoProcesses,
        ["sscanf"] = NotYet,
        ["sysctl_handle_int"] = "nobody reads or writes such variables",
        ["sysctl_handle_long"] = "nobody reads or writes such variables",
        ["sysctl_handle_string"] = "nobody reads or writes such variables",
        ["uprintf"] = "there is no terminal to print on",
    };
}
