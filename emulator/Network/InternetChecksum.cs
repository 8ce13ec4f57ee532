using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Emulator;

/// <summary>The ones' complement sum of RFC 1071, as network cards compute it. Sums are of 16-bit words in the host's order, which makes
/// no difference to the result when it is stored in that order too (section 2(B) there).</summary>
internal static class InternetChecksum
{
    /// <summary>The sum of all bytes, not folded. Sums of parts may be added when each begins at an even offset.</summary>
    public static ulong Sum(ReadOnlySpan<byte> bytes)
    {
        ulong sum = 0;
        // 32-bit words in 64 bits: carries of 4 GiB of data fit.
        ReadOnlySpan<uint> words = MemoryMarshal.Cast<byte, uint>(bytes);
        ulong second = 0;
        int i = 0;
        for (; i + 1 < words.Length; i += 2)
        {
            sum += words[i];
            second += words[i + 1];
        }
        if (i < words.Length)
            sum += words[i];
        sum += second;
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
}
