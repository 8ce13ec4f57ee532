using Bddf;
using Emulator;
using L4;
using RootTask;

namespace EndToEnd.Tests;

/// <summary>Media and devices that fail under Debian's driver, in virtual time: libata's own error handler is at work.</summary>
public sealed class FaultTests
{
    [ToolFact]
    public void A_bad_sector_is_a_medium_error_and_its_neighbours_are_read()
    {
        using var image = DiskImage.Blank(1 << 20);
        using var system = Start(new FailingMedium(RawImage.Open(image.Path, writable: false), badReads: new Extent(100 * 512, 512), badWrites: default));
        using var attached = system.Client.Enter();
        using var disk = BlockClient.Open(system.Client, system.BlockServer, "disk0", BlockRights.Read);
        using var buffer = disk.AllocateBuffer(8192);
        disk.Read(buffer, 0, 100, 1).Status.ShouldBe(BlockStatus.MediumError);
        disk.Read(buffer, 0, 99, 1).Status.ShouldBe(BlockStatus.Ok);
        disk.Read(buffer, 0, 101, 8).Status.ShouldBe(BlockStatus.Ok);
        var failed = disk.Read(buffer, 0, 96, 8);
        (failed.Status, failed.FailedSector).ShouldBe((BlockStatus.MediumError, 100UL));
    }

    [ToolFact]
    public void A_read_past_the_end_is_refused_before_it_reaches_the_driver()
    {
        using var image = DiskImage.Blank(1 << 20);
        using var system = DdeSystem.Start(new SystemOptions { Disks = [image.Path], Clock = new VirtualClock() });
        using var attached = system.Client.Enter();
        using var disk = BlockClient.Open(system.Client, system.BlockServer, "disk0", BlockRights.Read);
        using var buffer = disk.AllocateBuffer(8192);
        disk.Sectors.ShouldBe(2048UL);
        disk.Read(buffer, 0, 2047, 2).Status.ShouldBe(BlockStatus.OutOfRange);
        disk.Read(buffer, 0, ulong.MaxValue, 1).Status.ShouldBe(BlockStatus.OutOfRange);
        disk.Read(buffer, 0, 2047, 1).Status.ShouldBe(BlockStatus.Ok);
    }

    [ToolFact]
    public void A_session_with_the_right_to_write_is_refused_by_the_framework_when_the_system_is_read_only()
    {
        using var image = DiskImage.Blank(1 << 20);
        using var system = DdeSystem.Start(new SystemOptions { Disks = [image.Path], Clock = new VirtualClock() });
        using var attached = system.Client.Enter();
        Should.Throw<ServiceException>(() => BlockClient.Open(system.Client, system.BlockServer, "disk0", BlockRights.Read | BlockRights.Write)).Error.ShouldBe(ServiceError.AccessDenied);
    }

    [ToolFact]
    public void Sessions_that_come_and_go_leave_no_capability_with_any_task()
    {
        using var image = DiskImage.Blank(1 << 20);
        using var system = DdeSystem.Start(new SystemOptions { Disks = [image.Path], Clock = new VirtualClock() });
        using var attached = system.Client.Enter();
        UseOnce(system);
        var before = system.Client.System.Tasks.Select(task => (task.Name, task.CapabilityCount)).ToList();
        // More than a domain has event bits.
        for (int i = 0; i < 100; i++)
            UseOnce(system);
        system.Client.System.Tasks.Select(task => (task.Name, task.CapabilityCount)).ShouldBe(before);
    }

    private static void UseOnce(DdeSystem system)
    {
        using var disk = BlockClient.Open(system.Client, system.BlockServer, "disk0", BlockRights.Read);
        using var buffer = disk.AllocateBuffer(4096);
        disk.Read(buffer, 0, 0, 8).Status.ShouldBe(BlockStatus.Ok);
    }

    [ToolFact]
    public void Memory_that_a_client_lends_for_reading_only_can_be_written_from_but_not_read_into()
    {
        using var image = DiskImage.Blank(1 << 20);
        using (var system = DdeSystem.Start(new SystemOptions { Disks = [image.Path], Writable = true, Clock = new VirtualClock() }))
        {
            var client = system.Client;
            using var attached = client.Enter();
            var server = new BlockServerProxy(client, system.BlockServer);
            var session = new BlockSessionProxy(client, server.OpenSession("disk0", BlockRights.Read | BlockRights.Write));
            var notification = client.CreateNotification();
            var connection = session.Connect(notification, 1);
            using var mapping = client.Map(connection.Ring);
            var ring = new RingRequester(mapping, connection.Entries);
            var lent = client.CreateDataspace("lent", 4096);
            using var memory = client.Map(lent);
            memory.Bytes.Fill(0x5a);
            uint buffer = session.AttachBuffer(client.Restrict(lent, CapabilityRights.Read));

            BlockStatus Execute(BlockOperation operation)
            {
                ring.TryWrite(new BlockRequest(1, operation, buffer, 0, 8, 8)).ShouldBeTrue();
                ring.Publish();
                client.Open<Portal>(connection.Doorbell).Enter(0);
                client.Open<Notification>(notification).Wait();
                ring.TryReap(out var completion).ShouldBeTrue();
                return completion.Status;
            }

            Execute(BlockOperation.Write).ShouldBe(BlockStatus.Ok);
            Execute(BlockOperation.Read).ShouldBe(BlockStatus.BadBuffer);
            session.Close();
        }
        image.Read(8, 8).ShouldAllBe(b => b == 0x5a);
    }

    private static DdeSystem Start(IDiskMedium medium) => DdeSystem.Start(new SystemOptions
    {
        Machine = MachineDescription.WithDisks(new DiskDescription(medium, "FAULTY")),
        Clock = new VirtualClock(),
    });
}
