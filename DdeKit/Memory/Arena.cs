using L4;

namespace DdeKit.Memory;

/// <summary>
/// All memory of a driver domain that its device can reach: a heap, and windows onto its clients' dataspaces. One address region, so
/// that the bus address of a byte is simply its offset from <see cref="Base"/>, whichever of the two it lies in.
/// </summary>
/// <remarks>Belongs to the holder of the baton. The heap's bookkeeping lies outside the heap: a driver that writes where it should not cannot
/// lead the allocator astray.</remarks>
public sealed class Arena : IDisposable
{
    /// <summary>Granularity of pages, windows and DMA.</summary>
    public const int PageSize = (int)Dataspace.PageSize;

    private readonly L4Task _task;
    private readonly AddressRegion _region;
    private readonly List<Extent> _windows = [];

    /// <param name="task">The domain's task.</param>
    /// <param name="heapBytes">Size of the heap; a multiple of the page size.</param>
    /// <param name="regionBytes">Addresses reserved for heap and windows together.</param>
    public Arena(L4Task task, ulong heapBytes, ulong regionBytes)
    {
        _task = task;
        _region = AddressRegion.Reserve(regionBytes);
        HeapCapability = task.CreateDataspace($"{task.Name} heap", heapBytes);
        _region.Map(0, task.Open<Dataspace>(HeapCapability, CapabilityRights.All), 0, heapBytes, CapabilityRights.All);
        Heap = new Heap(Base, (int)(heapBytes / PageSize));
        HeapBytes = heapBytes;
    }

    /// <summary>Address of the byte with bus address 0.</summary>
    public nint Base => _region.Address;

    /// <summary>Addresses reserved.</summary>
    public ulong Length => _region.Length;

    /// <summary>Bytes of heap, from <see cref="Base"/>.</summary>
    public ulong HeapBytes { get; }

    /// <summary>The heap's dataspace, to be mapped for the device's DMA at bus address 0.</summary>
    public Capability HeapCapability { get; }

    /// <summary>The allocator.</summary>
    public Heap Heap { get; }

    /// <summary>The bus address of an address inside the arena.</summary>
    /// <exception cref="ArenaException">It lies outside.</exception>
    public ulong BusAddress(nint address)
    {
        ulong offset = unchecked((ulong)(address - Base));
        return offset < Length ? offset : throw new ArenaException($"address 0x{address:x} is not in the arena 0x{Base:x}+{Length}");
    }

    /// <summary>Maps all of a client's dataspace; the result is its bus address.</summary>
    public ulong MapWindow(Capability dataspace, CapabilityRights rights)
    {
        var target = _task.Open<Dataspace>(dataspace, rights);
        ulong at = FindSpace(target.Size);
        _region.Map(at, target, 0, target.Size, rights);
        _windows.Add(new Extent(at, target.Size));
        _windows.Sort(static (left, right) => left.First.CompareTo(right.First));
        return at;
    }

    /// <summary>Unmaps the window at a bus address.</summary>
    public void UnmapWindow(ulong busAddress)
    {
        var window = _windows.Find(w => w.First == busAddress && w.Count > 0);
        if (window.Count == 0)
            throw new ArenaException($"no window at bus address 0x{busAddress:x}");
        _windows.Remove(window);
        _region.Unmap(window.First, window.Count);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _region.Dispose();
        _task.Release(HeapCapability);
    }

    private ulong FindSpace(ulong size)
    {
        ulong at = HeapBytes;
        foreach (var window in _windows)
        {
            if (window.First - at >= size)
                return at;
            at = window.First + window.Count;
        }
        return new Extent(0, Length).Contains(at, size)
            ? at
            : throw new ArenaException($"a window of {size} bytes does not fit the arena's {Length} bytes; {_windows.Count} windows are open");
    }
}

/// <summary>A driver misused the arena, or it is full.</summary>
public sealed class ArenaException : Exception
{
    public ArenaException(string message)
        : base(message)
    {
    }
}
