using System.Buffers.Binary;

namespace Emulator;

/// <summary>Values of 1, 2 or 4 bytes, as ports and configuration space have them.</summary>
internal static class LittleEndian
{
    /// <summary>What an access that nobody answers reads.</summary>
    public static uint AllOnes(int width) => uint.MaxValue >> (32 - 8 * width);

    /// <summary>Reads the first <paramref name="width"/> bytes.</summary>
    public static uint Load(ReadOnlySpan<byte> bytes, int width) => width switch
    {
        1 => bytes[0],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        _ => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
    };

    /// <summary>Writes the low <paramref name="width"/> bytes of <paramref name="value"/>.</summary>
    public static void Store(Span<byte> bytes, int width, uint value)
    {
        switch (width)
        {
            case 1:
                bytes[0] = unchecked((byte)value);
                break;
            case 2:
                BinaryPrimitives.WriteUInt16LittleEndian(bytes, unchecked((ushort)value));
                break;
            default:
                BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
                break;
        }
    }
}
