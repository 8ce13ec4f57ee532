using Bddf;
using Emulator;
using Emulator.Tests;
using L4;
using L4Io;

namespace CommandGuard.Tests;

/// <summary>A machine with one guarded disk: the test is both the driver, which may do anything, and the framework, which authorises.</summary>
internal sealed class GuardedMachine : IDisposable
{
    public const uint ClientBus = 0x100_0000;
    public const int ClientBytes = 0x1_0000;
    public const uint Entries = 64;

    private readonly L4System _system = new(new VirtualClock());
    private readonly IoServer _server;
    private readonly IDisposable _attached;
    private readonly L4Task _driver;
    private readonly IoServerProxy _io;
    private ulong _tags;

    public GuardedMachine(MemoryMedium? medium = null, IDiskMedium? disk = null)
    {
        Medium = medium ?? new MemoryMedium(2000);
        var machine = new EmulatedMachine(new MachineDescription
        {
            Ide = new IdeControllerDescription { PrimaryMaster = new DiskDescription(disk ?? Medium, "MASTER"), PrimarySlave = new DiskDescription(new MemoryMedium(500), "SLAVE") },
        }, _system.Clock, _system.Events);
        machine.ConnectInterrupt(14, Interrupt);
        var task = _system.CreateTask("l4io");
        _driver = _system.CreateTask("driver");
        (_server, var gate) = IoServer.Start(task, machine, new TaskfileGuards());
        _attached = _driver.Enter();
        _io = new IoServerProxy(_driver, task.GiveTo(_driver, gate));
        Guard = new DiskGuardProxy(_driver, _io.GuardOf(TestMachine.Ide));
        Memory = new DriverMemory(_driver);
        ClientCapability = _driver.CreateDataspace("client", ClientBytes);
        ClientMapping = _driver.Map(ClientCapability);
        Grant();
    }

    public MemoryMedium Medium { get; }

    public InterruptRecorder Interrupt { get; } = new();

    public DiskGuardProxy Guard { get; }

    public DriverMemory Memory { get; }

    public Capability ClientCapability { get; }

    public Mapping ClientMapping { get; }

    /// <summary>The channel as its driver reaches it.</summary>
    public IdeGuest Guest { get; private set; } = null!;

    /// <summary>All ports of the function, as its driver reaches them.</summary>
    public PortalPorts Ports { get; private set; } = null!;

    public AuthorityTable Table { get; private set; } = null!;

    public uint BusMaster { get; private set; }

    public EventLog Events => _system.Events;

    private uint Buffer { get; set; }

    /// <summary>Grants the function, anew if it was granted before.</summary>
    public void Grant(bool again = false)
    {
        if (again)
            _io.Revoke(TestMachine.Ide);
        var function = new PciFunctionProxy(_driver, _io.Grant(TestMachine.Ide, "driver"));
        function.MapDma(_driver.Restrict(Memory.Capability, CapabilityRights.All), 0, DriverMemory.Bytes, TestDmaMemory.Base, DmaAccess.Read | DmaAccess.Write);
        function.MapDma(_driver.Restrict(ClientCapability, CapabilityRights.All), 0, ClientBytes, ClientBus, DmaAccess.Read | DmaAccess.Write);
        function.WriteConfig(4, 2, 5);
        // IDETIM of both channels: decode enable.
        function.WriteConfig(0x40, 4, 0x8000_8000);
        Ports = new PortalPorts(_driver, function, Memory);
        BusMaster = Ports.BusMaster;
        Guest = new IdeGuest(Ports, 0x1f0, 0x3f6, BusMaster, Interrupt, Memory);
    }

    /// <summary>Has the disk identify itself, and opens a table for it.</summary>
    public GuardedMachine WithTable()
    {
        Guest.Identify();
        var dataspace = _driver.CreateDataspace("table", AuthorityTable.BytesFor(Entries));
        Table = new AuthorityTable(_driver.Map(dataspace), Entries);
        var control = new AuthorityTableProxy(_driver, Guard.OpenTable(0, dataspace, Entries));
        Buffer = control.AttachBuffer(_driver.Restrict(ClientCapability, CapabilityRights.All));
        Control = control;
        return this;
    }

