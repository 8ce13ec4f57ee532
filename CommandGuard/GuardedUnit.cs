using Bddf;
using L4;

namespace CommandGuard;

/// <summary>A request of one of a disk's tables that covers a command.</summary>
/// <param name="Table">The table; null for none.</param>
/// <param name="Index">The entry.</param>
/// <param name="Tag">Its tag when it was found.</param>
/// <param name="Authority">What it allows.</param>
internal readonly record struct Cover(GuardedTable? Table, int Index, ulong Tag, Authority Authority)
{
    /// <summary>The device has carried out <paramref name="count"/> sectors from <paramref name="first"/> on. What is carried out is told from a
    /// request's first sector on; a driver that does it out of order is told nothing of until the gap is closed.</summary>
    public void MarkDone(ulong first, uint count)
    {
        if (Table!.IsClosed)
            return;
        ulong begin = first - Authority.FirstSector;
        uint done = Table.Authorities.DoneOf(Index, Tag);
        if (begin <= done && begin + count > done)
            Table.Authorities.MarkDone(Index, Tag, (uint)(begin + count));
    }
}

/// <summary>One of the four disks that a function can have: what it is, and what may be done to it.</summary>
/// <remarks>Tables come and go on the I/O server's thread; the rest is the thread's that accesses the ports.</remarks>
internal sealed class GuardedUnit
{
    private DeviceIdentity? _identity;
    private GuardedTable[] _tables = [];

    /// <summary>What the device said it is; null before it was asked.</summary>
    public DeviceIdentity? Identity
    {
        get => Volatile.Read(ref _identity);
        set => Volatile.Write(ref _identity, value);
    }

    /// <summary>The tables of authorities for it.</summary>
    public GuardedTable[] Tables => Volatile.Read(ref _tables);

    /// <summary>Adds a table.</summary>
    public void Add(GuardedTable table) => Volatile.Write(ref _tables, [.. _tables, table]);

    /// <summary>Takes a table out.</summary>
    public void Remove(GuardedTable table) => Volatile.Write(ref _tables, [.. _tables.Where(t => t != table)]);

    /// <summary>Goes through the requests that cover a command, from where <paramref name="position"/> stands.</summary>
    /// <param name="operation">What the command does.</param>
    /// <param name="first">Its first sector.</param>
    /// <param name="count">Its sectors.</param>
    /// <param name="position">0 to begin with.</param>
    /// <param name="cover">The request found.</param>
    public bool TryFind(BlockOperation operation, ulong first, uint count, ref int position, out Cover cover)
    {
        int at = 0;
        foreach (var table in Tables)
        {
            for (int index = 0; index < table.Authorities.Entries; index++, at++)
            {
                if (at < position || !table.Authorities.TryRead(index, out ulong tag, out var authority) || authority.Operation != operation
                    || !new Extent(authority.FirstSector, authority.Sectors).Contains(first, count))
                {
                    continue;
                }
                position = at + 1;
                cover = new Cover(table, index, tag, authority);
                return true;
            }
        }
        cover = default;
        return false;
    }
}
