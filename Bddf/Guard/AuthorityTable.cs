using System.Runtime.InteropServices;
using L4;

namespace Bddf;

/// <summary>What a driver may have its device do, for one request.</summary>
/// <param name="Operation">Read, write, flush or erase.</param>
/// <param name="Buffer">The guard's number of the buffer; 0 for flush and erase.</param>
/// <param name="BufferOffset">Where in the buffer the data starts, in bytes.</param>
/// <param name="FirstSector">First sector, from the start of the disk.</param>
/// <param name="Sectors">How many.</param>
public readonly record struct Authority(BlockOperation Operation, uint Buffer, ulong BufferOffset, ulong FirstSector, ulong Sectors);

/// <summary>
/// Authorities in shared memory: the framework writes an entry before the driver sees the request and takes it back when the request has
/// ended; the guard looks one up for each command, and marks how much of it the device has carried out, so that the framework need not
/// believe a driver that says it did.
/// </summary>
/// <remarks>
/// Entries are 64 bytes. An entry is valid while its tag is not 0; the tag is written last and cleared first, and read before and after the
/// rest. What was carried out has the lower half of the tag's generation with it, so that a late mark for an earlier request means nothing.
/// Any thread may call any member; one entry is authorised and retired by one thread at a time. Nothing allocates.
/// </remarks>
public sealed unsafe class AuthorityTable
{
    private const int EntryBytes = 64;
    private readonly Entry* _entries;

    /// <param name="mapping">The table's dataspace; stays the caller's and outlives this object.</param>
    /// <param name="entries">How many entries.</param>
    /// <exception cref="ServiceException">The dataspace is too small.</exception>
    public AuthorityTable(Mapping mapping, uint entries)
    {
        if (!new Extent(0, mapping.Length).Contains(0, BytesFor(entries)))
            throw new ServiceException(ServiceError.BadArgument, $"a table of {entries} authorities needs {BytesFor(entries)} bytes; its dataspace has {mapping.Length}");
        _entries = (Entry*)mapping.Address;
        Entries = entries;
    }

    [StructLayout(LayoutKind.Sequential, Size = EntryBytes)]
    private struct Entry
    {
        public ulong Tag;
        public uint Operation;
        public uint Buffer;
        public ulong BufferOffset;
        public ulong FirstSector;
        public ulong Sectors;
        public ulong Done;
    }

    /// <summary>How many entries.</summary>
    public uint Entries { get; }

    /// <summary>Bytes of a table with <paramref name="entries"/> entries.</summary>
    public static ulong BytesFor(uint entries) => (ulong)entries * EntryBytes;

    /// <summary>Makes an entry valid. It must not be valid now.</summary>
    /// <param name="index">The entry.</param>
    /// <param name="tag">The request's tag, not 0; different from the last one of this entry in its upper 48 bits.</param>
    /// <param name="authority">What may be done.</param>
    public void Authorise(int index, ulong tag, in Authority authority)
    {
        var entry = At(index);
        entry->Operation = (uint)authority.Operation;
        entry->Buffer = authority.Buffer;
        entry->BufferOffset = authority.BufferOffset;
        entry->FirstSector = authority.FirstSector;
        entry->Sectors = authority.Sectors;
        Volatile.Write(ref entry->Done, Stamp(tag));
        Volatile.Write(ref entry->Tag, tag);
    }

    /// <summary>Takes an authority back, if the entry still is that request's.</summary>
    public void Retire(int index, ulong tag) => Interlocked.CompareExchange(ref At(index)->Tag, 0, tag);

    /// <summary>How many of a request's sectors, from its first on, the device has carried out; for a flush 1 when it was.</summary>
    public uint DoneOf(int index, ulong tag)
    {
        ulong done = Volatile.Read(ref At(index)->Done);
        return (done & ~(ulong)uint.MaxValue) == Stamp(tag) ? (uint)(done & uint.MaxValue) : 0;
    }

    /// <summary>The guard's look at an entry; false when it authorises nothing.</summary>
    public bool TryRead(int index, out ulong tag, out Authority authority)
    {
        var entry = At(index);
        tag = Volatile.Read(ref entry->Tag);
        authority = default;
        if (tag == 0)
            return false;
        authority = new Authority((BlockOperation)entry->Operation, entry->Buffer, entry->BufferOffset, entry->FirstSector, entry->Sectors);
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref entry->Tag) == tag;
    }

    /// <summary>The guard's word that the device has carried out <paramref name="sectors"/> of the request, from its first on.</summary>
    public void MarkDone(int index, ulong tag, uint sectors) => Volatile.Write(ref At(index)->Done, Stamp(tag) | sectors);

    private static ulong Stamp(ulong tag) => unchecked(tag >> 16 << 32);

    private Entry* At(int index) => (uint)index < Entries ? _entries + index : throw new ArgumentOutOfRangeException(nameof(index));
}
