using L4;

namespace Tracing;

/// <summary>What a driver task is given to be traced: capabilities of its own space.</summary>
/// <param name="Ring">Dataspace of the ring.</param>
/// <param name="Entries">Records that it holds; a power of two.</param>
/// <param name="Available">Notification to signal when records came into an empty ring.</param>
/// <param name="AvailableBits">The bits to signal.</param>
/// <param name="Room">Notification that tells a writer who waits that there is room again.</param>
[MessageType]
public sealed record TraceChannel(Capability Ring, uint Entries, Capability Available, ulong AvailableBits, Capability Room);

/// <summary>
/// The ring's memory, shared by one writer and one reader: a page with the two counters, then the records. Counters only grow and wrap; nothing is
/// dropped, a writer who finds the ring full waits.
/// </summary>
internal readonly unsafe struct TraceRing
{
    private const int WrittenOffset = 0;
    private const int ReadOffset = 64;
    private const int WaitingOffset = 128;

    private readonly byte* _memory;
    private readonly uint _entries;

    internal TraceRing(Mapping mapping, uint entries)
    {
        if (!uint.IsPow2(entries) || mapping.Length < BytesFor(entries))
            throw new ArgumentException($"A ring of {entries} records does not fit {mapping.Length} bytes.", nameof(entries));
        _memory = (byte*)mapping.Address;
        _entries = entries;
    }

    /// <summary>Records written so far.</summary>
    internal ref uint Written => ref *(uint*)(_memory + WrittenOffset);

    /// <summary>Records read so far.</summary>
    internal ref uint Read => ref *(uint*)(_memory + ReadOffset);

    /// <summary>1 while the writer waits for room.</summary>
    internal ref uint Waiting => ref *(uint*)(_memory + WaitingOffset);

    internal uint Entries => _entries;

    internal static ulong BytesFor(uint entries) => Dataspace.PageSize + entries * (ulong)TraceRecord.Size;

    internal ref TraceRecord Record(uint number) =>
        ref *(TraceRecord*)(_memory + Dataspace.PageSize + (number & (_entries - 1)) * (ulong)TraceRecord.Size);
}
