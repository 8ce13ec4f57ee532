using L4;

namespace Bddf;

/// <summary>The end of a <see cref="RequestRing"/> that submits requests and reaps completions. One thread at a time on each of the two
/// sides; allocates nothing.</summary>
public sealed unsafe class RingRequester
{
    private readonly byte* _ring;
    private readonly CompletionEntry* _completions;
    private readonly uint _requestMask;
    private readonly uint _completionMask;
    private uint _written;
    private uint _reaped;

    /// <param name="mapping">The ring's dataspace; stays the caller's and outlives this object.</param>
    /// <param name="entries">Entries, a power of two.</param>
    /// <exception cref="ServiceException">The dataspace is too small, or the number of entries is impossible.</exception>
    public RingRequester(Mapping mapping, uint entries)
        : this(mapping, entries, 0)
    {
    }

    /// <summary>Both ends may as well start elsewhere than at index 0, for tests of what happens where the indices wrap.</summary>
    internal RingRequester(Mapping mapping, uint entries, uint start)
    {
        _ring = RequestRing.AddressIn(mapping, entries);
        _completions = (CompletionEntry*)(_ring + RequestRing.RequestsAt + entries * RequestRing.RequestBytes);
        _requestMask = entries - 1;
        _completionMask = RequestRing.CompletionEntries(entries) - 1;
        Entries = entries;
        _written = _reaped = start;
    }

    /// <summary>Entries of the ring.</summary>
    public uint Entries { get; }

    /// <summary>Whether a completion can be reaped.</summary>
    public bool HasCompletion => Volatile.Read(ref _completions[_reaped & _completionMask].Stamp) == unchecked(_reaped + 1);

    /// <summary>Writes a request, which the other end sees after <see cref="Publish"/>.</summary>
    /// <returns>False when the ring is full (or the other end's index is nonsense, which comes to the same).</returns>
    public bool TryWrite(in BlockRequest request)
    {
        uint unread = unchecked(_written - Volatile.Read(ref *(uint*)(_ring + RequestRing.TakenAt)));
        if (unread >= Entries)
            return false;
        ((RequestEntry*)(_ring + RequestRing.RequestsAt))[_written & _requestMask] = new RequestEntry
        {
            Tag = request.Tag,
            Operation = (uint)request.Operation,
            Buffer = request.Buffer,
            BufferOffset = request.BufferOffset,
            FirstSector = request.FirstSector,
            Sectors = request.Sectors,
        };
        unchecked
        {
            _written++;
        }
        return true;
    }

    /// <summary>Shows all written requests to the other end. Ringing the doorbell is the caller's part.</summary>
    public void Publish() => Volatile.Write(ref *(uint*)(_ring + RequestRing.PublishedAt), _written);

    /// <summary>Takes the next completion, if there is one. Its contents are the other end's claim: nothing in it has been checked.</summary>
    public bool TryReap(out BlockCompletion completion)
    {
        if (!HasCompletion)
        {
            completion = default;
            return false;
        }
        CompletionEntry entry = _completions[_reaped & _completionMask];
        unchecked
        {
            _reaped++;
        }
        Volatile.Write(ref *(uint*)(_ring + RequestRing.ReapedAt), _reaped);
        completion = new BlockCompletion(entry.Tag, (BlockStatus)entry.Status, entry.Detail, entry.FailedSector);
        return true;
    }
}
