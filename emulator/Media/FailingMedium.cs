using L4;

namespace Emulator;

/// <summary>A medium with bad places: accesses that touch one fail there, and everything before it was transferred.</summary>
public sealed class FailingMedium : IDiskMedium
{
    private readonly IDiskMedium _inner;
    private readonly Extent _badReads;
    private readonly Extent _badWrites;

    /// <param name="inner">The medium below; owned from now on.</param>
    /// <param name="badReads">Bytes that cannot be read.</param>
    /// <param name="badWrites">Bytes that cannot be written.</param>
    public FailingMedium(IDiskMedium inner, Extent badReads, Extent badWrites)
    {
        _inner = inner;
        _badReads = badReads;
        _badWrites = badWrites;
    }

    /// <inheritdoc />
    public long Length => _inner.Length;

    /// <inheritdoc />
    public bool IsReadOnly => _inner.IsReadOnly;

    /// <summary>Whether a flush fails.</summary>
    public bool FlushFails { get; set; }

    /// <inheritdoc />
    public MediumFault? Read(long offset, Span<byte> destination)
    {
        int good = GoodLength(_badReads, offset, destination.Length);
        return _inner.Read(offset, destination[..good])
            ?? (good == destination.Length ? null : new MediumFault(offset + good, "unreadable sector (injected)"));
    }

    /// <inheritdoc />
    public MediumFault? Write(long offset, ReadOnlySpan<byte> source)
    {
        int good = GoodLength(_badWrites, offset, source.Length);
        return _inner.Write(offset, source[..good])
            ?? (good == source.Length ? null : new MediumFault(offset + good, "unwritable sector (injected)"));
    }

    /// <inheritdoc />
    public MediumFault? Flush() => FlushFails ? new MediumFault(0, "flush failed (injected)") : _inner.Flush();

    /// <inheritdoc />
    public void Dispose() => _inner.Dispose();

    private static int GoodLength(Extent bad, long offset, int length)
    {
        if (!bad.Overlaps(new Extent((ulong)offset, (ulong)length)))
            return length;
        return bad.First <= (ulong)offset ? 0 : (int)(bad.First - (ulong)offset);
    }
}
