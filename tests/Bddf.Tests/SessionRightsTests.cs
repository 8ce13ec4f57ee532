using Bddf.Testing;
using L4;

namespace Bddf.Tests;

public sealed class SessionRightsTests : IDisposable
{
    private readonly RamDisk _disk = new(10_000);
    private readonly BlockTestSystem _system;

    public SessionRightsTests()
    {
        // One partition: sectors 100 to 199.
        _disk.Content[446 + 4] = 0x83;
        _disk.Content[446 + 8] = 100;
        _disk.Content[446 + 12] = 100;
        _disk.Content[510] = 0x55;
        _disk.Content[511] = 0xAA;
        _system = new BlockTestSystem(_disk, new RamDisk(100) { Writable = false });
    }

    public void Dispose() => _system.Dispose();

    [Fact]
    public void Disks_are_listed_with_their_partitions()
    {
        using var attached = _system.Client.Enter();

        var disks = BlockClient.ListDisks(_system.Client, _system.Server);

        disks.Select(d => (d.Name, d.Sectors, d.Writable, d.Gone)).ShouldBe([("disk0", 10_000UL, true, null), ("disk1", 100UL, false, null)]);
        disks[0].Partitions.ShouldBe([new BlockPartition("disk0p1", "mbr", "83", 100, 100)]);
        disks[0].Driver.ShouldBe("RAM disk of the tests");
    }

    [Fact]
    public void Session_above_the_ceiling_is_refused()
    {
        var (task, server) = _system.CreateClient("reader", BlockRights.Read);
        using var attached = task.Enter();

        var refusal = Should.Throw<ServiceException>(() => BlockClient.Open(task, server, "disk0p1", BlockRights.Read | BlockRights.Write));

        refusal.Error.ShouldBe(ServiceError.AccessDenied);
        refusal.Message.ShouldBe("client 'reader' may have Read of disk0p1; Read, Write was asked for");
        using var session = BlockClient.Open(task, server, "disk0p1", BlockRights.Read);
        session.Rights.ShouldBe(BlockRights.Read);
    }

    [Fact]
    public void Write_session_on_a_read_only_disk_is_refused()
    {
        using var attached = _system.Client.Enter();

        Should.Throw<ServiceException>(() => _system.Open("disk1", BlockRights.Write)).Message.ShouldBe("disk1 is read-only; Write was asked for");
        _system.Open("disk1", BlockRights.Read).Dispose();
    }

    [Theory]
    [InlineData(BlockRights.None)]
    [InlineData((BlockRights)0x80)]
    public void Session_with_impossible_rights_is_refused(BlockRights rights)
    {
        using var attached = _system.Client.Enter();

        Should.Throw<ServiceException>(() => _system.Open("disk0", rights)).Error.ShouldBe(ServiceError.BadArgument);
    }

    [Theory]
    [InlineData("disk2")]
    [InlineData("disk0p2")]
    [InlineData("")]
    public void Unknown_device_is_refused_with_what_there_is(string device)
    {
        using var attached = _system.Client.Enter();

        var refusal = Should.Throw<ServiceException>(() => _system.Open(device, BlockRights.Read));

        refusal.Error.ShouldBe(ServiceError.NotFound);
        refusal.Message.ShouldBe($"there is no device '{device}'; the disks are: disk0, disk1");
    }

    [Fact]
    public void Partition_session_reaches_its_partition_alone()
    {
        using var attached = _system.Client.Enter();
        using var session = _system.Open("disk0p1");
        using var memory = session.AllocateBuffer(200 * 512);
        memory.Bytes.Fill(0xEE);
        var before = (byte[])_disk.Content.Clone();

        session.Sectors.ShouldBe(100UL);
        session.Write(memory, 0, 0, 101).Status.ShouldBe(BlockStatus.OutOfRange);
        session.Write(memory, 0, 100, 1).Status.ShouldBe(BlockStatus.OutOfRange);
        session.Write(memory, 0, ulong.MaxValue, 1).Status.ShouldBe(BlockStatus.OutOfRange);
        _disk.Content.AsSpan().SequenceEqual(before).ShouldBeTrue();
        session.Write(memory, 0, 0, 100).Status.ShouldBe(BlockStatus.Ok);

        before.AsSpan(100 * 512, 100 * 512).Fill(0xEE);
        _disk.Content.AsSpan().SequenceEqual(before).ShouldBeTrue();
    }

