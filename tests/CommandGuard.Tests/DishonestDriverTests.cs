using Bddf;
using Emulator;
using Emulator.Tests;
using L4;
using L4Io;

namespace CommandGuard.Tests;

/// <summary>The block framework, the guard, and a driver between them that cannot be believed.</summary>
public sealed class DishonestDriverTests : IDisposable
{
    private const ulong ComplaintBit = 4;

    private readonly L4System _system = new(new VirtualClock());
    private readonly MemoryMedium _medium = new(2000);
    private readonly byte[] _before;
    private readonly InterruptRecorder _interrupt = new();
    private readonly IoServer _server;
    private readonly IoServerProxy _io;
    private readonly BlockAdminProxy _admin;
    private readonly Notification _complaints;
    private readonly IDisposable _attached;
    private L4Task _driverTask = null!;
    private IdeDiskDriver _driver = null!;

    public DishonestDriverTests()
    {
        _before = [.. _medium.Bytes];
        var machine = new EmulatedMachine(new MachineDescription
        {
            Ide = new IdeControllerDescription { PrimaryMaster = new DiskDescription(_medium, "MASTER") },
        }, _system.Clock, _system.Events);
        machine.ConnectInterrupt(14, _interrupt);
        var task = _system.CreateTask("l4io");
        (_server, var gate) = IoServer.Start(task, machine, new TaskfileGuards());
        var framework = _system.CreateTask("bddf");
        _attached = _system.Root.Enter();
        _io = new IoServerProxy(_system.Root, task.GiveTo(_system.Root, gate));
        _admin = new BlockAdminProxy(_system.Root, framework.GiveTo(_system.Root, BlockFramework.Start(framework)));
        var complaints = _system.Root.CreateNotification();
        _complaints = _system.Root.Open<Notification>(complaints);
        _admin.GuardDriver("ide", _io.GuardOf(TestMachine.Ide), complaints, ComplaintBit);
        _admin.AddDriver("ide", StartDriver(), isReplaceable: true);
    }

    public void Dispose()
    {
        _attached.Dispose();
        _system.Dispose();
        _server.Dispose();
    }

    [Fact]
    public void An_honest_driver_reads_writes_and_flushes()
    {
        using var session = new Session(this, BlockRights.All);
        session.Buffer.Bytes.Fill(0x77);
        session.Client.Write(session.Buffer, 0, 100, 8).Status.ShouldBe(BlockStatus.Ok);
        session.Client.Flush().Status.ShouldBe(BlockStatus.Ok);
        session.Buffer.Bytes.Clear();
        session.Client.Read(session.Buffer, 4096, 100, 8).Status.ShouldBe(BlockStatus.Ok);
        session.Buffer.Bytes.Slice(4096, 4096).ToArray().ShouldAllBe(b => b == 0x77);
        ReadComplaint().ShouldBeNull();
        _system.Events.Recent.ShouldBeEmpty();
    }

    [Fact]
    public void The_device_writes_to_a_clients_memory_and_the_driver_cannot()
    {
        using var session = new Session(this, BlockRights.Read);
        session.Client.Read(session.Buffer, 0, 100, 8).Status.ShouldBe(BlockStatus.Ok);
        session.Buffer.Bytes[..4096].SequenceEqual(_medium.Sectors(100, 8)).ShouldBeTrue();
        _driver.BufferRights.ShouldBe(CapabilityRights.Read);
    }

    [Fact]
    public void A_driver_that_writes_though_nobody_may_changes_nothing()
    {
        using var session = new Session(this, BlockRights.Read);
        _driver.Twist = request => request with { Operation = BlockOperation.Write };
        session.Client.Read(session.Buffer, 0, 100, 8).Status.ShouldBe(BlockStatus.DeviceFault);
        _medium.Bytes.AsSpan().SequenceEqual(_before).ShouldBeTrue();
        _system.Events.Count("l4io", "command-refused").ShouldBe(1);
    }

    [Fact]
    public void A_write_sent_to_the_wrong_place_is_aborted_before_it_gets_there()
    {
        using var session = new Session(this, BlockRights.All);
        _driver.Twist = request => request with { FirstSector = request.FirstSector + 1 };
        session.Client.Write(session.Buffer, 0, 100, 8).Status.ShouldBe(BlockStatus.DeviceFault);
        _medium.Bytes.AsSpan().SequenceEqual(_before).ShouldBeTrue();
    }

