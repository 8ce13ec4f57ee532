using Bddf.Testing;
using FsCheck;
using FsCheck.Fluent;
using L4;

namespace Bddf.Tests;

/// <summary>Clients that write what they like into their rings: only they are hurt.</summary>
public sealed class HostileClientTests : IDisposable
{
    private const int PublishedAt = 0;
    private const int TakenAt = 64;
    private const int ReapedAt = 128;

    private readonly RamDisk _disk = new(1000);
    private readonly BlockTestSystem _system;
    private readonly IDisposable _attached;

    public HostileClientTests()
    {
        for (int i = 0; i < _disk.Content.Length; i += 512)
            _disk.Content[i] = (byte)(i / 512 % 251);
        _system = new BlockTestSystem(_disk);
        _attached = _system.Client.Enter();
    }

    public void Dispose()
    {
        _attached.Dispose();
        _system.Dispose();
    }

    public static TheoryData<BlockRequest> MalformedRequests => new(
        new BlockRequest(1, BlockOperation.None, 1, 0, 0, 1),
        new BlockRequest(1, (BlockOperation)5, 1, 0, 0, 1),
        new BlockRequest(1, (BlockOperation)uint.MaxValue, 1, 0, 0, 1),
        new BlockRequest(1, BlockOperation.Read, 1, 0, 0, 0),
        new BlockRequest(1, BlockOperation.Write, 1, 0, 0, 0),
        new BlockRequest(1, BlockOperation.Erase, 0, 0, 0, 0),
        new BlockRequest(1, BlockOperation.Erase, 1, 0, 0, 1),
        new BlockRequest(1, BlockOperation.Erase, 0, 512, 0, 1),
        new BlockRequest(1, BlockOperation.Flush, 0, 0, 0, 1),
        new BlockRequest(1, BlockOperation.Flush, 0, 0, 1, 0),
        new BlockRequest(1, BlockOperation.Flush, 1, 0, 0, 0),
        new BlockRequest(1, BlockOperation.Flush, 0, 512, 0, 0));

    [Theory]
    [MemberData(nameof(MalformedRequests))]
    public void Malformed_request_is_refused_with_its_tag(BlockRequest request)
    {
        using var session = new RawSession(_system, BlockRights.All);

        session.Execute(request).ShouldBe(new BlockCompletion(1, BlockStatus.Malformed));
    }

    [Theory]
    [InlineData(40)]
    [InlineData(48)]
    [InlineData(63)]
    public void Reserved_field_that_is_set_is_malformed(int offset)
    {
        using var session = new RawSession(_system, BlockRights.All);
        session.Ring.TryWrite(session.Read(tag: 9)).ShouldBeTrue();
        session.Mapping.Bytes[RequestRing.RequestsAt + offset] = 1;
        session.Ring.Publish();

        session.Doorbell.Enter(0).ShouldBe(1UL);

        session.Next().ShouldBe(new BlockCompletion(9, BlockStatus.Malformed));
    }

    [Theory]
    [InlineData(65u)]
    [InlineData(uint.MaxValue)]
    [InlineData(0x80000000u)]
    public void Published_index_that_cannot_be_is_refused_at_the_doorbell(uint published)
    {
        using var session = new RawSession(_system, BlockRights.Read);
        session.Index(PublishedAt) = published;

        var refusal = Should.Throw<ServiceException>(() => session.Doorbell.Enter(0));

        refusal.Error.ShouldBe(ServiceError.BadArgument);
        refusal.Message.ShouldBe($"the ring of 64 entries says that {published} requests wait and 0 completions were not reaped; at most 64 and 128 can be");
        _system.System.Events.Count("bddf", "malformed-ring").ShouldBe(1);
        session.Index(PublishedAt) = 0;
        session.Execute(session.Read()).Status.ShouldBe(BlockStatus.Ok);
    }

    [Fact]
    public void Reaped_index_that_cannot_be_is_refused_at_the_doorbell()
    {
        using var session = new RawSession(_system, BlockRights.Read);
        session.Ring.TryWrite(session.Read());
        session.Ring.Publish();
        session.Index(ReapedAt) = 1;

        Should.Throw<ServiceException>(() => session.Doorbell.Enter(0)).Error.ShouldBe(ServiceError.BadArgument);

        session.Index(ReapedAt) = 0;
        session.Doorbell.Enter(0).ShouldBe(1UL);
        session.Next().Status.ShouldBe(BlockStatus.Ok);
    }

