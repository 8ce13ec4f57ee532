using Bddf.Testing;
using L4;

namespace Bddf.Tests;

/// <summary>Sessions outlive their driver: they stall when it dies, and go on with the next one.</summary>
public sealed class RecoveryTests : IDisposable
{
    private const string Driver = "fragile";

    private readonly RamDisk _disk = new(1000);
    private readonly BlockTestSystem _system = new();
    private readonly IDisposable _attached;
    private L4Task _task;

    public RecoveryTests()
    {
        (_task, _) = _system.AddReplaceableDriver(Driver, _disk);
        _attached = _system.Client.Enter();
    }

    public void Dispose()
    {
        _attached.Dispose();
        _system.Dispose();
    }

    [Fact]
    public void Requests_in_flight_are_done_by_the_next_driver()
    {
        using var session = _system.Open();
        using var memory = session.AllocateBuffer(4096);
        memory.Bytes.Fill(0x5a);
        _disk.Hold = true;
        for (ulong tag = 0; tag < 8; tag++)
            session.TrySubmit(new BlockRequest(tag, BlockOperation.Write, memory.Id, tag * 512, tag, 1)).ShouldBeTrue();
        session.Ring();

        Kill();
        session.InFlight.ShouldBe(8u);
        Replace();

        ReapAll(session, 8).ShouldAllBe(c => c.Status == BlockStatus.Ok);
        _disk.Content[..4096].ShouldAllBe(b => b == 0x5a);
        ReadLoad().Replayed.ShouldBe(8);
    }

    [Fact]
    public void Requests_submitted_while_there_is_no_driver_wait_for_one()
    {
        using var session = _system.Open();
        using var memory = session.AllocateBuffer(4096);
        Kill();

        session.TrySubmit(new BlockRequest(7, BlockOperation.Read, memory.Id, 0, 3, 1)).ShouldBeTrue();
        session.Ring();
        session.Wait(_system.System.Clock.Now + 1_000_000_000).ShouldBeFalse();
        Describe().State.ShouldBe(DeviceState.Recovering);
        Describe().Gone.ShouldBeNull();

        Replace();
        ReapAll(session, 1).ShouldBe([new BlockCompletion(7, BlockStatus.Ok)]);
        Describe().State.ShouldBe(DeviceState.Running);
    }

    [Fact]
    public void Sessions_and_buffers_made_while_there_is_no_driver_work_with_the_next()
    {
        using var old = _system.Open();
        Kill();
        using var session = _system.Open();
        using var memory = session.AllocateBuffer(4096);
        using var second = old.AllocateBuffer(4096);
        Replace();

        session.Write(memory, 0, 1, 2).Status.ShouldBe(BlockStatus.Ok);
        old.Read(second, 0, 1, 2).Status.ShouldBe(BlockStatus.Ok);
    }

    [Fact]
    public void Buffers_can_be_let_go_of_while_there_is_no_driver()
    {
        using var session = _system.Open();
        var memory = session.AllocateBuffer(4096);
        using var other = session.AllocateBuffer(4096);
        Kill();
        memory.Dispose();
        Replace();

        session.Execute(new BlockRequest(1, BlockOperation.Read, memory.Id, 0, 0, 1)).Status.ShouldBe(BlockStatus.BadBuffer);
        session.Read(other, 0, 0, 1).Status.ShouldBe(BlockStatus.Ok);
    }

    [Fact]
    public void Session_closes_while_there_is_no_driver()
    {
        var session = _system.Open();
        var memory = session.AllocateBuffer(4096);
        _disk.Hold = true;
        session.TrySubmit(new BlockRequest(1, BlockOperation.Read, memory.Id, 0, 0, 1)).ShouldBeTrue();
        session.Ring();
        Kill();

        session.Dispose();
        memory.Dispose();
        Replace();
        ReadLoad().InFlight.ShouldBe(0u);
    }

    [Fact]
    public void Disk_given_up_ends_what_waits_and_says_why()
    {
        using var session = _system.Open();
        using var memory = session.AllocateBuffer(4096);
        _disk.Hold = true;
        session.TrySubmit(new BlockRequest(1, BlockOperation.Read, memory.Id, 0, 0, 1)).ShouldBeTrue();
        session.Ring();
        Kill();
        session.TrySubmit(new BlockRequest(2, BlockOperation.Read, memory.Id, 0, 0, 1)).ShouldBeTrue();
        session.Ring();

        Administer(admin => admin.GiveUpDriver(Driver, "5 drivers died within 60 s, the last one of: oops"));

        ReapAll(session, 2).ShouldAllBe(c => c.Status == BlockStatus.DeviceGone);
        session.Read(memory, 0, 0, 1).Status.ShouldBe(BlockStatus.DeviceGone);
        var disk = Describe();
        (disk.State, disk.Gone).ShouldBe((DeviceState.GivenUp, "5 drivers died within 60 s, the last one of: oops"));
        Should.Throw<ServiceException>(() => _system.Open()).Message.ShouldContain("5 drivers died");
    }

