using Bddf.Testing;
using L4;

namespace Bddf.Tests;

public sealed class DataPathTests : IDisposable
{
    private readonly RamDisk _disk = new(4096);
    private readonly BlockTestSystem _system;
    private readonly IDisposable _attached;

    public DataPathTests()
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
    public void Requests_allocate_nothing_on_their_way()
    {
        var task = _system.System.CreateTask("manual");
        var driver = new ManualDriver(task);
        using (_system.System.Root.Enter())
            _system.Admin.AddDriver("manual", task.GiveTo(_system.System.Root, driver.Gate), isReplaceable: false);
        using var session = _system.Open("disk1");
        using var memory = session.AllocateBuffer(4096);
        var completions = new BlockCompletion[32];
        // All three parts, client, framework and driver, run on this thread.
        Allocations.ShouldSettleAtNone(() => RoundTrips(1000));

        void RoundTrips(int count)
        {
            for (int i = 0; i < count; i++)
            {
                for (ulong tag = 0; tag < 32; tag++)
                    session.TrySubmit(new BlockRequest(tag, BlockOperation.Read, memory.Id, 0, tag, 8));
                session.Ring();
                driver.Channel.CompleteAll(BlockStatus.Ok);
                if (!session.Wait() || session.Reap(completions) != 32)
                    throw new InvalidOperationException("A round trip failed.");
            }
        }
    }

    [Fact]
    public void Medium_error_names_sector_and_detail_and_other_sectors_still_work()
    {
        _disk.FailMedium(new Extent(1005, 2), BlockOperation.Read);
        using var session = _system.Open("disk0", BlockRights.Read, new Extent(1000, 100));
        using var memory = session.AllocateBuffer(100 * 512);

        session.Read(memory, 0, 0, 100).ShouldBe(new BlockCompletion(0, BlockStatus.MediumError, 0x4051, 5));
        session.Read(memory, 0, 0, 5).Status.ShouldBe(BlockStatus.Ok);
        session.Read(memory, 0, 6, 1).FailedSector.ShouldBe(6UL);
        session.Read(memory, 0, 7, 93).Status.ShouldBe(BlockStatus.Ok);
        _system.System.Events.Count("bddf", "medium-error").ShouldBe(2);
    }

    [Fact]
    public void Wait_ends_at_its_deadline()
    {
        using var session = _system.Open();
        using var memory = session.AllocateBuffer(512);
        _disk.Hold = true;
        session.TrySubmit(new BlockRequest(1, BlockOperation.Read, memory.Id, 0, 0, 1)).ShouldBeTrue();
        session.Ring();
        long start = _system.System.Clock.Now;

        session.Wait(start + 1_000_000_000).ShouldBeFalse();

        _system.System.Clock.Now.ShouldBe(start + 1_000_000_000);
        session.InFlight.ShouldBe(1u);
        _disk.Hold = false;
        _system.Driver.Continue();
        session.Wait(start + 2_000_000_000).ShouldBeTrue();
    }

    [Fact]
    public void Wait_with_nothing_in_flight_does_not_wait()
    {
        using var session = _system.Open();

        session.Wait().ShouldBeFalse();
        session.Reap(new BlockCompletion[1]).ShouldBe(0);
    }

    [Fact]
    public void Flush_reaches_the_disk()
    {
        using var session = _system.Open();

        session.Flush().Status.ShouldBe(BlockStatus.Ok);

        _disk.Flushes.ShouldBe(1);
    }

    [Fact]
    public void Long_transfer_is_done_in_several_requests()
    {
        using var session = _system.Open();
        using var memory = session.AllocateBuffer(4096 * 512);
        memory.Bytes.Fill(0x3C);

        session.Write(memory, 0, 0, 4096).Status.ShouldBe(BlockStatus.Ok);

        _disk.Content.AsSpan().ContainsAnyExcept((byte)0x3C).ShouldBeFalse();
    }

    [Fact]
    public void Execute_refuses_to_reap_others_completions()
    {
        using var session = _system.Open();
        using var memory = session.AllocateBuffer(512);
        session.TrySubmit(new BlockRequest(1, BlockOperation.Read, memory.Id, 0, 0, 1));

        Should.Throw<InvalidOperationException>(() => session.Flush());
    }

    [Fact]
    public void Latency_of_the_disk_passes_in_virtual_time()
    {
        _system.AddDriver("slow", new RamDisk(100) { Latency = 10_000_000_000 });
        long start = _system.System.Clock.Now;
        using var session = _system.Open("disk1");
        using var memory = session.AllocateBuffer(512);

        session.Read(memory, 0, 0, 1).Status.ShouldBe(BlockStatus.Ok);

        (_system.System.Clock.Now - start).ShouldBe(10_000_000_000);
    }
}