    [Fact]
    public void Taken_index_belongs_to_the_framework_alone()
    {
        using var session = new RawSession(_system, BlockRights.Read);
        session.Ring.TryWrite(session.Read());
        session.Ring.Publish();
        session.Index(TakenAt) = 77;

        session.Doorbell.Enter(0).ShouldBe(1UL);

        session.Index(TakenAt).ShouldBe(1u);
        session.Next().Status.ShouldBe(BlockStatus.Ok);
    }

    [Fact]
    public void More_requests_than_slots_are_refused_and_more_than_that_wait()
    {
        using var session = new RawSession(_system, BlockRights.Read);
        _disk.Hold = true;
        for (int round = 0; round < 3; round++)
        {
            for (ulong i = 0; i < 64; i++)
                session.Ring.TryWrite(session.Read(tag: (ulong)round * 64 + i)).ShouldBeTrue();
            session.Ring.Publish();
            // In the third round there is no room for the answers, so nothing is taken.
            session.Doorbell.Enter(0).ShouldBe(round < 2 ? 64UL : 0UL);
        }
        for (ulong i = 0; i < 64; i++)
            session.Next().ShouldBe(new BlockCompletion(64 + i, BlockStatus.TooManyInFlight));
        session.Ring.TryReap(out _).ShouldBeFalse();

        _disk.Hold = false;
        _system.Driver.Continue();
        for (ulong i = 0; i < 64; i++)
            session.Next().ShouldBe(new BlockCompletion(i, BlockStatus.Ok));
        session.Doorbell.Enter(0).ShouldBe(64UL);
        for (ulong i = 0; i < 64; i++)
            session.Next().ShouldBe(new BlockCompletion(128 + i, BlockStatus.Ok));
    }

    [Fact]
    public void Doorbell_of_a_closed_session_answers_that_it_is_closed()
    {
        var session = new RawSession(_system, BlockRights.Read);
        session.Service.Close();
        session.Service.Close();

        var refusal = Should.Throw<ServiceException>(() => session.Doorbell.Enter(0));

        refusal.Error.ShouldBe(ServiceError.ServerGone);
        refusal.Message.ShouldBe("the session of client 'client' on disk0 (Read) is closed");
        Should.Throw<ServiceException>(() => session.Service.AttachBuffer(session.Memory)).Error.ShouldBe(ServiceError.ServerGone);
        Should.Throw<ServiceException>(() => session.Service.Connect(_system.Client.CreateNotification(), 1)).Error.ShouldBe(ServiceError.ServerGone);
    }

    [Fact]
    public void Session_is_connected_once_and_to_a_notification()
    {
        using var session = new RawSession(_system, BlockRights.Read);
        var server = new BlockServerProxy(_system.Client, _system.Server);
        var second = new BlockSessionProxy(_system.Client, server.OpenSession("disk0", BlockRights.Read));

        Should.Throw<ServiceException>(() => session.Service.Connect(_system.Client.CreateNotification(), 1)).Error.ShouldBe(ServiceError.Busy);
        Should.Throw<ServiceException>(() => second.Connect(session.Memory, 1)).Error.ShouldBe(ServiceError.BadCapability);
        Should.Throw<ServiceException>(() => second.Connect(_system.Client.CreateNotification(), 0)).Error.ShouldBe(ServiceError.BadArgument);
        second.Close();
    }

    [Fact]
    public void Buffer_in_use_is_not_detached()
    {
        using var session = new RawSession(_system, BlockRights.Read);
        _disk.Hold = true;
        session.Ring.TryWrite(session.Read());
        session.Ring.Publish();
        session.Doorbell.Enter(0);

        var refusal = Should.Throw<ServiceException>(() => session.Service.DetachBuffer(session.Buffer));
        refusal.Error.ShouldBe(ServiceError.Busy);
        refusal.Message.ShouldBe("buffer 1 is used by 1 requests in flight");

        _disk.Hold = false;
        _system.Driver.Continue();
        session.Next().Status.ShouldBe(BlockStatus.Ok);
        session.Service.DetachBuffer(session.Buffer);
        Should.Throw<ServiceException>(() => session.Service.DetachBuffer(session.Buffer)).Error.ShouldBe(ServiceError.NotFound);
        Should.Throw<ServiceException>(() => session.Service.DetachBuffer(0)).Error.ShouldBe(ServiceError.NotFound);
        Should.Throw<ServiceException>(() => session.Service.DetachBuffer(uint.MaxValue)).Error.ShouldBe(ServiceError.NotFound);
    }

