using Bddf;
using L4;
using Ports;

namespace RootTask;

/// <summary>The block part of a system: Bddf in a task of its own, and the disk drivers behind it.</summary>
internal sealed class BlockRole : IDriverRole
{
    private readonly L4System _system;
    private readonly BlockAdminProxy _admin;

    /// <summary>Starts the framework.</summary>
    /// <param name="system">The system.</param>
    internal BlockRole(L4System system)
    {
        _system = system;
        var task = system.CreateTask("bddf");
        _admin = new BlockAdminProxy(system.Root, task.GiveTo(system.Root, BlockFramework.Start(task)));
    }

    /// <inheritdoc />
    public DeviceClass Class => DeviceClass.Block;

    /// <inheritdoc />
    public void WaitForProbe(Capability gate) => new DiskDriverProxy(_system.Root, gate).List();

    /// <inheritdoc />
    public void Guard(string name, Capability guard, Capability complaints, ulong bits) => _admin.GuardDriver(name, guard, complaints, bits);

    /// <inheritdoc />
    public string? Complaint(string name) => _admin.ReadLoad(name).Complaint;

    /// <inheritdoc />
    public void Add(string name, Capability gate) => _admin.AddDriver(name, gate, isReplaceable: true);

    /// <inheritdoc />
    public void Replace(string name, Capability gate) => _admin.ReplaceDriver(name, gate);

    /// <inheritdoc />
    public uint Suspend(string name, long nanoseconds) => _admin.SuspendDriver(name, nanoseconds);

    /// <inheritdoc />
    public void GiveUp(string name, string cause) => _admin.GiveUpDriver(name, cause);

    /// <inheritdoc />
    public long OldestRequest(string name) => _admin.ReadLoad(name).OldestNanoseconds;

    /// <summary>A gate of <see cref="IBlockServer"/> for a client, a capability of its own.</summary>
    internal Capability CreateClient(L4Task client, BlockRights ceiling) => _system.Root.GiveTo(client, _admin.CreateClient(client.Name, ceiling));
}
