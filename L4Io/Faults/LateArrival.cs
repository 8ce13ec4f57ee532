namespace L4Io;

/// <summary>What a device wrote to memory and what has not arrived there, and the interrupt that tells of it. One at a time.</summary>
internal sealed class LateArrival : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Timer _timer;
    private byte[]? _bytes;
    private IDmaMemory? _memory;
    private ulong _address;
    private IInterruptSink? _held;

    internal LateArrival() => _timer = new Timer(_ => Arrive());

    /// <summary>Takes what a device is about to write.</summary>
    /// <returns>Where it writes instead.</returns>
    internal Span<byte> Begin(IDmaMemory memory, ulong address, ReadOnlySpan<byte> now, int milliseconds)
    {
        lock (_lock)
        {
            (_memory, _address, _bytes) = (memory, address, now.ToArray());
            _timer.Change(milliseconds, Timeout.Infinite);
            return _bytes;
        }
    }

    /// <summary>Keeps an interrupt back while something has not arrived.</summary>
    internal bool Hold(IInterruptSink sink)
    {
        lock (_lock)
        {
            if (_bytes is null)
                return false;
            _held = sink;
            return true;
        }
    }

    /// <summary>An interrupt that was kept back is over: nobody has seen it.</summary>
    internal bool Release(IInterruptSink sink)
    {
        lock (_lock)
        {
            if (_held != sink)
                return false;
            _held = null;
            return true;
        }
    }

    /// <summary>Nothing arrives any more. When this returns the memory is not touched.</summary>
    internal void Drop()
    {
        lock (_lock)
            (_bytes, _memory, _held) = (null, null, null);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Drop();
        _timer.Dispose();
    }

    private void Arrive()
    {
        lock (_lock)
        {
            if (_bytes is not { } bytes)
                return;
            // The window may be another by now.
            if (_memory!.TryAccess(_address, bytes.Length, DmaAccess.Write, out var memory))
                bytes.CopyTo(memory);
            var held = _held;
            (_bytes, _memory, _held) = (null, null, null);
            held?.SetLevel(true);
        }
    }
}