    [Fact]
    public void Sessions_give_back_all_capabilities()
    {
        var framework = _system.System.Tasks.Single(t => t.Name == "bddf");
        new RawSession(_system, BlockRights.Read).Dispose();
        int atFirst = framework.CapabilityCount;
        int driverAtFirst = _system.DriverTask.CapabilityCount;

        for (int i = 0; i < 20; i++)
        {
            using var session = new RawSession(_system, BlockRights.Read);
            Should.Throw<ServiceException>(() => session.Service.AttachBuffer(_system.Server));
            Should.Throw<ServiceException>(() => session.Service.Connect(session.Memory, 1));
            Should.Throw<ServiceException>(() => _system.Open("disk9"));
        }

        framework.CapabilityCount.ShouldBe(atFirst);
        // The channel's gate stays the driver's; everything else comes back.
        (_system.DriverTask.CapabilityCount - driverAtFirst).ShouldBeLessThanOrEqualTo(20);
    }

    [Fact]
    public void Client_has_a_limit_of_sessions_and_buffers()
    {
        var server = new BlockServerProxy(_system.Client, _system.Server);
        using var first = new RawSession(_system, BlockRights.Read);
        for (int i = 1; i < 256; i++)
            first.Service.AttachBuffer(first.Memory);
        Should.Throw<ServiceException>(() => first.Service.AttachBuffer(first.Memory)).Error.ShouldBe(ServiceError.Exhausted);

        for (int i = 1; i < 256; i++)
            server.OpenSession("disk0", BlockRights.Read);
        Should.Throw<ServiceException>(() => server.OpenSession("disk0", BlockRights.Read)).Error.ShouldBe(ServiceError.Exhausted);
    }

    [Fact]
    public void Garbage_in_the_ring_harms_nobody_else()
    {
        using var neighbour = _system.Open();
        using var memory = neighbour.AllocateBuffer(512);
        var before = (byte[])_disk.Content.Clone();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(150).WithReplay(1, 3), Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            using var session = new RawSession(_system, BlockRights.Read);
            for (int round = 0; round < 10; round++)
            {
                Scribble(random, session);
                try
                {
                    session.Doorbell.Enter((ulong)random.NextInt64());
                }
                catch (ServiceException exception)
                {
                    exception.Error.ShouldBe(ServiceError.BadArgument);
                }
            }
            neighbour.Read(memory, 0, (ulong)random.Next(1000), 1).Status.ShouldBe(BlockStatus.Ok);
        }));

        _disk.Content.AsSpan().SequenceEqual(before).ShouldBeTrue();
        _system.System.Events.Count("bddf", "server-fault").ShouldBe(0);
    }

    private static void Scribble(Random random, RawSession session)
    {
        switch (random.Next(3))
        {
            case 0:
                random.NextBytes(session.Mapping.Bytes[..8448]);
                break;
            case 1:
                random.NextBytes(session.Mapping.Bytes.Slice(RequestRing.RequestsAt, 64 * 64));
                break;
            default:
                // Nearly right requests.
                for (int i = 0; i < 64; i++)
                    session.Mapping.Bytes.Slice(RequestRing.RequestsAt + 64 * i, 64).Clear();
                for (int i = 0; i < 64 * 40; i++)
                    session.Mapping.Bytes[RequestRing.RequestsAt + 64 * random.Next(64) + random.Next(34)] = (byte)random.Next(5);
                break;
        }
        session.Index(PublishedAt) = unchecked(session.Index(TakenAt) + (uint)random.Next(66));
        session.Index(ReapedAt) = unchecked(session.Index(TakenAt) - (uint)random.Next(130));
    }
}
