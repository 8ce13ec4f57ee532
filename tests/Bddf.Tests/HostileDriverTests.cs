using System.Runtime.InteropServices;
using Bddf.Testing;
using FsCheck;
using FsCheck.Fluent;
using L4;

namespace Bddf.Tests;

/// <summary>Drivers that complete what they like: the client gets each answer once, and a status that it knows.</summary>
public sealed class HostileDriverTests : IDisposable
{
    private const int PublishedAt = 0;
    private const int TakenAt = 64;

    private readonly BlockTestSystem _system = new();
    private readonly ManualDriver _driver;
    private readonly L4Task _driverTask;
    private readonly IDisposable _attached;

    public HostileDriverTests()
    {
        _driverTask = _system.System.CreateTask("manual");
        _driver = new ManualDriver(_driverTask);
        AddDriver();
        _attached = _system.Client.Enter();
    }

    public void Dispose()
    {
        _attached.Dispose();
        _system.Dispose();
    }

    [Fact]
    public void Stray_completion_is_reported_and_reaches_nobody()
    {
        using var session = new RawSession(_system, BlockRights.Read);

        foreach (ulong tag in new ulong[] { 0, 1, 63, 64, 0x10000, ulong.MaxValue })
            _driver.Channel.End.Complete(new BlockCompletion(tag, BlockStatus.Ok));
        _driver.Channel.End.Notify();

        session.Ring.HasCompletion.ShouldBeFalse();
        _system.System.Events.Count("bddf", "stray-completion").ShouldBe(6);
    }

    [Fact]
    public void Request_completed_twice_is_answered_once()
    {
        using var session = new RawSession(_system, BlockRights.Read);
        var request = Submit(session, session.Read(tag: 5));

        _driver.Channel.End.Complete(new BlockCompletion(request.Tag, BlockStatus.Ok));
        _driver.Channel.End.Complete(new BlockCompletion(request.Tag, BlockStatus.MediumError));
        _driver.Channel.End.Notify();

        session.Next().ShouldBe(new BlockCompletion(5, BlockStatus.Ok));
        session.Ring.HasCompletion.ShouldBeFalse();
        _system.System.Events.Count("bddf", "stray-completion").ShouldBe(1);
    }

    [Fact]
    public void Late_completion_does_not_answer_the_next_request_in_the_slot()
    {
        using var session = new RawSession(_system, BlockRights.Read);
        var first = Submit(session, session.Read(tag: 5));
        _driver.Channel.End.Complete(new BlockCompletion(first.Tag, BlockStatus.Ok));
        _driver.Channel.End.Notify();
        session.Next().Tag.ShouldBe(5UL);

        var second = Submit(session, session.Read(tag: 6));
        second.Tag.ShouldNotBe(first.Tag);
        _driver.Channel.End.Complete(new BlockCompletion(first.Tag, BlockStatus.Ok));
        _driver.Channel.End.Notify();

        session.Ring.HasCompletion.ShouldBeFalse();
        _driver.Channel.End.Complete(new BlockCompletion(second.Tag, BlockStatus.Ok));
        _driver.Channel.End.Notify();
        session.Next().Tag.ShouldBe(6UL);
    }

    [Theory]
    [InlineData(BlockStatus.NoRight)]
    [InlineData(BlockStatus.TooManyInFlight)]
    [InlineData((BlockStatus)12)]
    [InlineData((BlockStatus)uint.MaxValue)]
    public void Status_that_is_not_the_drivers_to_give_becomes_a_device_fault(BlockStatus status)
    {
        using var session = new RawSession(_system, BlockRights.Read);
        var request = Submit(session, session.Read(tag: 5));

        _driver.Channel.End.Complete(new BlockCompletion(request.Tag, status, 0x51, 7));
        _driver.Channel.End.Notify();

        session.Next().ShouldBe(new BlockCompletion(5, BlockStatus.DeviceFault, 0x51));
        _system.System.Events.Count("bddf", "bad-completion").ShouldBe(1);
    }

    [Theory]
    [InlineData(120UL, 20UL)]
    [InlineData(129UL, 29UL)]
    [InlineData(130UL, 20UL)]
    [InlineData(20UL, 20UL)]
    [InlineData(ulong.MaxValue, 20UL)]
    public void Failed_sector_is_in_the_clients_numbers_and_inside_the_request(ulong reported, ulong expected)
    {
        var server = new BlockServerProxy(_system.Client, _system.Server);
        using var client = BlockClient.Open(_system.Client, _system.Server, "disk0", BlockRights.Read, new Extent(100, 100));
        using var memory = client.AllocateBuffer(10 * 512);
        client.TrySubmit(new BlockRequest(5, BlockOperation.Read, memory.Id, 0, 20, 10)).ShouldBeTrue();
        client.Ring();
        _driver.Channel.End.TryTake(out var request).ShouldBeTrue();
        request.FirstSector.ShouldBe(120UL);

        _driver.Channel.End.Complete(new BlockCompletion(request.Tag, BlockStatus.MediumError, 0x4051, reported));
        _driver.Channel.End.Notify();

        var completions = new BlockCompletion[1];
        client.Reap(completions).ShouldBe(1);
        completions[0].ShouldBe(new BlockCompletion(5, BlockStatus.MediumError, 0x4051, expected));
        server.List().ShouldBe(["disk0"]);
    }

