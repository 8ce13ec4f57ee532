using L4;

namespace Bddf.Tests;

public sealed class RequestRingTests : IDisposable
{
    private const uint Entries = 8;

    private readonly L4System _system = new(new VirtualClock());
    private readonly Mapping _mapping;

    public RequestRingTests() => _mapping = _system.Root.Map(_system.Root.CreateDataspace("ring", RequestRing.BytesFor(Entries)));

    public void Dispose()
    {
        _mapping.Dispose();
        _system.Dispose();
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(3u)]
    [InlineData(2048u)]
    [InlineData(0x80000000u)]
    public void Number_of_entries_that_cannot_be_is_refused(uint entries) =>
        Should.Throw<ServiceException>(() => RequestRing.BytesFor(entries)).Message
            .ShouldBe($"a ring of {entries} entries was asked for; a power of two up to 1024 is possible");

    [Fact]
    public void Ring_that_does_not_fit_its_dataspace_is_refused() =>
        Should.Throw<ServiceException>(() => new RingRequester(_mapping, 64)).Message
            .ShouldBe("the ring's dataspace has 4096 bytes; 8384 are needed for 64 entries");

    [Theory]
    [InlineData(0u)]
    [InlineData(uint.MaxValue - 3)]
    [InlineData(uint.MaxValue - 20)]
    [InlineData(0x7FFFFFFEu)]
    public void Requests_and_completions_go_round_also_where_the_indices_wrap(uint start)
    {
        SetIndices(start);
        var requester = new RingRequester(_mapping, Entries, start);
        var responder = new RingResponder(_mapping, Entries, start);
        ulong submitted = 0;
        ulong reaped = 0;
        for (int round = 0; round < 40; round++)
        {
            for (int i = 0; i < 1 + round % (int)Entries; i++)
                requester.TryWrite(new BlockRequest(++submitted, BlockOperation.Read, 2, 3, 4, 5)).ShouldBeTrue();
            responder.TryTake(out _).ShouldBeFalse();
            requester.Publish();
            while (responder.TryTake(out var request))
            {
                request.ShouldBe(new BlockRequest(request.Tag, BlockOperation.Read, 2, 3, 4, 5));
                responder.Complete(new BlockCompletion(request.Tag, BlockStatus.MediumError, 6, 7));
            }
            while (requester.TryReap(out var completion))
                completion.ShouldBe(new BlockCompletion(++reaped, BlockStatus.MediumError, 6, 7));
            reaped.ShouldBe(submitted);
        }
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(uint.MaxValue - 3)]
    public void Full_ring_takes_no_more_requests(uint start)
    {
        SetIndices(start);
        var requester = new RingRequester(_mapping, Entries, start);
        var responder = new RingResponder(_mapping, Entries, start);
        for (uint i = 0; i < Entries; i++)
            requester.TryWrite(default).ShouldBeTrue();
        requester.TryWrite(default).ShouldBeFalse();

        requester.Publish();
        responder.TryTake(out _).ShouldBeTrue();

        requester.TryWrite(default).ShouldBeTrue();
        requester.TryWrite(default).ShouldBeFalse();
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(uint.MaxValue - 3)]
    public void Responder_takes_nothing_that_it_could_not_answer(uint start)
    {
        SetIndices(start);
        var requester = new RingRequester(_mapping, Entries, start);
        var responder = new RingResponder(_mapping, Entries, start);
        int taken = 0;
        for (int round = 0; round < 4; round++)
        {
            while (requester.TryWrite(default))
            {
            }
            requester.Publish();
            while (responder.TryTake(out _))
                taken++;
        }
        taken.ShouldBe(16);

        responder.Complete(default);
        responder.TryTake(out _).ShouldBeFalse();
        requester.TryReap(out _).ShouldBeTrue();
        responder.TryTake(out _).ShouldBeTrue();
    }

    [Fact]
    public void Threads_may_complete_at_the_same_time()
    {
        var requester = new RingRequester(_mapping, Entries);
        var responder = new RingResponder(_mapping, Entries);
        for (int round = 0; round < 2000; round++)
        {
            for (ulong tag = 0; tag < Entries; tag++)
                requester.TryWrite(new BlockRequest(tag, BlockOperation.Read, 0, 0, 0, 0)).ShouldBeTrue();
            requester.Publish();
            var requests = new BlockRequest[Entries];
            foreach (ref var request in requests.AsSpan())
                responder.TryTake(out request).ShouldBeTrue();
            Parallel.Invoke(() => Complete(0), () => Complete(1));
            var seen = 0u;
            while (requester.TryReap(out var completion))
                seen |= 1u << (int)completion.Tag;
            seen.ShouldBe(0xFFu);

            void Complete(int first)
            {
                for (int i = first; i < Entries; i += 2)
                    responder.Complete(new BlockCompletion(requests[i].Tag, BlockStatus.Ok));
            }
        }
    }

    private void SetIndices(uint start)
    {
        // Stamps of a lap long ago; zeros are such stamps only as long as the indices are small.
        _mapping.Bytes.Fill(0x5A);
        foreach (int offset in new[] { RequestRing.PublishedAt, RequestRing.TakenAt, RequestRing.ReapedAt })
            BitConverter.TryWriteBytes(_mapping.Bytes[offset..], start);
    }
}
