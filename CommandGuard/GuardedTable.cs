using Bddf;
using L4;

namespace CommandGuard;

/// <summary>A table of authorities, mapped, and the buffers that it names.</summary>
/// <remarks>The service's calls come on the I/O server's thread; the rest is called while a port is accessed. What a call takes away is taken out
/// first, then accesses that may have seen it are waited for, then it is unmapped.</remarks>
internal sealed class GuardedTable : IAuthorityTable
{
    private const int BufferLimit = 256;

    private readonly L4Task _task;
    private readonly GuardedUnit _unit;
    private readonly Action _waitForAccesses;
    private readonly Capability _dataspace;
    private readonly Mapping _mapping;
    private readonly Buffer?[] _buffers = new Buffer?[BufferLimit];
    private bool _isClosed;

    /// <param name="task">The I/O server's task.</param>
    /// <param name="unit">The disk.</param>
    /// <param name="waitForAccesses">Returns when accesses to the function's ports that are under way have ended.</param>
    /// <param name="dataspace">The table's; from here on this object's if there is no exception.</param>
    /// <param name="entries">Its entries.</param>
    /// <exception cref="ServiceException">The dataspace is too small, or is none.</exception>
    public GuardedTable(L4Task task, GuardedUnit unit, Action waitForAccesses, Capability dataspace, uint entries)
    {
        _task = task;
        _unit = unit;
        _waitForAccesses = waitForAccesses;
        _dataspace = dataspace;
        _mapping = task.Map(dataspace);
        try
        {
            Authorities = new AuthorityTable(_mapping, entries);
        }
        catch
        {
            _mapping.Dispose();
            throw;
        }
        Gate = task.CreateGate(new AuthorityTableDispatcher(this));
        unit.Add(this);
    }

    /// <summary>A client's memory, mapped for reading.</summary>
    private sealed record Buffer(Capability Dataspace, Mapping Mapping, ulong Identity);

    /// <summary>The framework's way to this, a capability of the I/O server's task.</summary>
    public Capability Gate { get; }

    /// <summary>The entries.</summary>
    public AuthorityTable Authorities { get; }

    /// <summary>Whether the entries are gone.</summary>
    public bool IsClosed => Volatile.Read(ref _isClosed);

    /// <summary>Which memory a buffer is; 0 when there is no such buffer.</summary>
    public ulong IdentityOf(uint buffer) => Find(buffer)?.Identity ?? 0;

    /// <summary>A piece of a buffer; empty when there is no such buffer, or not all of it is there.</summary>
    public ReadOnlySpan<byte> MemoryOf(uint buffer, ulong offset, int length)
    {
        var found = Find(buffer);
        return found is not null && new Extent(0, found.Mapping.Length).Contains(offset, (ulong)length) ? found.Mapping.Bytes.Slice((int)offset, length) : default;
    }

    /// <summary>A buffer that is a dataspace, with rights to it that its client gave the device; on the I/O server's thread.</summary>
    public bool TryLend(ulong dataspace, CapabilityRights rights, out Capability lent)
    {
        var found = _buffers.FirstOrDefault(buffer => buffer?.Identity == dataspace && (_task.RightsOf(buffer.Dataspace) & rights) == rights);
        lent = found?.Dataspace ?? Capability.Null;
        return found is not null;
    }

    /// <inheritdoc />
    public uint AttachBuffer(Capability dataspace)
    {
        int index = Array.IndexOf(_buffers, null);
        try
        {
            if (index < 0)
                throw new ServiceException(ServiceError.Exhausted, $"the table of authorities has {BufferLimit} buffers, the limit");
            ulong identity = _task.Open<Dataspace>(dataspace).Identity;
            // The mapping keeps the memory: as long as it is there, no other can get the same identity.
            Volatile.Write(ref _buffers[index], new Buffer(dataspace, _task.Map(dataspace, CapabilityRights.Read), identity));
        }
        catch
        {
            if (!dataspace.IsNull)
                _task.Release(dataspace);
            throw;
        }
        return (uint)index + 1;
    }

    /// <inheritdoc />
    public void DetachBuffer(uint buffer)
    {
        var found = Find(buffer) ?? throw new ServiceException(ServiceError.NotFound, $"the table of authorities has no buffer {buffer}");
        Volatile.Write(ref _buffers[buffer - 1], null);
        _waitForAccesses();
        Free(found);
    }

    /// <inheritdoc />
    public void Close()
    {
        if (_isClosed)
            return;
        _unit.Remove(this);
        var buffers = _buffers.OfType<Buffer>().ToList();
        Array.Clear(_buffers);
        Volatile.Write(ref _isClosed, true);
        _waitForAccesses();
        buffers.ForEach(Free);
        _mapping.Dispose();
        _task.Release(_dataspace);
        _task.Release(Gate);
    }

    private Buffer? Find(uint buffer) => buffer is 0 or > BufferLimit ? null : Volatile.Read(ref _buffers[buffer - 1]);

    private void Free(Buffer buffer)
    {
        buffer.Mapping.Dispose();
        _task.Release(buffer.Dataspace);
    }
}
