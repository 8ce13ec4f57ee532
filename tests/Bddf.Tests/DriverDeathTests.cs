using Bddf.Testing;
using L4;

namespace Bddf.Tests;

public sealed class DriverDeathTests : IDisposable
{
    private readonly RamDisk _disk = new(10_000);
    private readonly BlockTestSystem _system;
    private readonly IDisposable _attached;

    public DriverDeathTests()
    {
        _system = new BlockTestSystem(_disk);
        _attached = _system.Client.Enter();
    }

    public void Dispose()
    {
        _attached.Dispose();
        _system.Dispose();
    }

    [Fact]
    public void Requests_in_flight_end_as_device_gone()
    {
        using var session = _system.Open();
        using var memory = session.AllocateBuffer(4096);
        _disk.Hold = true;
        for (ulong tag = 0; tag < 10; tag++)
            session.TrySubmit(new BlockRequest(tag, BlockOperation.Read, memory.Id, 0, tag, 1)).ShouldBeTrue();
        session.Ring();

        _system.DriverTask.Kill("oops in ata_sff_hsm_move+0x40");

        var completions = new BlockCompletion[10];
        int reaped = 0;
        while (session.Wait())
            reaped += session.Reap(completions.AsSpan(reaped));
        reaped.ShouldBe(10);
        completions.Select(c => c.Status).ShouldAllBe(status => status == BlockStatus.DeviceGone);
        completions.Select(c => c.Tag).Order().ShouldBe(Enumerable.Range(0, 10).Select(i => (ulong)i));
    }

    [Fact]
    public void Later_requests_end_as_device_gone_at_once()
    {
        using var session = _system.Open();
        using var memory = session.AllocateBuffer(4096);
        KillAndWait(session, memory);

        session.Read(memory, 0, 0, 1).Status.ShouldBe(BlockStatus.DeviceGone);
        session.Flush().Status.ShouldBe(BlockStatus.DeviceGone);
    }

    [Fact]
    public void Disk_is_listed_as_gone_with_the_cause()
    {
        using var session = _system.Open();
        using var memory = session.AllocateBuffer(4096);
        KillAndWait(session, memory);

        var disk = BlockClient.ListDisks(_system.Client, _system.Server).ShouldHaveSingleItem();
        disk.Gone.ShouldBe("task 'ram' is gone: the test said so");
        Should.Throw<ServiceException>(() => _system.Open()).Message.ShouldBe("disk0 is gone: task 'ram' is gone: the test said so");
        _system.System.Events.Count("bddf", "driver-gone").ShouldBe(1);
    }

    [Fact]
    public void Session_on_a_gone_disk_attaches_no_buffers_and_closes()
    {
        using var session = _system.Open();
        using (var memory = session.AllocateBuffer(4096))
            KillAndWait(session, memory);

        Should.Throw<ServiceException>(() => session.AllocateBuffer(4096)).Error.ShouldBe(ServiceError.ServerGone);
    }

    [Fact]
    public void Other_drivers_go_on()
    {
        _system.AddDriver("second", new RamDisk(100));
        using var session = _system.Open("disk1");
        using var memory = session.AllocateBuffer(512);
        using (var dying = _system.Open())
        using (var other = dying.AllocateBuffer(512))
            KillAndWait(dying, other);

        session.Read(memory, 0, 0, 1).Status.ShouldBe(BlockStatus.Ok);
        BlockClient.ListDisks(_system.Client, _system.Server).Select(d => d.Gone is null).ShouldBe([false, true]);
    }

    [Fact]
    public void Dead_driver_can_be_removed_and_replaced()
    {
        using (var session = _system.Open())
        using (var memory = session.AllocateBuffer(512))
            KillAndWait(session, memory);

        using (_system.System.Root.Enter())
            _system.Admin.RemoveDriver("ram");
        _system.AddDriver("ram", new RamDisk(50));

        var disk = BlockClient.ListDisks(_system.Client, _system.Server).ShouldHaveSingleItem();
        disk.Name.ShouldBe("disk1");
        disk.Gone.ShouldBeNull();
        _system.Open("disk1").Dispose();
    }

    [Fact]
    public void Removed_driver_ends_its_sessions()
    {
        var session = _system.Open();
        var memory = session.AllocateBuffer(512);
        _disk.Hold = true;
        session.TrySubmit(new BlockRequest(1, BlockOperation.Read, memory.Id, 0, 0, 1));
        session.Ring();

        using (_system.System.Root.Enter())
            _system.Admin.RemoveDriver("ram");

        Should.Throw<ServiceException>(session.Ring).Error.ShouldBe(ServiceError.ServerGone);
        session.Wait().ShouldBeTrue();
        var completions = new BlockCompletion[2];
        session.Reap(completions).ShouldBe(1);
        completions[0].ShouldBe(new BlockCompletion(1, BlockStatus.Aborted));
        BlockClient.ListDisks(_system.Client, _system.Server).ShouldBeEmpty();
        memory.Dispose();
        session.Dispose();
    }

    [Fact]
    public void Removed_client_loses_its_sessions_and_gets_no_new_ones()
    {
        var session = _system.Open();
        using (_system.System.Root.Enter())
            _system.Admin.RemoveClient("client");

        Should.Throw<ServiceException>(session.Ring).Error.ShouldBe(ServiceError.ServerGone);
        Should.Throw<ServiceException>(() => _system.Open()).Message.ShouldBe("client 'client' was removed");
        session.Dispose();
    }

    [Fact]
    public void Death_of_the_framework_wakes_its_clients()
    {
        using var session = _system.Open();
        using var memory = session.AllocateBuffer(512);
        _disk.Hold = true;
        session.TrySubmit(new BlockRequest(1, BlockOperation.Read, memory.Id, 0, 0, 1));
        session.Ring();

        _system.System.Tasks.Single(t => t.Name == "bddf").Kill("the test said so");

        Should.Throw<ServiceException>(() => session.Wait()).Message.ShouldBe("the block framework is gone with 1 requests to disk0 in flight");
        Should.Throw<ServiceException>(session.Ring).Error.ShouldBe(ServiceError.ServerGone);
    }

    [Fact]
    public void Driver_that_dies_under_the_partition_reader_leaves_a_disk_in_error()
    {
        var task = _system.System.CreateTask("dying");
        var dying = new RamDisk(100) { Hold = true };
        var driver = new RamDiskDriver(task, dying);
        task.StartThread("end", () =>
        {
            // Virtual time moves only when all wait: the reader for the disk, the disk for the test.
            task.Open<Notification>(task.CreateNotification()).Wait(_system.System.Clock.Now + 1);
            task.Kill("head crash");
        });

        using (_system.System.Root.Enter())
            _system.Admin.AddDriver("dying", task.GiveTo(_system.System.Root, driver.Gate), isReplaceable: false);

        var disk = BlockClient.ListDisks(_system.Client, _system.Server).Single(d => d.Name == "disk1");
        disk.PartitionError.ShouldBe("disk1: sector 0 (the master boot record) cannot be read: DeviceGone");
    }

    private void KillAndWait(BlockClient session, BlockBuffer memory)
    {
        _disk.Hold = true;
        session.TrySubmit(new BlockRequest(1, BlockOperation.Read, memory.Id, 0, 0, 1)).ShouldBeTrue();
        session.Ring();
        _system.DriverTask.Kill("the test said so");
        session.Wait().ShouldBeTrue();
        session.Reap(new BlockCompletion[1]).ShouldBe(1);
    }
}
