using L4;

namespace Bddf;

/// <summary>Memory that a session's requests may name: shared with the driver and mapped for the device.</summary>
public sealed class BlockBuffer : IDisposable
{
    private readonly L4Task _task;
    private readonly BlockClient _client;
    private readonly Capability _dataspace;
    private readonly Mapping _mapping;
    private bool _disposed;

    internal BlockBuffer(L4Task task, BlockClient client, ulong bytes)
    {
        _task = task;
        _client = client;
        _dataspace = task.CreateDataspace("block-buffer", bytes);
        _mapping = task.Map(_dataspace);
        try
        {
            Id = client.Attach(_dataspace);
        }
        catch
        {
            FreeMemory();
            throw;
        }
    }

    /// <summary>The number for <see cref="BlockRequest.Buffer"/>.</summary>
    public uint Id { get; }

    /// <summary>The contents. The device may change them while a read is in flight. Not to be used after <see cref="Dispose"/>.</summary>
    public Span<byte> Bytes => _mapping.Bytes;

    /// <summary>Bytes: what was asked for, rounded up to pages.</summary>
    public ulong Length => _mapping.Length;

    /// <summary>Detaches the buffer and frees its memory.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.Busy"/>: a request in flight uses it; nothing was freed.</exception>
    public void Dispose()
    {
        if (_disposed)
            return;
        _client.Detach(Id);
        FreeMemory();
    }

    private void FreeMemory()
    {
        _disposed = true;
        _mapping.Dispose();
        _task.Release(_dataspace);
    }
}
