namespace Emulator;

/// <summary>The hash of group addresses by which stations with a table of 64 bits choose: the upper six bits of the Ethernet check
/// sequence's register after the address went through it, IEEE 802.3, 3.2.9.</summary>
internal static class MulticastHash
{
    /// <summary>Bits of the table.</summary>
    public const int TableBits = 64;

    private const int AddressBytes = 6;
    private const uint Polynomial = 0x04c1_1db7;

    /// <summary>Which bit of the table an address has.</summary>
    /// <param name="address">At least its six bytes.</param>
    public static int Of(ReadOnlySpan<byte> address)
    {
        uint register = uint.MaxValue;
        foreach (byte value in address[..AddressBytes])
        {
            // The least significant bit of a byte is the first on the wire.
            for (int bit = 0; bit < 8; bit++)
            {
                bool carry = (register >> 31 ^ (uint)value >> bit & 1) != 0;
                register = register << 1 ^ (carry ? Polynomial : 0);
            }
        }

        return (int)(register >> 26);
    }
}
