namespace Emulator;

/// <summary>A slow medium: something happens before each access. What waiting means is the caller's choice, because time is injected:
/// a test passes what advances its clock or counts.</summary>
public sealed class DelayingMedium : IDiskMedium
{
    private readonly IDiskMedium _inner;
    private readonly Action _wait;

    /// <param name="inner">The medium below; owned from now on.</param>
    /// <param name="wait">Called before each read, write and flush, on the thread that accesses the disk.</param>
    public DelayingMedium(IDiskMedium inner, Action wait)
    {
        _inner = inner;
        _wait = wait;
    }

    /// <inheritdoc />
    public long Length => _inner.Length;

    /// <inheritdoc />
    public bool IsReadOnly => _inner.IsReadOnly;

    /// <inheritdoc />
    public MediumFault? Read(long offset, Span<byte> destination)
    {
        _wait();
        return _inner.Read(offset, destination);
    }

    /// <inheritdoc />
    public MediumFault? Write(long offset, ReadOnlySpan<byte> source)
    {
        _wait();
        return _inner.Write(offset, source);
    }

    /// <inheritdoc />
    public MediumFault? Flush()
    {
        _wait();
        return _inner.Flush();
    }

    /// <inheritdoc />
    public void Dispose() => _inner.Dispose();
}
