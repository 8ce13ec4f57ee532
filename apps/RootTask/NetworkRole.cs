using L4;
using Nddf;
using Nddf.Links;
using Ports;

namespace RootTask;

/// <summary>The network part of a system: Nddf in a task of its own, the network drivers behind it, and the tasks that join cards to links.</summary>
internal sealed class NetworkRole : IDriverRole
{
    private readonly L4System _system;
    private readonly NicAdminProxy _admin;

    /// <summary>Starts the framework.</summary>
    /// <param name="system">The system.</param>
    internal NetworkRole(L4System system)
    {
        _system = system;
        var task = system.CreateTask("nddf");
        _admin = new NicAdminProxy(system.Root, task.GiveTo(system.Root, NetworkFramework.Start(task)));
    }

    /// <inheritdoc />
    public DeviceClass Class => DeviceClass.Network;

    /// <inheritdoc />
    public void WaitForProbe(Capability gate) => new NicDriverProxy(_system.Root, gate).List();

    /// <inheritdoc />
    public void Guard(string name, Capability guard, Capability complaints, ulong bits) =>
        throw new ServiceException(ServiceError.BadArgument, $"{name} drives a network card, whose frames nobody authorises");

    /// <inheritdoc />
    public string? Complaint(string name) => null;

    /// <inheritdoc />
    public void Add(string name, Capability gate) => _admin.AddDriver(name, gate, isReplaceable: true);

    /// <inheritdoc />
    public void Replace(string name, Capability gate) => _admin.ReplaceDriver(name, gate);

    /// <inheritdoc />
    public uint Suspend(string name, long nanoseconds) => _admin.SuspendDriver(name, nanoseconds);

    /// <inheritdoc />
    public void GiveUp(string name, string cause) => _admin.GiveUpDriver(name, cause);

    /// <summary>Frames wait as long as the wire makes them, so their age says nothing about the driver.</summary>
    public long OldestRequest(string name) => 0;

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
