using L4;

namespace Bddf.Testing;

/// <summary>A system, in virtual time unless told otherwise: RAM disks, their driver, the framework, and clients.</summary>
public sealed class BlockTestSystem : IDisposable
{
    private readonly Capability _admin;

    /// <param name="disks">The disks of the driver <c>ram</c>.</param>
    public BlockTestSystem(params RamDisk[] disks)
        : this(new VirtualClock(), disks)
    {
    }

    /// <param name="clock">The system's clock.</param>
    /// <param name="disks">The disks of the driver <c>ram</c>.</param>
    public BlockTestSystem(Clock clock, params RamDisk[] disks)
    {
        System = new L4System(clock);
        var framework = System.CreateTask("bddf");
        _admin = framework.GiveTo(System.Root, BlockFramework.Start(framework));
        (DriverTask, Driver) = AddDriver("ram", disks);
        (Client, Server) = CreateClient("client", BlockRights.All);
    }

    /// <summary>The system.</summary>
    public L4System System { get; }

    /// <summary>The task of the driver <c>ram</c>.</summary>
    public L4Task DriverTask { get; }

    /// <summary>The driver <c>ram</c>.</summary>
    public RamDiskDriver Driver { get; }

    /// <summary>A client that may do everything.</summary>
    public L4Task Client { get; }

    /// <summary>That client's gate of <see cref="IBlockServer"/>.</summary>
    public Capability Server { get; }

    /// <summary>The framework's administration, for threads of the root task.</summary>
    public IBlockAdmin Admin => new BlockAdminProxy(System.Root, _admin);

    /// <summary>Puts one more driver into service.</summary>
    public (L4Task Task, RamDiskDriver Driver) AddDriver(string name, params RamDisk[] disks)
    {
        var (task, driver) = MakeDriver(name, disks);
        using (System.Root.Enter())
            Admin.AddDriver(name, task.GiveTo(System.Root, driver.Gate), isReplaceable: false);
        return (task, driver);
    }

    /// <summary>Makes a driver and has the framework keep the sessions on its disks should it die.</summary>
    public (L4Task Task, RamDiskDriver Driver) AddReplaceableDriver(string name, params RamDisk[] disks)
    {
        var (task, driver) = MakeDriver(name, disks);
        using (System.Root.Enter())
            Admin.AddDriver(name, task.GiveTo(System.Root, driver.Gate), isReplaceable: true);
        return (task, driver);
    }

    /// <summary>Makes a driver and puts it in the place of another, dead or alive.</summary>
    public (L4Task Task, RamDiskDriver Driver) ReplaceDriver(string name, params RamDisk[] disks)
    {
        var (task, driver) = MakeDriver(name, disks);
        using (System.Root.Enter())
            Admin.ReplaceDriver(name, task.GiveTo(System.Root, driver.Gate));
        return (task, driver);
    }

    /// <summary>Makes one more client.</summary>
    public (L4Task Task, Capability Server) CreateClient(string name, BlockRights ceiling)
    {
        var task = System.CreateTask(name);
        using (System.Root.Enter())
            return (task, System.Root.GiveTo(task, Admin.CreateClient(name, ceiling)));
    }

    /// <summary>Opens a session of <see cref="Client"/>; the calling thread has to be one of its threads.</summary>
    public BlockClient Open(string device = "disk0", BlockRights rights = BlockRights.All, Extent? extent = null) =>
        BlockClient.Open(Client, Server, device, rights, extent);

    /// <summary>Ends all tasks.</summary>
    public void Dispose() => System.Dispose();

    private (L4Task Task, RamDiskDriver Driver) MakeDriver(string name, RamDisk[] disks)
    {
        var task = System.CreateTask(name);
        return (task, new RamDiskDriver(task, disks));
    }
}
