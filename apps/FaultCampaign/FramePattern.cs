using System.Buffers.Binary;

namespace FaultCampaign;

/// <summary>Frames that say which they are; all their other bytes, and their length, follow from that.</summary>
public static class FramePattern
{
    /// <summary>Bytes of an Ethernet header.</summary>
    public const int HeaderBytes = 14;

    // The first of the two types that IEEE 802 keeps for local experiments.
    private const ushort ExperimentalType = 0x88b5;
    private const ulong Mark = 0x4464_6521_4672_616d;
    private const int Shortest = 60;
    private const int Longest = 1514;
    private const int NumberOffset = HeaderBytes + sizeof(ulong);
    private const int PayloadOffset = NumberOffset + sizeof(ulong);

    /// <summary>Bytes of a frame, without its checksum.</summary>
    public static int LengthOf(ulong number) => Shortest + (int)(unchecked(number * 0x9e37_79b9_7f4a_7c15) >> 33) % (Longest - Shortest + 1);

    /// <summary>Writes a frame from a station to itself.</summary>
    /// <returns>Its length.</returns>
    public static int Fill(Span<byte> frame, ReadOnlySpan<byte> address, ulong number)
    {
        int length = LengthOf(number);
        address.CopyTo(frame);
        address.CopyTo(frame[6..]);
        // Not from the station itself: locally administered, and another.
        frame[6] = (byte)(frame[6] ^ 0x02);
        frame[11] = (byte)(frame[11] ^ 0xff);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], ExperimentalType);
        BinaryPrimitives.WriteUInt64LittleEndian(frame[HeaderBytes..], Mark);
        BinaryPrimitives.WriteUInt64LittleEndian(frame[NumberOffset..], number);
        for (int offset = PayloadOffset; offset < length; offset++)
            frame[offset] = unchecked((byte)(number * 31 + (ulong)offset * 7 + (ulong)(offset >> 8)));
        return length;
    }

    /// <summary>Which frame this is; false when it is none, or was changed on its way.</summary>
    public static bool TryIdentify(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> address, out ulong number)
    {
        number = 0;
        if (frame.Length < Shortest)
            return false;
        number = BinaryPrimitives.ReadUInt64LittleEndian(frame[NumberOffset..]);
        Span<byte> expected = stackalloc byte[Longest];
        // A number that was spoiled makes another frame, whose length says so or whose bytes do.
        return number < uint.MaxValue && frame.Length == LengthOf(number) && frame.SequenceEqual(expected[..Fill(expected, address, number)]);
    }
}