    [Theory]
    [InlineData(0UL, 101UL)]
    [InlineData(100UL, 1UL)]
    [InlineData(99UL, ulong.MaxValue)]
    [InlineData(5UL, 0UL)]
    public void Extent_outside_its_partition_is_refused(ulong first, ulong sectors)
    {
        using var attached = _system.Client.Enter();

        var refusal = Should.Throw<ServiceException>(() => _system.Open("disk0p1", BlockRights.Read, new Extent(first, sectors)));

        refusal.Error.ShouldBe(ServiceError.BadArgument);
        refusal.Message.ShouldBe($"disk0p1 has 100 sectors; {sectors} sectors at {first} were asked for");
    }

    [Fact]
    public void Erase_needs_its_own_right()
    {
        using var attached = _system.Client.Enter();
        using var writer = _system.Open("disk0", BlockRights.Read | BlockRights.Write);
        using var eraser = _system.Open("disk0", BlockRights.Erase);
        using var memory = writer.AllocateBuffer(512);
        memory.Bytes.Fill(1);
        writer.Write(memory, 0, 500, 1).Status.ShouldBe(BlockStatus.Ok);

        writer.Execute(new BlockRequest(0, BlockOperation.Erase, 0, 0, 500, 1)).Status.ShouldBe(BlockStatus.NoRight);
        eraser.Execute(new BlockRequest(0, BlockOperation.Erase, 0, 0, 500, 1)).Status.ShouldBe(BlockStatus.Ok);
        eraser.Execute(new BlockRequest(0, BlockOperation.Read, 1, 0, 500, 1)).Status.ShouldBe(BlockStatus.NoRight);

        _disk.Content.AsSpan(500 * 512, 512).ContainsAnyExcept((byte)0).ShouldBeFalse();
    }

    [Fact]
    public void Refusals_are_counted_and_reported_with_numbers()
    {
        using var attached = _system.Client.Enter();
        using var session = _system.Open("disk0p1", BlockRights.Read);
        using var memory = session.AllocateBuffer(512);

        session.Write(memory, 0, 7, 1);
        session.Read(memory, 0, 100, 1);

        _system.System.Events.Count("bddf", "no-right").ShouldBe(1);
        _system.System.Events.Count("bddf", "out-of-range").ShouldBe(1);
        _system.System.Events.Recent.Where(e => e.Source == "bddf").Select(e => e.Text).ShouldBe(
        [
            "client 'client' on disk0p1 (Read): Write of 1 sectors at 7 of 100, buffer 1+0: NoRight",
            "client 'client' on disk0p1 (Read): Read of 1 sectors at 100 of 100, buffer 1+0: OutOfRange",
        ]);
    }

    [Fact]
    public void Buffer_that_the_client_may_only_read_takes_no_data_from_the_disk()
    {
        using var attached = _system.Client.Enter();
        using var session = new RawSession(_system, BlockRights.Read | BlockRights.Write);
        var readOnly = _system.Client.Restrict(session.Memory, CapabilityRights.Read);
        uint buffer = session.Service.AttachBuffer(readOnly);

        session.Execute(session.Read() with { Buffer = buffer }).Status.ShouldBe(BlockStatus.BadBuffer);
        session.Execute(session.Read() with { Buffer = buffer, Operation = BlockOperation.Write, FirstSector = 900 }).Status.ShouldBe(BlockStatus.Ok);
    }

    [Fact]
    public void Buffer_that_is_no_readable_dataspace_is_refused()
    {
        using var attached = _system.Client.Enter();
        using var session = new RawSession(_system, BlockRights.Read);

        Should.Throw<ServiceException>(() => session.Service.AttachBuffer(_system.Server)).Error.ShouldBe(ServiceError.BadCapability);
        Should.Throw<ServiceException>(() => session.Service.AttachBuffer(Capability.Null)).Error.ShouldBe(ServiceError.BadCapability);
        var writeOnly = _system.Client.Restrict(session.Memory, CapabilityRights.Write);
        Should.Throw<ServiceException>(() => session.Service.AttachBuffer(writeOnly)).Error.ShouldBe(ServiceError.AccessDenied);
    }
}
