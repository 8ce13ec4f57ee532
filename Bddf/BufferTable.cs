using L4;

namespace Bddf;

/// <summary>A buffer as a session knows it.</summary>
/// <param name="Dataspace">The client's memory, held so that it stays as long as the device may touch it.</param>
/// <param name="Channel">Its numbers at the driver and at the guard.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="IsWritable">Whether the client may write to it, and so may let a device do it.</param>
internal readonly record struct AttachedBuffer(Capability Dataspace, ChannelBuffer Channel, ulong Bytes, bool IsWritable);

/// <summary>The buffers of a session. Attaching and detaching on the server's thread; using them on any.</summary>
internal sealed class BufferTable
{
    /// <summary>Buffers that a session may have.</summary>
    public const int Capacity = 256;

    private const int Detached = -1;

    private readonly Slot[] _slots = new Slot[Capacity];

    public BufferTable()
    {
        foreach (ref var slot in _slots.AsSpan())
            slot.Uses = Detached;
    }

    private struct Slot
    {
        /// <summary>Requests in flight that use the buffer, or <see cref="Detached"/>.</summary>
        public int Uses;
        public AttachedBuffer Buffer;
    }

    /// <summary>Whether another buffer fits.</summary>
    public bool HasRoom => Array.Exists(_slots, slot => slot.Uses == Detached);

    /// <summary>Adds a buffer and answers its number.</summary>
    public uint Add(in AttachedBuffer buffer)
    {
        int index = Array.FindIndex(_slots, slot => slot.Uses == Detached);
        _slots[index].Buffer = buffer;
        Volatile.Write(ref _slots[index].Uses, 0);
        return (uint)index + 1;
    }

    /// <summary>Counts one more use, during which the buffer stays.</summary>
    /// <returns>False when there is no such buffer.</returns>
    public bool TryUse(uint number, out AttachedBuffer buffer)
    {
        buffer = default;
        if (number is 0 or > Capacity)
            return false;
        ref var slot = ref _slots[number - 1];
        int uses;
        do
        {
            uses = Volatile.Read(ref slot.Uses);
            if (uses == Detached)
                return false;
        }
        while (Interlocked.CompareExchange(ref slot.Uses, uses + 1, uses) != uses);
        buffer = slot.Buffer;
        return true;
    }

    /// <summary>Ends one use.</summary>
    public void EndUse(uint number) => Interlocked.Decrement(ref _slots[number - 1].Uses);

    /// <summary>All buffers. For the thread that attaches.</summary>
    public IEnumerable<(uint Number, AttachedBuffer Buffer)> All()
    {
        for (uint number = 1; number <= Capacity; number++)
        {
            if (Volatile.Read(ref _slots[number - 1].Uses) != Detached)
                yield return (number, _slots[number - 1].Buffer);
        }
    }

    /// <summary>A buffer that a request in flight uses.</summary>
    public AttachedBuffer Read(uint number) => _slots[number - 1].Buffer;

    /// <summary>Gives a buffer another number at the driver. While nobody uses it for a new request.</summary>
    public void Rebind(uint number, ChannelBuffer buffer) => _slots[number - 1].Buffer = _slots[number - 1].Buffer with { Channel = buffer };

    /// <summary>Takes a buffer out.</summary>
    /// <exception cref="ServiceException">There is none, or it is in use.</exception>
    public AttachedBuffer Remove(uint number)
    {
        int uses = number is 0 or > Capacity ? Detached : Interlocked.CompareExchange(ref _slots[number - 1].Uses, Detached, 0);
        return uses switch
        {
            0 => _slots[number - 1].Buffer,
            Detached => throw new ServiceException(ServiceError.NotFound, $"the session has no buffer {number}"),
            _ => throw new ServiceException(ServiceError.Busy, $"buffer {number} is used by {uses} requests in flight"),
        };
    }

    /// <summary>Takes all buffers out, whatever uses them: for the end of the session, when nothing is in flight.</summary>
    public IEnumerable<AttachedBuffer> RemoveAll()
    {
        for (int i = 0; i < Capacity; i++)
        {
            if (Interlocked.Exchange(ref _slots[i].Uses, Detached) != Detached)
                yield return _slots[i].Buffer;
        }
    }
}
