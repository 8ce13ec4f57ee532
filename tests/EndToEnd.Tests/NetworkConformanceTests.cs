using L4;
using Nddf;
using Nddf.Testing;
using Ports;
using RootTask;

namespace EndToEnd.Tests;

/// <summary>What every network driver has to do, done by Debian's e1000 at both ends of a wire, in virtual time.</summary>
public sealed class E1000ConformanceTests() : NicConformance(new NetworkBed("linux-e1000", "linux-e1000"));

/// <summary>The same with sites as they are: each access to a card traps.</summary>
public sealed class TrappedE1000ConformanceTests() : NicConformance(new NetworkBed("linux-e1000", "linux-e1000", patchesSites: false));

/// <summary>The same with the cards and each driver in a process of its own, in real time.</summary>
public sealed class IsolatedE1000ConformanceTests() : NicConformance(new NetworkBed("linux-e1000", "linux-e1000", isolation: Isolation.Process));

/// <summary>The same by Debian's 8139too, whose card has one buffer and four slots, with e1000 at the other end.</summary>
public sealed class Rtl8139ConformanceTests() : NicConformance(new NetworkBed("linux-8139too", "linux-e1000"));

/// <summary>The same with sites as they are.</summary>
public sealed class TrappedRtl8139ConformanceTests() : NicConformance(new NetworkBed("linux-8139too", "linux-e1000", patchesSites: false));

/// <summary>The same by Debian's 8139cp, whose card has rings, with 8139too at the other end.</summary>
public sealed class Rtl8139CPlusConformanceTests() : NicConformance(new NetworkBed("linux-8139cp", "linux-8139too"));

/// <summary>The same with sites as they are.</summary>
public sealed class TrappedRtl8139CPlusConformanceTests() : NicConformance(new NetworkBed("linux-8139cp", "linux-8139too", patchesSites: false));

/// <summary>The same by Debian's ne2k-pci, whose card moves every frame through a port, with e1000 at the other end.</summary>
public sealed class Ne2kPciConformanceTests() : NicConformance(new NetworkBed("linux-ne2k-pci", "linux-e1000"));

/// <summary>The same with sites as they are.</summary>
public sealed class TrappedNe2kPciConformanceTests() : NicConformance(new NetworkBed("linux-ne2k-pci", "linux-e1000", patchesSites: false));

/// <summary>Two emulated cards with a wire between them, each with a driver domain of its own.</summary>
internal sealed class NetworkBed : INicTestBed
{
    private readonly DdeSystem _system;

    internal NetworkBed(string near, string far, bool patchesSites = true, Isolation isolation = Isolation.None)
    {
        var machine = NetworkMachine.WithWire(PortCatalog.Default.Open(near), PortCatalog.Default.Open(far), out _);
        _system = DdeSystem.Start(new SystemOptions
        {
            Ports = [.. new[] { near, far }.Distinct()],
            Machine = machine,
            PatchesSites = patchesSites,
            Isolation = isolation,
            Clock = isolation == Isolation.None ? new VirtualClock() : new RealClock(),
        });
    }

    public L4Task Client => _system.Client;

    public Capability Server => _system.NicServer;

    internal long Now => _system.Clock.Now;

    internal IReadOnlyList<string> Events => [.. _system.Events.Recent.Select(e => e.Kind)];

    public string NearNic => "nic0";

    public string FarNic => "nic1";

    internal NicStatistics Statistics(string nic) => new NicServerProxy(Client, Server).ReadStatistics(nic);

    public void Dispose() => _system.Dispose();
}
