using Bddf.Testing;
using L4;

namespace Bddf.Tests;

/// <summary>Two requests that change the same sectors are never with the driver at a time.</summary>
public sealed class OverlapTests : IDisposable
{
    private readonly BlockTestSystem _system = new();
    private readonly ManualDriver _driver;
    private readonly L4Task _driverTask;
    private readonly IDisposable _attached;

    public OverlapTests()
    {
        _driverTask = _system.System.CreateTask("manual");
        _driver = new ManualDriver(_driverTask);
        using (_system.System.Root.Enter())
            _system.Admin.AddDriver("manual", _driverTask.GiveTo(_system.System.Root, _driver.Gate), isReplaceable: true);
        _attached = _system.Client.Enter();
    }

    public void Dispose()
    {
        _attached.Dispose();
        _system.Dispose();
    }

    [Theory]
    [InlineData(BlockOperation.Write, BlockOperation.Write, 0UL, 8UL, 7UL, 1UL, true)]
    [InlineData(BlockOperation.Write, BlockOperation.Write, 7UL, 1UL, 0UL, 8UL, true)]
    [InlineData(BlockOperation.Write, BlockOperation.Write, 0UL, 8UL, 8UL, 8UL, false)]
    [InlineData(BlockOperation.Write, BlockOperation.Erase, 0UL, 8UL, 4UL, 1UL, true)]
    [InlineData(BlockOperation.Erase, BlockOperation.Write, 0UL, 8UL, 4UL, 1UL, true)]
    [InlineData(BlockOperation.Read, BlockOperation.Write, 0UL, 8UL, 4UL, 1UL, false)]
    [InlineData(BlockOperation.Write, BlockOperation.Read, 0UL, 8UL, 4UL, 1UL, false)]
    public void Second_change_of_a_sector_waits_for_the_first(
        BlockOperation first, BlockOperation second, ulong at, ulong sectors, ulong otherAt, ulong otherSectors, bool waits)
    {
        using var session = new RawSession(_system, BlockRights.All);
        Submit(session, Request(session, first, 1, at, sectors), Request(session, second, 2, otherAt, otherSectors), Request(session, BlockOperation.Read, 3, 100, 1));

        var taken = TakeAll();
        taken.Count.ShouldBe(waits ? 1 : 3);

        Complete(taken[0]);
        session.Next().Tag.ShouldBe(1UL);
        // The driver's own thread has sent what waited.
        taken.AddRange(TakeAll());
        taken.Select(request => request.FirstSector).ShouldBe([at, otherAt, 100UL]);
        foreach (var request in taken.Skip(1))
            Complete(request);
        session.Next().Tag.ShouldBe(2UL);
        session.Next().Tag.ShouldBe(3UL);
    }

    [Fact]
    public void Request_that_waits_for_another_ends_with_the_disk()
    {
        using var session = new RawSession(_system, BlockRights.All);
        Submit(session, Request(session, BlockOperation.Write, 1, 0, 8), Request(session, BlockOperation.Write, 2, 0, 8));
        using (_system.System.Root.Enter())
            _system.Admin.GiveUpDriver("manual", "the test said so");

        new[] { session.Next(), session.Next() }.OrderBy(c => c.Tag).ShouldBe([new BlockCompletion(1, BlockStatus.DeviceGone), new BlockCompletion(2, BlockStatus.DeviceGone)]);
    }

    [Fact]
    public void Request_that_waits_for_another_ends_with_the_session()
    {
        var session = new RawSession(_system, BlockRights.All);
        Submit(session, Request(session, BlockOperation.Write, 1, 0, 8), Request(session, BlockOperation.Write, 2, 0, 8));
        session.Service.Close();

        new[] { session.Next(), session.Next() }.OrderBy(c => c.Tag).ShouldBe([new BlockCompletion(1, BlockStatus.Aborted), new BlockCompletion(2, BlockStatus.Aborted)]);
    }

    [Fact]
    public void Client_that_spoils_its_ring_while_a_request_waits_does_not_hurt_the_driver()
    {
        using var session = new RawSession(_system, BlockRights.All);
        Submit(session, Request(session, BlockOperation.Write, 1, 0, 8), Request(session, BlockOperation.Write, 2, 0, 8));
        var taken = TakeAll();
        session.Index(0) += 1000;

        Complete(taken[0]);

        session.Next().Tag.ShouldBe(1UL);
        _system.System.Events.Count("bddf", "malformed-ring").ShouldBe(1);
        _driverTask.IsDead.ShouldBeFalse();
        TakeAll().Count.ShouldBe(1);
    }

    private static void Submit(RawSession session, params BlockRequest[] requests)
    {
        foreach (var request in requests)
            session.Ring.TryWrite(request).ShouldBeTrue();
        session.Ring.Publish();
        session.Doorbell.Enter(0);
    }

    private static BlockRequest Request(RawSession session, BlockOperation operation, ulong tag, ulong first, ulong sectors) =>
        new(tag, operation, operation == BlockOperation.Erase ? 0 : session.Buffer, 0, first, sectors);

    private List<BlockRequest> TakeAll()
    {
        var requests = new List<BlockRequest>();
        while (_driver.Channel.End.TryTake(out var request))
            requests.Add(request);
        return requests;
    }

    private void Complete(BlockRequest request)
    {
        _driver.Channel.End.Complete(new BlockCompletion(request.Tag, BlockStatus.Ok));
        _driver.Channel.End.Notify();
    }
}
