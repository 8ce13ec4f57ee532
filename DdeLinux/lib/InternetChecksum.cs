using System.Buffers.Binary;

namespace DdeLinux;

/// <summary>The checksum of IP, TCP and UDP: the complement of the ones' complement sum of 16-bit words (RFC 1071).</summary>
internal sealed partial class InternetChecksum
{
    /// <summary>The checksum of bytes as it stands in a header, big-endian.</summary>
    internal static ushort Of(ReadOnlySpan<byte> bytes) => unchecked((ushort)~Fold(Sum(bytes)));

    /// <summary>The checksum of an IPv6 pseudo header (RFC 8200, 8.1) on top of a sum. Addresses, sum and result are in network order.</summary>
    [KernelFunction]
    public ushort csum_ipv6_magic(nint source, nint destination, uint length, byte protocol, uint sum)
    {
        const int AddressBytes = 16;
        var memory = LinuxKernel.Current.Memory;
        ulong total = Sum(memory.Span<byte>(source, AddressBytes)) + Sum(memory.Span<byte>(destination, AddressBytes));
        total += (length >> 16) + (length & 0xFFFF) + protocol;
        // The sum so far was made of words as they lie in memory; the ones' complement sum does not mind the order of bytes (RFC 1071, 2).
        total += BinaryPrimitives.ReverseEndianness(Fold(sum));
        return BinaryPrimitives.ReverseEndianness(unchecked((ushort)~Fold(total)));
    }

    private static ulong Sum(ReadOnlySpan<byte> bytes)
    {
        ulong sum = 0;
        for (; bytes.Length >= sizeof(ushort); bytes = bytes[sizeof(ushort)..])
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
        return bytes.Length == 0 ? sum : sum + ((ulong)bytes[0] << 8);
    }

    private static ushort Fold(ulong sum)
    {
        while (sum > ushort.MaxValue)
            sum = (sum >> 16) + (sum & 0xFFFF);
        return (ushort)sum;
    }
}

public sealed partial class LinuxKernel
{
    internal InternetChecksum InternetChecksum => field ??= new InternetChecksum();
}
