using L4.Native;

namespace L4;

/// <summary>The memory of a channel between two processes, mapped until it is disposed. Both sides write to it, so whoever reads something there
/// reads it once, and checks what it read.</summary>
internal sealed unsafe class SharedMemory : IDisposable
{
    /// <summary>A sleeper looks again after this time, whatever its peer did to the words that it sleeps on.</summary>
    private const long LongestSleep = 1_000_000_000;

    private const int PollsPerLook = 16;

    private readonly Clock _clock;
    private readonly nuint _size;
    private readonly byte* _address;
    private volatile bool _isEnded;

    private SharedMemory(Clock clock, int descriptor, ulong size)
    {
        _clock = clock;
        _size = (nuint)size;
        nint address = Libc.mmap(0, _size, Libc.ProtectRead | Libc.ProtectWrite, Libc.MapShared, descriptor, 0);
        _address = address != Libc.MapFailed ? (byte*)address : throw Libc.LastError($"mapping {size} bytes of a channel");
    }

    /// <summary>Whether the other side is gone or was cut off; see <see cref="End"/>.</summary>
    internal bool IsEnded => _isEnded;

    /// <summary>Makes a channel's memory.</summary>
    internal static (SharedMemory Memory, int Descriptor) Create(Clock clock, ulong size)
    {
        int descriptor = Libc.CreateMemoryFile("channel", size);
        return (new SharedMemory(clock, descriptor, size), descriptor);
    }

    /// <summary>Maps a channel's memory that was checked to be a sealed memory file of this size.</summary>
    internal static SharedMemory Map(Clock clock, int descriptor, ulong size) => new(clock, descriptor, size);

    /// <summary>The word at an offset.</summary>
    internal ref int Word(int offset) => ref *(int*)(_address + offset);

    /// <summary>The value at an offset.</summary>
    internal ref T Value<T>(int offset) where T : unmanaged => ref *(T*)(_address + offset);

    /// <summary>Bytes of the memory; the caller has checked the numbers.</summary>
    internal Span<byte> Bytes(int offset, int length) => new(_address + offset, length);

    /// <summary>Publishes a value and wakes who sleeps until it changes.</summary>
    /// <param name="word">Offset of the value.</param>
    /// <param name="value">The value.</param>
    /// <param name="asleep">Offset of the word that the other side sleeps on.</param>
    internal void Publish(int word, int value, int asleep)
    {
        Volatile.Write(ref Word(word), value);
        // Against AwaitChange, which announces its sleep and then looks at the value.
        Interlocked.MemoryBarrier();
        Wake(asleep);
    }

    /// <summary>Waits until a word has another value than <paramref name="old"/>: spins for a moment, then sleeps.</summary>
    /// <param name="word">Offset of the word.</param>
    /// <param name="old">The value that it had.</param>
    /// <param name="asleep">Offset of the word that this side sleeps on.</param>
    /// <returns>False when the channel has ended and the value is the old one still.</returns>
    internal bool AwaitChange(int word, int old, int asleep)
    {
        ref int value = ref Word(word);
        long spinEnd = 0;
        while (true)
        {
            for (int poll = 0; poll < PollsPerLook; poll++)
            {
                if (Volatile.Read(ref value) != old)
                    return true;
                Thread.SpinWait(1);
            }
            long now = _clock.Now;
            if (spinEnd == 0)
                spinEnd = now + _clock.SpinNanoseconds;
            if (_isEnded)
                return false;
            if (now < spinEnd)
                continue;
            Volatile.Write(ref Word(asleep), 1);
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref value) == old && !_isEnded)
                Libc.Wait((int*)(_address + asleep), 1, LongestSleep);
            Volatile.Write(ref Word(asleep), 0);
        }
    }

    /// <summary>The other side is gone: who waits on this side goes on.</summary>
    /// <param name="asleep">Offset of the word that this side sleeps on.</param>
    internal void End(int asleep)
    {
        _isEnded = true;
        Interlocked.MemoryBarrier();
        Wake(asleep);
    }

    /// <inheritdoc />
    public void Dispose() => _ = Libc.munmap((nint)_address, _size);

    private void Wake(int asleep)
    {
        if (Volatile.Read(ref Word(asleep)) == 0)
            return;
        Volatile.Write(ref Word(asleep), 0);
        Libc.Wake((int*)(_address + asleep));
    }
}
