namespace Emulator;

/// <summary>Some consecutive I/O ports that one device decodes. Accesses reach it with the offset from its first port, which is less
/// than <see cref="Count"/>, and a width of 1, 2 or 4; whether the access fits the register is the range's own affair.</summary>
internal abstract class PortRange
{
    /// <param name="name">Name for events, e.g. <c>ide-bus-master</c>.</param>
    /// <param name="count">How many ports.</param>
    protected PortRange(string name, int count)
    {
        Name = name;
        Count = count;
    }

    /// <summary>Name for events.</summary>
    public string Name { get; }

    /// <summary>How many ports.</summary>
    public int Count { get; }

    /// <summary>First port; the port table sets it.</summary>
    public ushort First { get; set; }

    /// <summary>Reads a register.</summary>
    public abstract uint Read(int offset, int width);

    /// <summary>Writes a register.</summary>
    public abstract void Write(int offset, int width, uint value);

    /// <summary>String input from one port.</summary>
    public virtual void ReadBlock(int offset, int width, Span<byte> destination)
    {
        for (; destination.Length >= width; destination = destination[width..])
            LittleEndian.Store(destination, width, Read(offset, width));
    }

    /// <summary>String output to one port.</summary>
    public virtual void WriteBlock(int offset, int width, ReadOnlySpan<byte> source)
    {
        for (; source.Length >= width; source = source[width..])
            Write(offset, width, LittleEndian.Load(source, width));
    }
}