    public AuthorityTableProxy Control { get; private set; } = null!;

    /// <summary>Authorises a request whose data are at <paramref name="offset"/> of the client's memory.</summary>
    public ulong Authorise(int index, BlockOperation operation, ulong first, ulong sectors, ulong offset = 0)
    {
        ulong tag = ++_tags << 16 | (uint)index;
        Table.Authorise(index, tag, new Authority(operation, operation is BlockOperation.Read or BlockOperation.Write ? Buffer : 0, offset, first, sectors));
        return tag;
    }

    /// <summary>A DMA command between the client's memory and the disk.</summary>
    public void Dma(TaskFileBlock.AtaCommand command, uint first, int count, bool toMemory, uint address = ClientBus)
    {
        Guest.DescriptorTable((address, count * 512));
        Guest.Dma28((byte)command, first, count, toMemory);
    }

    public void ShouldRefuse(string text)
    {
        Guest.StopBusMaster(toMemory: false);
        Guest.ShouldFail(IdeGuest.Aborted);
        var refused = Events.Recent.Where(e => e.Kind is "command-refused").ToList();
        refused.Count.ShouldBe(1, string.Join("; ", Events.Recent));
        refused[0].Text.ShouldContain(text);
    }

    public void ShouldReportNothing() => Events.Recent.ShouldBeEmpty();

    public void Dispose()
    {
        _attached.Dispose();
        _system.Dispose();
        _server.Dispose();
    }
}

/// <summary>What a driver has of memory.</summary>
internal sealed class DriverMemory(L4Task task) : IGuestMemory
{
    public const ulong Bytes = 0x8_0000;

    private Mapping? _mapping;

    public Capability Capability { get; } = task.CreateDataspace("driver", Bytes);

    public Span<byte> At(uint address, int length) => (_mapping ??= task.Map(Capability)).Bytes.Slice((int)(address - TestDmaMemory.Base), length);
}

/// <summary>Ports through the portals of a granted function.</summary>
internal sealed class PortalPorts : IPortAccess
{
    private const uint Scratch = TestDmaMemory.Base + 0x7_0000;

    private readonly List<(Extent Ports, Portal Portal)> _portals = [];
    private readonly DriverMemory _memory;

    public PortalPorts(L4Task task, PciFunctionProxy function, DriverMemory memory)
    {
        _memory = memory;
        foreach (var resource in function.Describe().Resources.Where(r => r.Kind == ResourceKind.Ports))
        {
            _portals.Add((resource.Extent, task.Open<Portal>(function.RequestPorts((ushort)resource.First, (ushort)resource.Count))));
            if (resource.Bar == 4)
                BusMaster = (uint)resource.First;
        }
    }

    public uint BusMaster { get; }

    public uint ReadPort(ushort port, int width) => (uint)At(port).Enter(RegisterWord.Read(port, width));

    public void WritePort(ushort port, int width, uint value) => At(port).Enter(RegisterWord.Write(port, width, value));

    public void ReadPortBlock(ushort port, int width, Span<byte> destination)
    {
        At(port).Enter(RegisterWord.BlockAddress(Scratch));
        At(port).Enter(RegisterWord.ReadBlock(port, width, (uint)destination.Length));
        _memory.At(Scratch, destination.Length).CopyTo(destination);
    }

    public void WritePortBlock(ushort port, int width, ReadOnlySpan<byte> source)
    {
        source.CopyTo(_memory.At(Scratch, source.Length));
        At(port).Enter(RegisterWord.BlockAddress(Scratch));
        At(port).Enter(RegisterWord.WriteBlock(port, width, (uint)source.Length));
    }

    private Portal At(ushort port)
    {
        // No lambda: a test counts allocations.
        foreach (var (ports, portal) in _portals)
        {
            if (ports.Contains(port, 1))
                return portal;
        }
        throw new InvalidOperationException($"port 0x{port:x} is not the function's");
    }
}
