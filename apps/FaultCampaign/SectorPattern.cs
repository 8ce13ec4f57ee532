using System.Buffers.Binary;

namespace FaultCampaign;

/// <summary>
/// What the workload writes: each sector says where it belongs and which write it is, and all its other bytes follow from that. So a byte
/// that is wrong, a sector in the wrong place and one that is old are told apart.
/// </summary>
public static class SectorPattern
{
    /// <summary>Bytes of a sector.</summary>
    public const int Bytes = 512;

    private const ulong Mark = 0x4464_6521_5061_7474;
    private const int HeaderBytes = 3 * sizeof(ulong);

    /// <summary>Fills a sector.</summary>
    /// <param name="sector">512 bytes.</param>
    /// <param name="number">Where it belongs.</param>
    /// <param name="write">Which write of it; 0 is what the medium begins with.</param>
    public static void Fill(Span<byte> sector, ulong number, ulong write)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(sector, Mark);
        BinaryPrimitives.WriteUInt64LittleEndian(sector[8..], number);
        BinaryPrimitives.WriteUInt64LittleEndian(sector[16..], write);
        // xorshift64 (Marsaglia 2003); it never comes to 0 from another state.
        ulong state = unchecked((number + 1) * 0x9e37_79b9_7f4a_7c15 ^ (write + 1) * 0xbf58_476d_1ce4_e5b9) | 1;
        for (int offset = HeaderBytes; offset < Bytes; offset += sizeof(ulong))
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            BinaryPrimitives.WriteUInt64LittleEndian(sector[offset..], state);
        }
    }

    /// <summary>Which write of sector <paramref name="number"/> this is; false when it is none, or not whole.</summary>
    public static bool TryIdentify(ReadOnlySpan<byte> sector, ulong number, out ulong write)
    {
        write = BinaryPrimitives.ReadUInt64LittleEndian(sector[16..]);
        return CountDifferent(sector, number, write) == 0;
    }

    /// <summary>How many bytes of a sector are not those of a write.</summary>
    public static int CountDifferent(ReadOnlySpan<byte> sector, ulong number, ulong write)
    {
        Span<byte> expected = stackalloc byte[Bytes];
        Fill(expected, number, write);
        if (sector.SequenceEqual(expected))
            return 0;
        int different = 0;
        for (int offset = 0; offset < Bytes; offset++)
        {
            if (sector[offset] != expected[offset])
                different++;
        }
        return different;
    }
}
