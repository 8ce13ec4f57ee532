using Bddf;
using L4;
using Ports;

namespace RootTask;

/// <summary>The block part of a system: Bddf in a task of its own, and the disk drivers behind it.</summary>
internal sealed class BlockRole
{
    private readonly L4System _system;
    private readonly BlockAdminProxy _admin;

    private BlockRole(L4System system, BlockAdminProxy admin)
    {
        _system = system;
        _admin = admin;
    }

    /// <summary>The drivers' gates of <see cref="IDriverStatistics"/>, capabilities of the client.</summary>
    internal List<Capability> Statistics { get; } = [];

    /// <summary>Starts the framework and the drivers, and waits until they have probed.</summary>
    internal static BlockRole Start(L4System system, DriverTasks drivers, L4Task client)
    {
        var task = system.CreateTask("bddf");
        var role = new BlockRole(system, new BlockAdminProxy(system.Root, task.GiveTo(system.Root, BlockFramework.Start(task))));
        foreach (var driver in drivers.Make(DeviceClass.Block))
        {
            var gates = LinuxBlockDriver.Start(driver.Task, driver.Start);
            role.Statistics.Add(driver.Task.GiveTo(client, gates.Statistics));
            role._admin.AddDriver(driver.Name, driver.Task.GiveTo(system.Root, gates.DiskDriver), isReplaceable: false);
        }
        return role;
    }

    /// <summary>A gate of <see cref="IBlockServer"/> for a client, a capability of its own.</summary>
    internal Capability CreateClient(L4Task client, BlockRights ceiling) => _system.Root.GiveTo(client, _admin.CreateClient(client.Name, ceiling));
}
