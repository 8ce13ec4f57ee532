namespace DdeLinux;

/// <summary>The check sequence of Ethernet (IEEE 802.3, 3.2.9) in the forms that drivers use.</summary>
internal sealed partial class Crc32(LinuxKernel kernel) : IVariableOwner
{
    /// <summary>The generator polynomial, lowest power first.</summary>
    private const uint Polynomial = 0xEDB8_8320;

    /// <inheritdoc />
    public void Define(VariableTable variables)
    {
        var table = kernel.Memory.Span<byte>(variables.Define("byte_rev_table", byte.MaxValue + 1), byte.MaxValue + 1);
        for (int value = 0; value < table.Length; value++)
            table[value] = Reverse((byte)value);
    }

    /// <summary>Goes on with a check sequence; neither start nor result are inverted.</summary>
    [KernelFunction]
    public uint crc32_le(uint sequence, nint bytes, nuint count)
    {
        foreach (byte value in kernel.Memory.Span<byte>(bytes, checked((int)count)))
        {
            sequence ^= value;
            for (int bit = 0; bit < 8; bit++)
                sequence = (sequence & 1) != 0 ? sequence >> 1 ^ Polynomial : sequence >> 1;
        }
        return sequence;
    }

    private static byte Reverse(byte value)
    {
        int reversed = 0;
        for (int bit = 0; bit < 8; bit++)
            reversed |= (value >> bit & 1) << (7 - bit);
        return (byte)reversed;
    }
}

public sealed partial class LinuxKernel
{
    internal Crc32 Crc32 => field ??= new Crc32(this);
}
