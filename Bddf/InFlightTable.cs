using System.Numerics;
using L4;

namespace Bddf;

/// <summary>
/// The requests of a session that the driver has, in slots made beforehand. One thread at a time adds; any thread claims. Each request is
/// claimed exactly once, whoever comes first: the driver's completion, its death, or the end of the session.
/// </summary>
internal sealed class InFlightTable
{
    /// <summary>Slots: the free ones are the bits of one word.</summary>
    public const int Capacity = 64;

    private const int IndexBits = 16;

    private readonly Slot[] _slots = new Slot[Capacity];
    private ulong _free = ulong.MaxValue;
    private ulong _generation;

    private struct Slot
    {
        /// <summary>The tag under which the driver knows the request; 0 when it has none.</summary>
        public ulong Tag;
        public BlockRequest Request;
    }

    /// <summary>Requests in flight.</summary>
    public int Count => Capacity - BitOperations.PopCount(Volatile.Read(ref _free));

    /// <summary>Records a request.</summary>
    /// <param name="request">As the client sent it.</param>
    /// <param name="tag">The tag for the driver: slot and generation, so that a completion that comes twice or late meets nothing.</param>
    /// <returns>False when all slots are taken.</returns>
    public bool TryAdd(in BlockRequest request, out ulong tag)
    {
        ulong free = Volatile.Read(ref _free);
        if (free == 0)
        {
            tag = 0;
            return false;
        }
        int index = BitOperations.TrailingZeroCount(free);
        Interlocked.And(ref _free, ~(1UL << index));
        tag = unchecked(++_generation << IndexBits) | (uint)index;
        _slots[index].Request = request;
        // A full fence: who ends the session either sees this request, or is seen by whoever submits it.
        Interlocked.Exchange(ref _slots[index].Tag, tag);
        return true;
    }

    /// <summary>Whether a request in flight changes sectors that this one would change too. For the thread that adds.</summary>
    public bool Conflicts(in BlockRequest request)
    {
        if (!IsChange(request.Operation))
            return false;
        var sectors = new Extent(request.FirstSector, request.Sectors);
        for (ulong used = ~Volatile.Read(ref _free); used != 0; used &= used - 1)
        {
            ref readonly var other = ref _slots[BitOperations.TrailingZeroCount(used)].Request;
            if (IsChange(other.Operation) && sectors.Overlaps(new Extent(other.FirstSector, other.Sectors)))
                return true;
        }
        return false;
    }

    /// <summary>The tags of all requests in flight, the oldest first. While nothing is added or claimed.</summary>
    /// <param name="tags">At least <see cref="Capacity"/> long.</param>
    /// <returns>How many there are.</returns>
    public int ReadTags(Span<ulong> tags)
    {
        int count = 0;
        for (int index = 0; index < Capacity; index++)
        {
            if (Volatile.Read(ref _slots[index].Tag) is not 0 and var tag)
                tags[count++] = tag;
        }
        // The generation is the upper part of a tag.
        tags[..count].Sort();
        return count;
    }

    /// <summary>The request with this tag, which stays in flight.</summary>
    public bool TryRead(ulong tag, out BlockRequest request)
    {
        int index = (int)(tag & ((1UL << IndexBits) - 1));
        request = _slots[index].Request;
        return Volatile.Read(ref _slots[index].Tag) == tag;
    }

    /// <summary>The tag of the oldest request in flight; 0 when there is none. From any thread.</summary>
    public ulong Oldest()
    {
        ulong oldest = ulong.MaxValue;
        for (int index = 0; index < Capacity; index++)
            oldest = Math.Min(oldest, unchecked(Volatile.Read(ref _slots[index].Tag) - 1));
        return unchecked(oldest + 1);
    }

    /// <summary>Takes the request with this tag out.</summary>
    /// <returns>False when there is none (any more).</returns>
    public bool TryClaim(ulong tag, out BlockRequest request)
    {
        int index = (int)(tag & ((1UL << IndexBits) - 1));
        if (tag == 0 || index >= Capacity || Interlocked.CompareExchange(ref _slots[index].Tag, 0, tag) != tag)
        {
            request = default;
            return false;
        }
        request = _slots[index].Request;
        Interlocked.Or(ref _free, 1UL << index);
        return true;
    }

    /// <summary>Takes whatever request the slot has out.</summary>
    public bool TryClaimSlot(int index, out ulong tag, out BlockRequest request)
    {
        tag = Volatile.Read(ref _slots[index].Tag);
        return TryClaim(tag, out request);
    }

    private static bool IsChange(BlockOperation operation) => operation is BlockOperation.Write or BlockOperation.Erase;
}
