using L4;
using Nddf;
using Nddf.Links;
using Ports;

namespace RootTask;

/// <summary>The network part of a system: Nddf in a task of its own, the network drivers behind it, and the tasks that join cards to links.</summary>
internal sealed class NetworkRole
{
    private readonly L4System _system;
    private readonly NicAdminProxy _admin;

    private NetworkRole(L4System system, NicAdminProxy admin)
    {
        _system = system;
        _admin = admin;
    }

    /// <summary>The drivers' gates of <see cref="IDriverStatistics"/>, capabilities of the client.</summary>
    internal List<Capability> Statistics { get; } = [];

    /// <summary>Starts the framework and the drivers, and waits until they have probed.</summary>
    internal static NetworkRole Start(L4System system, DriverTasks drivers, L4Task client)
    {
        var task = system.CreateTask("nddf");
        var role = new NetworkRole(system, new NicAdminProxy(system.Root, task.GiveTo(system.Root, NetworkFramework.Start(task))));
        // All probe at the same time; the cards are numbered in the order of the bus.
        var started = drivers.Make(DeviceClass.Network).Select(driver => (Driver: driver, Gates: LinuxNetworkDriver.Start(driver.Task, driver.Start))).ToList();
        foreach (var (driver, gates) in started)
        {
            role.Statistics.Add(driver.Task.GiveTo(client, gates.Statistics));
            role._admin.AddDriver(driver.Name, driver.Task.GiveTo(system.Root, gates.NicDriver));
        }
        return role;
    }

    /// <summary>A gate of <see cref="INicServer"/> for a client, a capability of its own.</summary>
    internal Capability CreateClient(L4Task client, NicRights ceiling) => _system.Root.GiveTo(client, _admin.CreateClient(client.Name, ceiling));

    /// <summary>Joins a card to a link, in a task that may send and receive on it and nothing else.</summary>
    /// <returns>The task; it ends when the link or the card does.</returns>
    internal L4Task StartLink(string nic, ILink link, bool isPromiscuous)
    {
        var task = _system.CreateTask($"{nic}={link.Name}");
        var rights = isPromiscuous ? NicRights.All : NicRights.Receive | NicRights.Transmit;
        SessionLink.Start(task, CreateClient(task, rights), nic, rights, link);
        return task;
    }
}
