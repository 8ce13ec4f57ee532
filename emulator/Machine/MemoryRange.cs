namespace Emulator;

/// <summary>Device memory that one device decodes. Accesses reach it with the offset from its start, wholly inside <see cref="Size"/>,
/// and a width of 1, 2, 4 or 8; whether the access fits the register is the range's own affair.</summary>
internal abstract class MemoryRange
{
    /// <param name="name">Name for events, e.g. <c>e1000</c>.</param>
    /// <param name="size">Bytes; a power of two, at least 16.</param>
    protected MemoryRange(string name, uint size)
    {
        Name = name;
        Size = size;
    }

    /// <summary>Name for events.</summary>
    public string Name { get; }

    /// <summary>Bytes.</summary>
    public uint Size { get; }

    /// <summary>Physical address of its start; the memory table sets it.</summary>
    public ulong First { get; set; }

    /// <summary>Reads a register.</summary>
    public abstract ulong Read(int offset, int width);

    /// <summary>Writes a register.</summary>
    public abstract void Write(int offset, int width, ulong value);
}
