using L4;

namespace Bddf;

/// <summary>What the requests of one channel authorise below the driver.</summary>
/// <remarks>A request's entry is its slot: the lower 16 bits of its tag. Authorising and settling allocate nothing.</remarks>
internal sealed class ChannelAuthority
{
    private const int SlotBits = 16;

    private readonly L4Task _task;
    private readonly AttachedDriver _driver;
    private readonly Capability _dataspace;
    private readonly Mapping _mapping;
    private readonly AuthorityTable _table;
    private readonly AuthorityTableProxy _control;
    private bool _isClosed;

    /// <param name="task">The framework's task.</param>
    /// <param name="guard">The guard.</param>
    /// <param name="driver">Who gets the requests.</param>
    /// <param name="unit">The disk's number at the guard.</param>
    /// <param name="entries">Requests in flight at most.</param>
    public ChannelAuthority(L4Task task, IDiskGuard guard, AttachedDriver driver, uint unit, uint entries)
    {
        _task = task;
        _driver = driver;
        _dataspace = task.CreateDataspace("authority-table", AuthorityTable.BytesFor(entries));
        _mapping = task.Map(_dataspace);
        _table = new AuthorityTable(_mapping, entries);
        _control = new AuthorityTableProxy(task, guard.OpenTable(unit, _dataspace, entries));
    }

    /// <summary>See <see cref="IAuthorityTable.AttachBuffer"/>.</summary>
    public uint AttachBuffer(Capability dataspace) => _control.AttachBuffer(dataspace);

    /// <summary>See <see cref="IAuthorityTable.DetachBuffer"/>.</summary>
    public void DetachBuffer(uint buffer) => _control.DetachBuffer(buffer);

    /// <summary>The device may do a request from here on.</summary>
    /// <param name="request">As the driver gets it.</param>
    /// <param name="guardBuffer">The guard's number of its buffer.</param>
    public void Authorise(in BlockRequest request, uint guardBuffer) => _table.Authorise(SlotOf(request.Tag), request.Tag,
        new Authority(request.Operation, guardBuffer, request.BufferOffset, request.FirstSector, request.Sectors));

    /// <summary>The device may not do a request any more.</summary>
    public void Retire(ulong tag)
    {
        if (SlotOf(tag) < _table.Entries)
            _table.Retire(SlotOf(tag), tag);
    }

    /// <summary>Holds what the driver says against what its device did.</summary>
    /// <returns>False when it says that a request is done and that is not true: then the request still is authorised, and the driver is
    /// complained of.</returns>
    public bool Settle(in BlockCompletion completion)
    {
        int slot = SlotOf(completion.Tag);
        // A tag that is in no entry is none of the requests in flight: the session says so.
        if (slot >= _table.Entries || !_table.TryRead(slot, out ulong tag, out var authority) || tag != completion.Tag)
            return true;
        if (completion.Status == BlockStatus.Ok)
        {
            uint done = _table.DoneOf(slot, tag);
            ulong expected = authority.Operation == BlockOperation.Flush ? 1 : authority.Sectors;
            if (done < expected)
            {
                _driver.Complain($"it says that it has done a {authority.Operation} of {authority.Sectors} sectors at {authority.FirstSector}; its device has done {done}");
                return false;
            }
        }
        _table.Retire(slot, tag);
        return true;
    }

    /// <summary>Nothing is authorised any more. Closing twice does no harm.</summary>
    public void Close()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        try
        {
            _control.Close();
        }
        catch (ServiceException exception) when (exception.Error == ServiceError.ServerGone)
        {
            // Then nothing reaches the device at all.
        }
        _task.Release(_control.Gate);
    }

    /// <summary>Gives the table up. No thread uses it any more.</summary>
    public void Free()
    {
        Close();
        _mapping.Dispose();
        _task.Release(_dataspace);
    }

    private static int SlotOf(ulong tag) => (int)(tag & ((1UL << SlotBits) - 1));
}
