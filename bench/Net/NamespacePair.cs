using Nddf.Links;

namespace Bench;

/// <summary>Two network namespaces of the host, each with one interface and an address of one network. They go with this object, whatever happened.</summary>
internal sealed class NamespacePair : IDisposable
{
    private const string PrefixLength = "/24";

    private readonly List<string> _made = [];

    internal NamespacePair()
    {
        HostTool.Need("ip", "iproute2");
        HostTool.Need("ping", "iputils-ping");
        HostTool.Need("iperf3", "iperf3");
        Near = $"dde-near-{Environment.ProcessId}";
        Far = $"dde-far-{Environment.ProcessId}";
        try
        {
            foreach (string name in new[] { Near, Far })
            {
                HostTool.Run("ip", "netns", "add", name);
                _made.Add(name);
                // Nothing but what is measured shall be on the wire.
                HostTool.Run("ip", "netns", "exec", name, "sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The name of the one.</summary>
    internal string Near { get; }

    /// <summary>The name of the other.</summary>
    internal string Far { get; }

    /// <summary>The address of the interface in <see cref="Far"/>: from a block for benchmarks (RFC 2544, section C.2.2).</summary>
    internal static string FarAddress => "198.18.77.2";

    private static string NearAddress => "198.18.77.1";

    /// <summary>Moves two interfaces in, gives them their addresses and switches them on.</summary>
    internal void Connect(string nearInterface, string farInterface)
    {
        foreach (var (name, device, address) in new[] { (Near, nearInterface, NearAddress), (Far, farInterface, FarAddress) })
        {
            HostTool.Run("ip", "link", "set", device, "netns", name);
            HostTool.Run("ip", "-n", name, "address", "add", address + PrefixLength, "dev", device);
            HostTool.Run("ip", "-n", name, "link", "set", device, "up");
        }
    }

    /// <summary>The same for two TAP interfaces.</summary>
    internal void Connect(TapLink near, TapLink far) => Connect(near.Name["tap:".Length..], far.Name["tap:".Length..]);

    /// <summary>Removes the namespaces and all that is in them.</summary>
    public void Dispose()
    {
        foreach (string name in _made)
        {
            using var process = HostTool.Start("ip", "netns", "delete", name);
            process.WaitForExit();
        }
        _made.Clear();
    }
}