    [Theory]
    [InlineData("RAM DISK", "OTHER", 1000, "not the 'RAM DISK' with serial 'RAM0001'")]
    [InlineData("OTHER", "RAM0001", 1000, "it is a 'OTHER' with serial 'RAM0001'")]
    [InlineData("RAM DISK", "RAM0001", 999, "it has 999 sectors of 512 bytes, not 1000 of 512")]
    public void Another_disk_in_its_place_is_not_taken_for_it(string model, string serial, ulong sectors, string reason)
    {
        using var session = _system.Open();
        using var memory = session.AllocateBuffer(4096);
        _disk.Hold = true;
        session.TrySubmit(new BlockRequest(1, BlockOperation.Write, memory.Id, 0, 0, 1)).ShouldBeTrue();
        session.Ring();
        Kill();
        var other = new RamDisk(sectors) { Model = model, Serial = serial };

        _system.ReplaceDriver(Driver, other);

        ReapAll(session, 1).ShouldBe([new BlockCompletion(1, BlockStatus.DeviceGone)]);
        Describe().Gone!.ShouldContain(reason);
        other.Content.ShouldAllBe(b => b == 0);
        BlockClient.ListDisks(_system.Client, _system.Server).Select(d => (d.Name, d.State)).ShouldBe([("disk0", DeviceState.GivenUp), ("disk1", DeviceState.Running)]);
    }

    [Fact]
    public void Disks_that_cannot_be_told_apart_are_not_mixed_up_when_one_is_missing()
    {
        var (first, second) = (new RamDisk(100), new RamDisk(100));
        var (task, _) = _system.AddReplaceableDriver("twins", first, second);
        using var session = _system.Open("disk1");
        task.Kill("the test said so");

        _system.ReplaceDriver("twins", second);

        BlockClient.ListDisks(_system.Client, _system.Server).Where(d => d.Name is "disk1" or "disk2").ShouldAllBe(d => d.State == DeviceState.GivenUp);
    }

    [Fact]
    public void Disks_may_come_in_another_order()
    {
        var (first, second) = (new RamDisk(100) { Serial = "A" }, new RamDisk(100) { Serial = "B" });
        var (task, _) = _system.AddReplaceableDriver("pair", first, second);
        using var session = _system.Open("disk2");
        using var memory = session.AllocateBuffer(512);
        memory.Bytes.Fill(0xbb);
        task.Kill("the test said so");

        _system.ReplaceDriver("pair", second, first);

        session.Write(memory, 0, 5, 1).Status.ShouldBe(BlockStatus.Ok);
        second.Content[5 * 512].ShouldBe((byte)0xbb);
        first.Content[5 * 512].ShouldBe((byte)0);
    }

    [Fact]
    public void A_new_driver_that_dies_at_once_leaves_everything_to_the_next()
    {
        using var session = _system.Open();
        using var memory = session.AllocateBuffer(4096);
        memory.Bytes.Fill(0x77);
        _disk.Hold = true;
        session.TrySubmit(new BlockRequest(1, BlockOperation.Write, memory.Id, 0, 0, 1)).ShouldBeTrue();
        session.Ring();
        for (int attempt = 0; attempt < 3; attempt++)
        {
            Kill();
            (_task, _) = _system.ReplaceDriver(Driver, _disk);
        }
        var dead = _system.System.CreateTask("dead");
        var gate = new RamDiskDriver(dead, _disk).Gate;
        using (_system.System.Root.Enter())
        {
            var given = dead.GiveTo(_system.System.Root, gate);
            dead.Kill("stillborn");
            Should.Throw<ServiceException>(() => _system.Admin.ReplaceDriver(Driver, given)).Error.ShouldBe(ServiceError.ServerGone);
        }
        Describe().State.ShouldBe(DeviceState.Recovering);
        Replace();

        ReapAll(session, 1).ShouldBe([new BlockCompletion(1, BlockStatus.Ok)]);
        _disk.Content[..512].ShouldAllBe(b => b == 0x77);
    }

