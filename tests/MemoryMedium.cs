using Emulator;

namespace Testing;

/// <summary>A disk's data in memory, each sector filled with its own number to begin with.</summary>
internal sealed class MemoryMedium : IDiskMedium
{
    private readonly byte[] _bytes;

    internal MemoryMedium(int sectors)
    {
        _bytes = new byte[sectors * 512];
        for (int sector = 0; sector < sectors; sector++)
            Pattern(sector).CopyTo(_bytes.AsSpan(sector * 512));
    }

    public long Length => _bytes.Length;

    public bool IsReadOnly => false;

    internal int Flushes { get; private set; }

    internal Span<byte> Bytes => _bytes;

    public MediumFault? Read(long offset, Span<byte> destination)
    {
        _bytes.AsSpan((int)offset, destination.Length).CopyTo(destination);
        return null;
    }

    public MediumFault? Write(long offset, ReadOnlySpan<byte> source)
    {
        source.CopyTo(_bytes.AsSpan((int)offset));
        return null;
    }

    public MediumFault? Flush()
    {
        Flushes++;
        return null;
    }

    public void Dispose()
    {
    }

    internal static byte[] Pattern(int sector)
    {
        var bytes = new byte[512];
        for (int index = 0; index < bytes.Length; index += 4)
            BitConverter.TryWriteBytes(bytes.AsSpan(index), sector * 1000 + index);
        return bytes;
    }
}