    [Theory]
    [InlineData(5u)]
    [InlineData(0x80000000u)]
    public void Driver_that_counts_its_requests_wrong_gives_device_faults(uint taken)
    {
        using var session = new RawSession(_system, BlockRights.Read);
        using var ring = _driver.Channel.MapRing();
        MemoryMarshal.Cast<byte, uint>(ring.Bytes[TakenAt..])[0] = taken;

        session.Execute(session.Read(tag: 8)).ShouldBe(new BlockCompletion(8, BlockStatus.DeviceFault));

        MemoryMarshal.Cast<byte, uint>(ring.Bytes[TakenAt..])[0] = 0;
        Submit(session, session.Read(tag: 9));
        _driver.Channel.CompleteAll(BlockStatus.Ok);
    }

    [Fact]
    public void Garbage_in_the_drivers_ring_answers_no_request_that_is_not_there()
    {
        var session = new RawSession(_system, BlockRights.Read);
        using var ring = _driver.Channel.MapRing();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300).WithReplay(7, 5), Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            new Random(seed).NextBytes(ring.Bytes[PublishedAt..8448]);
            _driver.Channel.End.Complete(new BlockCompletion((ulong)seed, BlockStatus.Ok));
            _driver.Channel.End.Notify();
            session.Ring.HasCompletion.ShouldBeFalse();
        }));

        // The driver's own end of the ring is unusable now, so it fails to close the channel; the session closes all the same.
        session.Dispose();
        _system.System.Events.Count("bddf", "channel-not-closed").ShouldBe(1);
    }

    [Fact]
    public void Completions_after_the_end_of_the_session_reach_nobody()
    {
        var session = new RawSession(_system, BlockRights.Read);
        var request = Submit(session, session.Read());
        session.Service.Close();

        _driver.Channel.End.Complete(new BlockCompletion(request.Tag, BlockStatus.Ok));
        _driver.Channel.End.Notify();

        // What the driver left open when it closed the channel was answered by the framework.
        session.Next().Status.ShouldBe(BlockStatus.Aborted);
        session.Ring.HasCompletion.ShouldBeFalse();
    }

    [Fact]
    public void Death_of_a_driver_that_hangs_in_close_is_told_to_its_other_sessions()
    {
        var hanging = new RawSession(_system, BlockRights.Read);
        var letGo = _driverTask.Open<Notification>(_driverTask.CreateNotification());
        _driver.Channel.CloseWhen = letGo;
        using var other = new RawSession(_system, BlockRights.Read);
        Submit(other, other.Read(tag: 4));
        var closing = _system.Client.StartThread("closing", hanging.Dispose);

        _driverTask.Kill("hung");

        other.Next().ShouldBe(new BlockCompletion(4, BlockStatus.DeviceGone));
        letGo.Signal(1);
        closing.Join();
    }

    [Theory]
    [InlineData(513u, 1000UL, 64u)]
    [InlineData(256u, 1000UL, 64u)]
    [InlineData(8192u, 1000UL, 64u)]
    [InlineData(0u, 1000UL, 64u)]
    [InlineData(512u, 0UL, 64u)]
    [InlineData(512u, 1000UL, 0u)]
    [InlineData(512u, ulong.MaxValue, 64u)]
    public void Disk_that_cannot_be_is_not_taken_into_service(uint sectorSize, ulong sectors, uint maximumSectors)
    {
        var task = _system.System.CreateTask("odd");
        var driver = new ManualDriver(task) { Info = _driver.Info with { SectorSize = sectorSize, Sectors = sectors, MaximumSectors = maximumSectors } };

        using (_system.System.Root.Enter())
        {
            var refusal = Should.Throw<ServiceException>(() => _system.Admin.AddDriver("odd", task.GiveTo(_system.System.Root, driver.Gate), isReplaceable: false));
            refusal.Error.ShouldBe(ServiceError.BadArgument);
            refusal.Message.ShouldBe(
                $"driver 'odd' describes a disk 'MANUAL' of {sectors} sectors of {sectorSize} bytes, {maximumSectors} a request, which cannot be");
        }
        new BlockServerProxy(_system.Client, _system.Server).List().ShouldBe(["disk0"]);
    }

    [Fact]
    public void Second_driver_of_the_same_name_is_refused()
    {
        using var root = _system.System.Root.Enter();

        Should.Throw<ServiceException>(AddDriver).Message.ShouldBe("there is a disk driver 'manual' already");
    }

    private void AddDriver()
    {
        using var root = _system.System.Root.Enter();
        _system.Admin.AddDriver("manual", _driverTask.GiveTo(_system.System.Root, _driver.Gate), isReplaceable: false);
    }

    /// <summary>Submits a request and takes it at the driver.</summary>
    private BlockRequest Submit(RawSession session, BlockRequest request)
    {
        session.Ring.TryWrite(request).ShouldBeTrue();
        session.Ring.Publish();
        session.Doorbell.Enter(0).ShouldBe(1UL);
        _driver.Channel.End.TryTake(out var taken).ShouldBeTrue();
        return taken;
    }
}
