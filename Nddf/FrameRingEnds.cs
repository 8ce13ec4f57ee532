using L4;

namespace Nddf;

/// <summary>The writing end of one way of a ring. Any number of threads; allocates nothing.</summary>
internal sealed unsafe class FrameWriter
{
    private readonly ulong* _words;
    private readonly uint _mask;
    private readonly uint _slots;
    private uint _written;

    internal FrameWriter(ulong* words, uint slots)
    {
        _words = words;
        _slots = slots;
        _mask = slots - 1;
    }

    /// <summary>Writes a descriptor; the other end can read it at once. Waking it is the caller's part, once a batch.</summary>
    internal void Write(in FrameDescriptor descriptor)
    {
        uint index = unchecked(Interlocked.Increment(ref _written) - 1);
        ulong phase = (index & _slots) == 0 ? FrameRing.Phase : 0;
        Volatile.Write(ref _words[index & _mask], descriptor.Pack() | phase);
    }
}

/// <summary>The reading end of one way of a ring. One thread at a time; allocates nothing.</summary>
internal sealed unsafe class FrameReader
{
    private readonly ulong* _words;
    private readonly uint _mask;
    private readonly uint _slots;
    private uint _read;

    internal FrameReader(ulong* words, uint slots)
    {
        _words = words;
        _slots = slots;
        _mask = slots - 1;
    }

    /// <summary>Whether a descriptor waits.</summary>
    internal bool HasNext => IsWritten(_read);

    /// <summary>Whether so many descriptors wait. At most as many as there are slots; a peer that leaves gaps is believed, and each is checked when it is read.</summary>
    internal bool HasAtLeast(uint count) => IsWritten(unchecked(_read + count - 1));

    /// <summary>Reads the next descriptor, if there is one. It is the other end's claim: nothing in it has been checked.</summary>
    internal bool TryRead(out FrameDescriptor descriptor)
    {
        ulong word = Volatile.Read(ref _words[_read & _mask]);
        if (!IsOfLap(word, _read))
        {
            descriptor = default;
            return false;
        }
        unchecked
        {
            _read++;
        }
        descriptor = FrameDescriptor.Unpack(word);
        return true;
    }

    private bool IsWritten(uint index) => IsOfLap(Volatile.Read(ref _words[index & _mask]), index);

    private bool IsOfLap(ulong word, uint index) => (word & FrameRing.Phase) != 0 == ((index & _slots) == 0);
}

/// <summary>The end of a ring that hands slots over and gets them back.</summary>
internal sealed unsafe class FrameSubmitter
{
    private readonly byte* _ring;

    /// <param name="mapping">The ring's dataspace; stays the caller's and outlives this object.</param>
    /// <param name="slots">Slots of the queue.</param>
    /// <exception cref="ServiceException">The dataspace is too small, or the number of slots is impossible.</exception>
    internal FrameSubmitter(Mapping mapping, uint slots)
    {
        _ring = FrameRing.AddressIn(mapping, slots);
        Submissions = new FrameWriter((ulong*)(_ring + FrameRing.SubmissionsAt), slots);
        Completions = new FrameReader((ulong*)(_ring + FrameRing.CompletionsAt(slots)), slots);
    }

    internal FrameWriter Submissions { get; }

    internal FrameReader Completions { get; }

    internal NicState State => (NicState)Volatile.Read(ref *(uint*)(_ring + FrameRing.StateAt));
}

/// <summary>The end of a ring that takes slots and gives each back once.</summary>
internal sealed unsafe class FrameServer
{
    private readonly byte* _ring;

    /// <param name="mapping">The ring's dataspace; stays the caller's and outlives this object.</param>
    /// <param name="slots">Slots of the queue.</param>
    /// <exception cref="ServiceException">The dataspace is too small, or the number of slots is impossible.</exception>
    internal FrameServer(Mapping mapping, uint slots)
    {
        _ring = FrameRing.AddressIn(mapping, slots);
        Submissions = new FrameReader((ulong*)(_ring + FrameRing.SubmissionsAt), slots);
        Completions = new FrameWriter((ulong*)(_ring + FrameRing.CompletionsAt(slots)), slots);
    }

    internal FrameReader Submissions { get; }

    internal FrameWriter Completions { get; }

    internal void SetState(NicState state) => Volatile.Write(ref *(uint*)(_ring + FrameRing.StateAt), (uint)state);
}
