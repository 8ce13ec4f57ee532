using System.Buffers.Binary;

namespace Emulator;

/// <summary>A physical region descriptor: "Programming Interface for Bus Master IDE Controller" revision 1.0, section 1.2 "Physical
/// region descriptor table".</summary>
/// <param name="Address">Where the region begins.</param>
/// <param name="Length">Its bytes, an even number.</param>
/// <param name="IsLast">Whether the table ends here.</param>
internal readonly record struct RegionDescriptor(uint Address, int Length, bool IsLast)
{
    /// <summary>Bytes: region address, then count (15:0) and end of table (bit 31).</summary>
    public const int Size = 8;

    /// <summary>Neither a region nor the table may cross a multiple of this.</summary>
    public const uint Boundary = 0x1_0000;

    private const uint EndOfTable = 1u << 31;

    /// <summary>Whether the region crosses a boundary.</summary>
    public bool IsCrossing => Length > Boundary - Address % Boundary;

    /// <summary>Reads a descriptor: regions have an even number of bytes, and a count of 0 means 64 KiB.</summary>
    public static RegionDescriptor Read(ReadOnlySpan<byte> memory)
    {
        uint second = BinaryPrimitives.ReadUInt32LittleEndian(memory[4..]);
        uint count = second & 0xfffe;
        return new(BinaryPrimitives.ReadUInt32LittleEndian(memory) & ~1u, (int)(count == 0 ? Boundary : count), (second & EndOfTable) != 0);
    }
}