    [Fact]
    public void A_driver_that_says_it_wrote_and_did_not_is_told_of_and_its_successor_writes()
    {
        using var session = new Session(this, BlockRights.All);
        session.Buffer.Bytes.Fill(0x33);
        _driver.Twist = _ => null;
        session.Client.TrySubmit(new BlockRequest(1, BlockOperation.Write, session.Buffer.Id, 0, 100, 8)).ShouldBeTrue();
        session.Client.Ring();
        _complaints.Wait().ShouldBe(ComplaintBit);
        ReadComplaint()!.ShouldContain("it has done a Write of 8 sectors at 100; its device has done 0");
        _medium.Bytes.AsSpan().SequenceEqual(_before).ShouldBeTrue();

        Replace();
        session.Client.Wait();
        Span<BlockCompletion> completions = new BlockCompletion[1];
        session.Client.Reap(completions).ShouldBe(1);
        completions[0].Status.ShouldBe(BlockStatus.Ok);
        _medium.Sectors(100, 8).ToArray().ShouldAllBe(b => b == 0x33);
        ReadComplaint().ShouldBeNull();
    }

    [Theory]
    [InlineData(BlockOperation.Read)]
    [InlineData(BlockOperation.Flush)]
    public void What_was_not_read_or_made_durable_is_not_believed_either(BlockOperation operation)
    {
        using var session = new Session(this, BlockRights.All);
        _driver.Twist = _ => null;
        var request = operation == BlockOperation.Flush
            ? new BlockRequest(1, operation, 0, 0, 0, 0) : new BlockRequest(1, operation, session.Buffer.Id, 0, 100, 8);
        session.Client.TrySubmit(request).ShouldBeTrue();
        session.Client.Ring();
        _complaints.Wait().ShouldBe(ComplaintBit);
        session.Client.InFlight.ShouldBe(1u);
        Replace();
        session.Client.Wait();
    }

    [Fact]
    public void A_driver_that_does_only_a_part_is_not_believed()
    {
        using var session = new Session(this, BlockRights.All);
        _driver.Twist = request => request with { Sectors = request.Sectors - 1 };
        session.Client.TrySubmit(new BlockRequest(1, BlockOperation.Write, session.Buffer.Id, 0, 100, 8)).ShouldBeTrue();
        session.Client.Ring();
        _complaints.Wait().ShouldBe(ComplaintBit);
        ReadComplaint()!.ShouldContain("its device has done 7");
        Replace();
        session.Client.Wait();
    }

    [Fact]
    public void A_disk_that_did_not_say_what_the_driver_says_it_is_is_not_taken_in()
    {
        var refusal = Should.Throw<ServiceException>(() => _admin.GuardDriver("ide", _io.GuardOf(TestMachine.Ide), Capability.Null, 1));
        refusal.Error.ShouldBe(ServiceError.Busy);
        _io.GuardOf(TestMachine.HostBridge).IsNull.ShouldBeTrue();
    }

    private string? ReadComplaint()
    {
        using var attached = _system.Root.Enter();
        return _admin.ReadLoad("ide").Complaint;
    }

    private Capability StartDriver()
    {
        _driverTask = _system.CreateTask("driver");
        var granted = _system.Root.GiveTo(_driverTask, _io.Grant(TestMachine.Ide, "driver"));
        using (_driverTask.Enter())
            _driver = new IdeDiskDriver(_driverTask, granted, _interrupt);
        return _driverTask.GiveTo(_system.Root, _driver.Gate);
    }

    private void Replace()
    {
        using var attached = _system.Root.Enter();
        _driverTask.Kill("it was caught");
        _io.Revoke(TestMachine.Ide);
        _admin.ReplaceDriver("ide", StartDriver());
    }

    /// <summary>A client with a session on the whole disk and a buffer. The calling thread is a thread of the client's until it is disposed.</summary>
    private sealed class Session : IDisposable
    {
        private readonly IDisposable _attached;
        private readonly L4Task _root;
        private readonly DishonestDriverTests _tests;

        public Session(DishonestDriverTests tests, BlockRights rights)
        {
            _tests = tests;
            _root = tests._system.Root;
            var task = tests._system.CreateTask("client");
            var server = _root.GiveTo(task, tests._admin.CreateClient("client", rights));
            _attached = task.Enter();
            Client = BlockClient.Open(task, server, "disk0", rights);
            Buffer = Client.AllocateBuffer(64 * 1024);
        }

        public BlockClient Client { get; }

        public BlockBuffer Buffer { get; }

        public void Dispose()
        {
            Buffer.Dispose();
            Client.Dispose();
            _attached.Dispose();
        }
    }
}