    [Fact]
    public void A_new_driver_that_dies_at_any_of_its_calls_leaves_everything_to_the_next()
    {
        using var session = _system.Open();
        using var memory = session.AllocateBuffer(4096);
        using var second = _system.Open();
        using var secondMemory = second.AllocateBuffer(4096);
        using var another = second.AllocateBuffer(4096);
        _disk.Hold = true;
        memory.Bytes.Fill(0x31);
        session.TrySubmit(new BlockRequest(1, BlockOperation.Write, memory.Id, 0, 7, 8)).ShouldBeTrue();
        session.Ring();
        second.TrySubmit(new BlockRequest(2, BlockOperation.Read, another.Id, 0, 0, 1)).ShouldBeTrue();
        second.Ring();

        bool outlived = false;
        int deaths = 0;
        for (int call = 1; !outlived; call++)
        {
            Kill();
            _task = _system.System.CreateTask(Driver);
            var driver = new RamDiskDriver(_task, _disk) { DiesAtCall = call };
            using (_system.System.Root.Enter())
            {
                try
                {
                    _system.Admin.ReplaceDriver(Driver, _task.GiveTo(_system.System.Root, driver.Gate));
                    outlived = true;
                }
                catch (ServiceException exception)
                {
                    exception.Error.ShouldBe(ServiceError.ServerGone);
                    deaths++;
                }
            }
        }
        // It is asked for its disks; and for each session to open a channel, for that's setup, and to attach the buffers.
        deaths.ShouldBe(1 + 2 * 2 + 3);
        Kill();
        Replace();

        ReapAll(session, 1).ShouldBe([new BlockCompletion(1, BlockStatus.Ok)]);
        ReapAll(second, 1).ShouldBe([new BlockCompletion(2, BlockStatus.Ok)]);
        _disk.Content[(7 * 512)..(15 * 512)].ShouldAllBe(b => b == 0x31);
    }

    [Fact]
    public void A_living_driver_is_replaced_after_it_has_done_what_it_had()
    {
        using var session = _system.Open();
        using var memory = session.AllocateBuffer(4096);
        session.TrySubmit(new BlockRequest(1, BlockOperation.Read, memory.Id, 0, 0, 1)).ShouldBeTrue();
        session.Ring();

        uint left = 99;
        Administer(admin => left = admin.SuspendDriver(Driver, 1_000_000_000));
        left.ShouldBe(0u);
        session.TrySubmit(new BlockRequest(2, BlockOperation.Read, memory.Id, 0, 0, 1)).ShouldBeTrue();
        session.Ring();
        Replace();

        ReapAll(session, 2).Select(c => (c.Tag, c.Status)).ShouldBe([(1UL, BlockStatus.Ok), (2UL, BlockStatus.Ok)]);
        ReadLoad().Replayed.ShouldBe(0);
    }

    [Fact]
    public void A_driver_that_does_not_get_on_with_it_is_replaced_with_what_it_had()
    {
        using var session = _system.Open();
        using var memory = session.AllocateBuffer(4096);
        _disk.Hold = true;
        session.TrySubmit(new BlockRequest(1, BlockOperation.Read, memory.Id, 0, 0, 1)).ShouldBeTrue();
        session.Ring();
        long before = _system.System.Clock.Now;

        uint left = 0;
        Administer(admin => left = admin.SuspendDriver(Driver, 1_000_000_000));
        left.ShouldBe(1u);
        (_system.System.Clock.Now - before).ShouldBe(1_000_000_000);
        Kill();
        Replace();

        ReapAll(session, 1).ShouldBe([new BlockCompletion(1, BlockStatus.Ok)]);
    }

    [Fact]
    public void Age_of_the_oldest_request_grows_until_it_is_done()
    {
        using var session = _system.Open();
        using var memory = session.AllocateBuffer(4096);
        _disk.Hold = true;
        ReadLoad().ShouldBe(new DriverLoad(0, 0, 0, 0, null));
        session.TrySubmit(new BlockRequest(1, BlockOperation.Read, memory.Id, 0, 0, 1)).ShouldBeTrue();
        session.Ring();
        ReadLoad().ShouldBe(new DriverLoad(1, 0, 0, 0, null));
        session.Wait(_system.System.Clock.Now + 5_000).ShouldBeFalse();
        session.TrySubmit(new BlockRequest(2, BlockOperation.Read, memory.Id, 0, 0, 1)).ShouldBeTrue();
        session.Ring();
        ReadLoad().ShouldBe(new DriverLoad(2, 5_000, 0, 0, null));

        Kill();
        Replace();
        ReapAll(session, 2);
        ReadLoad().ShouldBe(new DriverLoad(0, 0, 2, 0, null));
    }

    private void Kill()
    {
        _task.Kill("the test said so");
        // The thread that watches has its turn.
        while (Describe().State == DeviceState.Running)
            Thread.Yield();
    }

    private void Replace()
    {
        _disk.Hold = false;
        (_task, _) = _system.ReplaceDriver(Driver, _disk);
    }

    private BlockDeviceInfo Describe() => BlockClient.ListDisks(_system.Client, _system.Server)[0];

    private DriverLoad ReadLoad()
    {
        DriverLoad? load = null;
        Administer(admin => load = admin.ReadLoad(Driver));
        return load!;
    }

    private void Administer(Action<IBlockAdmin> work)
    {
        using var attached = _system.System.Root.Enter();
        work(_system.Admin);
    }

    private static List<BlockCompletion> ReapAll(BlockClient session, int count)
    {
        var completions = new List<BlockCompletion>();
        var some = new BlockCompletion[8];
        while (completions.Count < count && session.Wait())
            completions.AddRange(some[..session.Reap(some)]);
        return [.. completions.OrderBy(c => c.Tag)];
    }
}
