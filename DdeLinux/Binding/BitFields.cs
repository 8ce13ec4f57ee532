using System.Runtime.CompilerServices;

namespace DdeLinux;

/// <summary>
/// Access to C bit fields: bits of a little-endian number, counted from the structure's start (System V psABI for x86-64, 3.1.2).
/// Only bytes that have a bit of the field are read and written, so what lies beside it in the structure is never touched.
/// </summary>
public static unsafe class BitFields
{
    private const int SizeBits = 8;

    /// <summary>Position and size in one number, which a static field can hold as a constant.</summary>
    /// <param name="bitOffset">Bits from the structure's start.</param>
    /// <param name="bitSize">Bits of the field, 1 to 64.</param>
    public static int Pack(int bitOffset, int bitSize) => checked(bitOffset * (1 << SizeBits)) | bitSize;

    /// <summary>Reads a field.</summary>
    /// <param name="address">The structure.</param>
    /// <param name="field">From <see cref="Pack"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read(nint address, int field)
    {
        int shift = (field >> SizeBits) & 7;
        byte* first = unchecked((byte*)(address + (field >> (SizeBits + 3))));
        int size = field & ((1 << SizeBits) - 1);
        // Nearly all fields lie in one byte, and then this is all that is left of the method.
        return shift + size <= 8 ? (ulong)(*first >> shift) & Mask(size) : ReadBytes(first, shift, size);
    }

    /// <summary>Writes a field.</summary>
    /// <param name="address">The structure.</param>
    /// <param name="field">From <see cref="Pack"/>.</param>
    /// <param name="value">What to write.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value has more bits than the field.</exception>
    public static void Write(nint address, int field, ulong value)
    {
        int size = field & ((1 << SizeBits) - 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Mask(size));
        int bit = field >> SizeBits;
        for (int done = 0; done < size;)
        {
            int shift = (bit + done) & 7;
            int count = Math.Min(8 - shift, size - done);
            byte mask = (byte)(Mask(count) << shift);
            byte* at = unchecked((byte*)(address + ((bit + done) >> 3)));
            *at = (byte)((*at & ~mask & 0xFF) | ((byte)(((value >> done) & Mask(count)) << shift) & mask));
            done += count;
        }
    }

    private static ulong ReadBytes(byte* first, int shift, int size)
    {
        ulong value = 0;
        for (int done = 0; done < size;)
        {
            int within = (shift + done) & 7;
            int count = Math.Min(8 - within, size - done);
            value |= ((ulong)(first[(shift + done) >> 3] >> within) & Mask(count)) << done;
            done += count;
        }
        return value;
    }

    private static ulong Mask(int size) => ulong.MaxValue >> (64 - size);
}
