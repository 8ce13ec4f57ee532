using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Emulator;

/// <summary>
/// Frames on their way in one direction of a wire: a ring of bytes with one producer and one consumer, which may be two threads. A
/// frame lies in one piece; whoever writes or reads it does so in place. What was written is seen by the consumer, and what was read is
/// free for the producer, after a publication, so that a batch costs one.
/// </summary>
internal sealed class FrameRing
{
    /// <summary>Bytes in all. Small enough to stay in the cache of the core, large enough for a batch of the longest frames.</summary>
    public const int Capacity = 256 * 1024;

    private const int HeaderBytes = 8;
    private const long PositionMask = Capacity - 1;

    /// <summary>Instead of a length: the next frame is at the ring's start.</summary>
    private const int Wrap = -1;

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(Capacity, pinned: true);
    private Side _producer;
    private Side _consumer;

    /// <summary>What one side knows. Sides are written by different threads, so each has cache lines of its own.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct Side
    {
        /// <summary>How far the side has come, as far as the other one may know. Positions count bytes since the ring was made.</summary>
        [FieldOffset(64)]
        public long Published;

        /// <summary>How far it has come.</summary>
        [FieldOffset(72)]
        public long Position;

        /// <summary>How far the other side had come when this one last looked.</summary>
        [FieldOffset(80)]
        public long Other;

        /// <summary>Whether it wants to be told when the other one gets on.</summary>
        [FieldOffset(88)]
        public int Waits;
    }

    /// <summary>Producer: finds room for a frame of up to <paramref name="length"/> bytes; false when there is none.</summary>
    public bool TryReserve(int length, out Span<byte> frame)
    {
        int needed = HeaderBytes + Rounded(length);
        int place = (int)(_producer.Position & PositionMask);
        int skipped = Capacity - place >= needed ? 0 : Capacity - place;
        if (!HasRoom(skipped + needed))
        {
            frame = default;
            return false;
        }

        if (skipped != 0)
        {
            WriteLength(place, Wrap);
            _producer.Position += skipped;
            place = 0;
        }
        frame = _bytes.AsSpan(place + HeaderBytes, length);
        return true;
    }

    /// <summary>Producer: the frame that was reserved last is complete, with this length.</summary>
    public void Commit(int length)
    {
        WriteLength((int)(_producer.Position & PositionMask), length);
        _producer.Position += HeaderBytes + Rounded(length);
    }

    /// <summary>Producer: lets the consumer see what was committed. True when the consumer waits and must be told.</summary>
    public bool PublishFrames() => Publish(ref _producer, ref _consumer) && TakeWaiter(ref _consumer);

    /// <summary>Producer: wants to be told when half of the ring is free; false when it is.</summary>
    public bool WaitForRoom()
    {
        AnnounceWait(ref _producer);
        if (Volatile.Read(ref _consumer.Published) < _producer.Position - Capacity / 2)
            return true;
        Volatile.Write(ref _producer.Waits, 0);
        return false;
    }

    /// <summary>Consumer: the oldest frame; false when there is none.</summary>
    public bool TryRead(out ReadOnlySpan<byte> frame)
    {
        if (!HasFrame())
        {
            frame = default;
            return false;
        }

        int place = (int)(_consumer.Position & PositionMask);
        int length = ReadLength(place);
        if (length == Wrap)
        {
            _consumer.Position += Capacity - place;
            // A producer that found room for the wrap may not have committed the frame behind it.
            if (!HasFrame())
            {
                frame = default;
                return false;
            }
            place = 0;
            length = ReadLength(0);
        }
        frame = _bytes.AsSpan(place + HeaderBytes, length);
        return true;
    }

    /// <summary>Consumer: the frame that was read last is no longer needed.</summary>
    public void Release(int length) => _consumer.Position += HeaderBytes + Rounded(length);

    /// <summary>Consumer: gives the room of what was released back. True when the producer waits and there is room enough to tell it.</summary>
    public bool PublishRoom() =>
        Publish(ref _consumer, ref _producer)
        && Volatile.Read(ref _producer.Published) - _consumer.Position <= Capacity / 2
        && TakeWaiter(ref _producer);

    /// <summary>Consumer: wants to be told when there are frames; false when there are.</summary>
    public bool WaitForFrames()
    {
        AnnounceWait(ref _consumer);
        if (Volatile.Read(ref _producer.Published) == _consumer.Position)
            return true;
        Volatile.Write(ref _consumer.Waits, 0);
        return false;
    }

    /// <summary>Consumer: forgets all frames that are there.</summary>
    public void Discard()
    {
        _consumer.Other = Volatile.Read(ref _producer.Published);
        _consumer.Position = _consumer.Other;
    }

    private static int Rounded(int length) => (length + (HeaderBytes - 1)) & ~(HeaderBytes - 1);

    /// <summary>True when the other side may wait: it is asked only after the position is visible to it.</summary>
    private static bool Publish(ref Side own, ref Side other)
    {
        if (own.Published == own.Position)
            return false;
        Volatile.Write(ref own.Published, own.Position);
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref other.Waits) != 0;
    }

    private static bool TakeWaiter(ref Side side) => Interlocked.Exchange(ref side.Waits, 0) != 0;

    private static void AnnounceWait(ref Side side)
    {
        Volatile.Write(ref side.Waits, 1);
        Interlocked.MemoryBarrier();
    }

    private bool HasRoom(int bytes)
    {
        if (Capacity - (_producer.Position - _producer.Other) >= bytes)
            return true;
        _producer.Other = Volatile.Read(ref _consumer.Published);
        return Capacity - (_producer.Position - _producer.Other) >= bytes;
    }

    private bool HasFrame()
    {
        if (_consumer.Position != _consumer.Other)
            return true;
        _consumer.Other = Volatile.Read(ref _producer.Published);
        return _consumer.Position != _consumer.Other;
    }

    private void WriteLength(int place, int length) => BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(place), length);

    private int ReadLength(int place) => BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(place));
}
