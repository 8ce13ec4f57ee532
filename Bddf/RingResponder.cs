using L4;

namespace Bddf;

/// <summary>
/// The end of a <see cref="RequestRing"/> that takes requests and completes each of them once. One thread at a time takes; any number may
/// complete. Allocates nothing.
/// </summary>
public sealed unsafe class RingResponder
{
    private readonly byte* _ring;
    private readonly CompletionEntry* _completions;
    private readonly uint _requestMask;
    private readonly uint _completionMask;
    private uint _taken;
    private uint _completed;

    /// <param name="mapping">The ring's dataspace; stays the caller's and outlives this object.</param>
    /// <param name="entries">Entries, a power of two.</param>
    /// <exception cref="ServiceException">The dataspace is too small, or the number of entries is impossible.</exception>
    public RingResponder(Mapping mapping, uint entries)
        : this(mapping, entries, 0)
    {
    }

    /// <summary>Both ends may as well start elsewhere than at index 0, for tests of what happens where the indices wrap.</summary>
    internal RingResponder(Mapping mapping, uint entries, uint start)
    {
        _ring = RequestRing.AddressIn(mapping, entries);
        _completions = (CompletionEntry*)(_ring + RequestRing.RequestsAt + entries * RequestRing.RequestBytes);
        _requestMask = entries - 1;
        _completionMask = RequestRing.CompletionEntries(entries) - 1;
        Entries = entries;
        _taken = _completed = start;
    }

    /// <summary>Entries of the ring.</summary>
    public uint Entries { get; }

    /// <summary>
    /// Takes the next request. Nothing is taken for whose completion there would be no room: a requester that does not reap is not served,
    /// and rings again once it has.
    /// </summary>
    /// <returns>False when there is none, or no room.</returns>
    /// <exception cref="ServiceException"><see cref="ServiceError.BadArgument"/>: the other end's indices are nonsense; nothing was taken.</exception>
    public bool TryTake(out BlockRequest request)
    {
        request = default;
        uint waiting = unchecked(Volatile.Read(ref *(uint*)(_ring + RequestRing.PublishedAt)) - _taken);
        if (waiting == 0)
            return false;
        uint unreaped = unchecked(_taken - Volatile.Read(ref *(uint*)(_ring + RequestRing.ReapedAt)));
        uint room = RequestRing.CompletionEntries(Entries);
        if (waiting > Entries || unreaped > room)
            throw new ServiceException(ServiceError.BadArgument,
                $"the ring of {Entries} entries says that {waiting} requests wait and {unreaped} completions were not reaped; at most {Entries} and {room} can be");
        if (unreaped == room)
            return false;
        RequestEntry entry = ((RequestEntry*)(_ring + RequestRing.RequestsAt))[_taken & _requestMask];
        unchecked
        {
            _taken++;
        }
        Volatile.Write(ref *(uint*)(_ring + RequestRing.TakenAt), _taken);
        // A reserved field that is set is never from a RingRequester: the operation None makes sure that the request is refused.
        bool isClean = (entry.Reserved0 | entry.Reserved1 | entry.Reserved2) == 0;
        request = new BlockRequest(
            entry.Tag, isClean ? (BlockOperation)entry.Operation : BlockOperation.None, entry.Buffer, entry.BufferOffset, entry.FirstSector, entry.Sectors);
        return true;
    }

    /// <summary>Answers a request that was taken; the other end sees it at once. Waking it is the caller's part, once a batch.</summary>
    public void Complete(in BlockCompletion completion)
    {
        uint index = unchecked(Interlocked.Increment(ref _completed) - 1);
        CompletionEntry* entry = &_completions[index & _completionMask];
        entry->Tag = completion.Tag;
        entry->Status = (uint)completion.Status;
        entry->Detail = completion.Detail;
        entry->FailedSector = completion.FailedSector;
        Volatile.Write(ref entry->Stamp, unchecked(index + 1));
    }
}
