using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Emulator;

/// <summary>The ones' complement sum of RFC 1071, as network cards compute it. Sums are of 16-bit words in the host's order, which makes
/// no difference to the result when it is stored in that order too (section 2(B) there).</summary>
internal static class InternetChecksum
{
    /// <summary>The sum of all bytes, not folded. Sums of parts may be added when each begins at an even offset.</summary>
    public static ulong Sum(ReadOnlySpan<byte> bytes)
    {
        // 32-bit words in 64 bits: carries of 4 GiB of data fit.
        ReadOnlySpan<uint> words = MemoryMarshal.Cast<byte, uint>(bytes);
        int i = 0;
        Vector256<ulong> sums = Vector256<ulong>.Zero;
        for (; words.Length - i >= Vector256<uint>.Count; i += Vector256<uint>.Count)
        {
            var (low, high) = Vector256.Widen(Vector256.Create(words[i..]));
            sums += low + high;
        }
        ulong sum = Vector256.Sum(sums);
        for (; i < words.Length; i++)
            sum += words[i];
        ReadOnlySpan<byte> rest = bytes[(4 * words.Length)..];
        if (rest.Length >= 2)
        {
            sum += BinaryPrimitives.ReadUInt16LittleEndian(rest);
            rest = rest[2..];
        }
        return rest.Length == 0 ? sum : sum + rest[0];
    }

    /// <summary>The sum of a part that begins at an odd offset of the whole.</summary>
    public static ulong AtOddOffset(ulong sum) => BinaryPrimitives.ReverseEndianness(Fold(sum));

    /// <summary>The 16 bits of a sum.</summary>
    public static ushort Fold(ulong sum)
    {
        sum = (sum & uint.MaxValue) + (sum >> 32);
        sum = (sum & uint.MaxValue) + (sum >> 32);
        sum = (sum & ushort.MaxValue) + (sum >> 16);
        sum = (sum & ushort.MaxValue) + (sum >> 16);
        sum = (sum & ushort.MaxValue) + (sum >> 16);
        return (ushort)sum;
    }

    /// <summary>The complement of a sum, which is what goes into a header.</summary>
    public static ushort Complement(ulong sum) => (ushort)(Fold(sum) ^ ushort.MaxValue);
}
