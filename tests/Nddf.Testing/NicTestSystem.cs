using L4;

namespace Nddf.Testing;

/// <summary>A system, in virtual time unless told otherwise: two cards with a wire between, their driver, the framework, and clients.</summary>
public sealed class NicTestSystem : INicTestBed
{
    private readonly Capability _admin;

    /// <param name="clock">The system's clock; a virtual one if none is given.</param>
    public NicTestSystem(Clock? clock = null)
    {
        System = new L4System(clock ?? new VirtualClock());
        var framework = System.CreateTask("nddf");
        _admin = framework.GiveTo(System.Root, NetworkFramework.Start(framework));
        Near = new WireNic(new HardwareAddress(0x0200_0000_000a));
        Far = new WireNic(new HardwareAddress(0x0200_0000_000b));
        DriverTask = System.CreateTask("wire");
        Driver = new WireNicDriver(DriverTask, Near, Far);
        AddDriver("wire", DriverTask, Driver.Gate);
        (Client, Server) = CreateClient("client", NicRights.All);
    }

    /// <summary>The system.</summary>
    public L4System System { get; }

    /// <summary>The card <c>nic0</c>.</summary>
    public WireNic Near { get; }

    /// <summary>The card <c>nic1</c>.</summary>
    public WireNic Far { get; }

    /// <summary>The task of the driver <c>wire</c>.</summary>
    public L4Task DriverTask { get; }

    /// <summary>The driver <c>wire</c>.</summary>
    public WireNicDriver Driver { get; }

    /// <inheritdoc />
    public L4Task Client { get; }

    /// <inheritdoc />
    public Capability Server { get; }

    /// <inheritdoc />
    public string NearNic => "nic0";

    /// <inheritdoc />
    public string FarNic => "nic1";

    /// <summary>The framework's administration, for threads of the root task.</summary>
    public INicAdmin Admin => new NicAdminProxy(System.Root, _admin);

    /// <summary>Puts one more driver into service.</summary>
    public string[] AddDriver(string name, L4Task task, Capability gate)
    {
        using (System.Root.Enter())
            return Admin.AddDriver(name, task.GiveTo(System.Root, gate), isReplaceable: false);
    }

    /// <summary>Makes a driver and has the framework keep the sessions on its cards should it die.</summary>
    public (L4Task Task, WireNicDriver Driver) AddReplaceableDriver(string name, params WireNic[] nics)
    {
        var (task, driver) = MakeDriver(name, nics);
        using (System.Root.Enter())
            Admin.AddDriver(name, task.GiveTo(System.Root, driver.Gate), isReplaceable: true);
        return (task, driver);
    }

    /// <summary>Makes a driver and puts it in the place of another, dead or alive.</summary>
    public (L4Task Task, WireNicDriver Driver) ReplaceDriver(string name, params WireNic[] nics)
    {
        var (task, driver) = MakeDriver(name, nics);
        using (System.Root.Enter())
            Admin.ReplaceDriver(name, task.GiveTo(System.Root, driver.Gate));
        return (task, driver);
    }

    /// <summary>Makes one more client.</summary>
    public (L4Task Task, Capability Server) CreateClient(string name, NicRights ceiling)
    {
        var task = System.CreateTask(name);
        using (System.Root.Enter())
            return (task, System.Root.GiveTo(task, Admin.CreateClient(name, ceiling)));
    }

    /// <summary>Opens a session of <see cref="Client"/>; the calling thread has to be one of its threads.</summary>
    public NicClient Open(string nic = "nic0", NicRights rights = NicRights.All, uint slots = 64) => NicClient.Open(Client, Server, nic, rights, slots);

    /// <summary>Ends all tasks.</summary>
    public void Dispose() => System.Dispose();

    private (L4Task Task, WireNicDriver Driver) MakeDriver(string name, WireNic[] nics)
    {
        var task = System.CreateTask(name);
        return (task, new WireNicDriver(task, nics));
    }
}
