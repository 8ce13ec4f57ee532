namespace L4;

/// <summary>
/// A word in shared memory by which others see whether somebody gets on with his work: it changes with each piece of work, and is even while
/// he waits for more. Odd and the same for long: he hangs.
/// </summary>
/// <remarks>One writer; any number of readers. Whoever can write the memory can only make himself look well, or ill.</remarks>
public sealed unsafe class Heartbeat
{
    private readonly Mapping _mapping;

    /// <param name="mapping">At least 8 bytes, at their start the word; kept for as long as this is.</param>
    public Heartbeat(Mapping mapping) => _mapping = mapping;

    /// <summary>The word.</summary>
    public ulong Value => Volatile.Read(ref Word);

    private ref ulong Word => ref *(ulong*)_mapping.Address;

    /// <summary>A piece of work begins.</summary>
    public void Work() => Volatile.Write(ref Word, unchecked((Word + 2) | 1));

    /// <summary>There is no work.</summary>
    public void Rest() => Volatile.Write(ref Word, unchecked((Word + 1) & ~1UL));
}
