using L4;
using Nddf;
using Nddf.Links;
using Ports;
using RootTask;

namespace Bench;

/// <summary>What the demonstration saw between two drivers.</summary>
/// <param name="Near">The port on the near side.</param>
/// <param name="Far">The port on the far side.</param>
/// <param name="Traffic">What ping and iperf3 say.</param>
/// <param name="FramesLost">Frames that drivers, cards and links lost meanwhile; what a host's own queues drop before a link sees it is not in it.</param>
public sealed record NetDemoResult(string Near, string Far, Traffic Traffic, ulong FramesLost);

/// <summary>Two network namespaces, a TAP interface in each, and between them two driver domains on two emulated cards with a wire.</summary>
public static class NetDemo
{
    private const long LinkPatience = 20_000_000_000;

    /// <summary>Sets up, measures, and takes everything down again.</summary>
    /// <param name="near">The near driver's port.</param>
    /// <param name="far">The far driver's port.</param>
    /// <param name="time">How long iperf3 runs each way.</param>
    /// <param name="progress">Told what is being done.</param>
    /// <exception cref="SystemStartException">Something is missing, or the host does not permit it.</exception>
    public static NetDemoResult Run(string near, string far, TimeSpan time, Action<string> progress) => Run(near, far, time, progress, _ => { });

    /// <summary>As the other, with more to be done at the end.</summary>
    internal static NetDemoResult Run(string near, string far, TimeSpan time, Action<string> progress, Action<NamespacePair> more) =>
        InNamespaces((pair, nearTap, farTap) => Run(pair, (near, nearTap), (far, farTap), time, progress, more));

    /// <summary>Makes two namespaces and two TAP interfaces, which are still outside of them, and takes all of it down again.</summary>
    internal static T InNamespaces<T>(Func<NamespacePair, TapLink, TapLink, T> use)
    {
        try
        {
            using var signals = HostTool.StopAtSignals();
            using var pair = new NamespacePair();
            using var near = TapLink.Open($"ddenear{Environment.ProcessId % 100_000}");
            using var far = TapLink.Open($"ddefar{Environment.ProcessId % 100_000}");
            return use(pair, near, far);
        }
        catch (LinkException exception)
        {
            throw new SystemStartException(exception.IsDenied ? ExitCode.Refused : ExitCode.InputOutput, exception.Message, exception);
        }
    }

    private static NetDemoResult Run(NamespacePair pair, (string Port, TapLink Tap) near, (string Port, TapLink Tap) far, TimeSpan time, Action<string> progress,
        Action<NamespacePair> more)
    {
        var machine = NetworkMachine.WithWire(PortCatalog.Default.Open(near.Port), PortCatalog.Default.Open(far.Port), out _);
        string[] ports = [.. new[] { near.Port, far.Port }.Distinct()];
        using var system = DdeSystem.Start(new SystemOptions { Ports = ports, Machine = machine, Clock = NetworkMachine.CreateClock(), Client = "demo" }, progress);
        using var attached = system.Client.Enter();
        var nics = NicClient.List(system.Client, system.NicServer);
        if (nics.Length != 2)
            throw new SystemStartException(ExitCode.DriverGone, $"{near.Port} and {far.Port} brought {nics.Length} network cards instead of 2");
        foreach (var (nic, tap) in nics.Zip([near.Tap, far.Tap]))
        {
            tap.SetAddress(nic.Address);
            tap.BringUp(nic.Mtu);
            system.StartLink(nic.Name, tap, isPromiscuous: false);
        }
        WaitForLinks(system);
        pair.Connect(near.Tap, far.Tap);
        progress($"{near.Port} <-> {far.Port}");
        var server = new NicServerProxy(system.Client, system.NicServer);
        ulong lostBefore = Lost();
        var traffic = Traffic.Measure(pair, time, progress);
        ulong lost = Lost() - lostBefore;
        more(pair);
        return new NetDemoResult(near.Port, far.Port, traffic, lost);

        ulong Lost() => nics.Select(nic => server.ReadStatistics(nic.Name)).Aggregate(near.Tap.Lost + far.Tap.Lost,
            (sum, counted) => sum + counted.TransmitDropped + counted.ReceiveErrors + counted.ReceiveDropped);
    }

    private static void WaitForLinks(DdeSystem system)
    {
        var pause = system.Client.Open<Notification>(system.Client.CreateNotification());
        long deadline = system.Clock.Now + LinkPatience;
        while (NicClient.List(system.Client, system.NicServer).FirstOrDefault(nic => !nic.IsLinkUp) is { } down)
        {
            if (system.Clock.Now > deadline)
                throw new SystemStartException(ExitCode.DriverGone, $"the link of {down.Name} does not come up: {down.Gone ?? down.Driver}");
            pause.Wait(system.Clock.Now + 20_000_000);
        }
    }
}
