namespace L4Io;

/// <summary>
/// How a register access fits one 64-bit word, so that it can cross a task boundary as a short call: bits 56-63 operation, 32-55
/// register (a port, or an offset in device memory), 0-31 value.
/// </summary>
public static class RegisterWord
{
    /// <summary>Registers are numbered below this.</summary>
    public const uint RegisterLimit = 1 << 24;

    /// <summary>Longest block, in bytes.</summary>
    public const uint BlockLimit = 1 << 28;

    private const byte WriteFlag = 0x80;
    private const byte BlockFlag = 0x40;
    private const byte BlockAddressOperation = 0x20;
    private const byte ServiceOperation = 0x10;

    /// <summary>What a word asks for.</summary>
    public enum Kind
    {
        /// <summary>Read a register of 1, 2 or 4 bytes.</summary>
        Read,

        /// <summary>Write a register of 1, 2 or 4 bytes.</summary>
        Write,

        /// <summary>Fill memory from one port; the value holds the bytes, the width is 1, 2 or 4.</summary>
        ReadBlock,

        /// <summary>Empty memory into one port.</summary>
        WriteBlock,

        /// <summary>Set the bus address that the next block operation of this portal uses.</summary>
        BlockAddress,

        /// <summary>Let the device model do what it asked for.</summary>
        Service,
    }

    /// <summary>Lets the device model do what it asked for; see <see cref="IPciFunction.RequestService"/>.</summary>
    public const ulong Service = (ulong)ServiceOperation << 56;

    /// <summary>A read of <paramref name="width"/> bytes.</summary>
    public static ulong Read(uint register, int width) => (ulong)(byte)width << 56 | (ulong)register << 32;

    /// <summary>A write of <paramref name="width"/> bytes.</summary>
    public static ulong Write(uint register, int width, uint value) => (ulong)(byte)(WriteFlag | width) << 56 | (ulong)register << 32 | value;

    /// <summary>A string input of <paramref name="bytes"/> bytes to the block address.</summary>
    public static ulong ReadBlock(uint register, int width, uint bytes) => (ulong)(byte)(BlockFlag | width) << 56 | (ulong)register << 32 | bytes;

    /// <summary>A string output of <paramref name="bytes"/> bytes from the block address.</summary>
    public static ulong WriteBlock(uint register, int width, uint bytes) =>
        (ulong)(byte)(BlockFlag | WriteFlag | width) << 56 | (ulong)register << 32 | bytes;

    /// <summary>Sets the block address.</summary>
    public static ulong BlockAddress(uint busAddress) => (ulong)BlockAddressOperation << 56 | busAddress;

    /// <summary>What <paramref name="word"/> asks for.</summary>
    public static Kind KindOf(ulong word) => ((byte)(word >> 56) & 0xf0) switch
    {
        WriteFlag => Kind.Write,
        BlockFlag => Kind.ReadBlock,
        BlockFlag | WriteFlag => Kind.WriteBlock,
        BlockAddressOperation => Kind.BlockAddress,
        ServiceOperation => Kind.Service,
        _ => Kind.Read,
    };

    /// <summary>Bytes of one access.</summary>
    public static int WidthOf(ulong word) => (int)(word >> 56) & 0x0f;

    /// <summary>The register.</summary>
    public static uint RegisterOf(ulong word) => (uint)(word >> 32) & (RegisterLimit - 1);

    /// <summary>The value, the bytes of a block, or the block address.</summary>
    public static uint ValueOf(ulong word) => unchecked((uint)word);
}
