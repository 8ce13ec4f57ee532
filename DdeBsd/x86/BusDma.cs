using DdeKit.Foreign;

namespace DdeBsd;

/// <summary>What a device can reach, and how (bus_dma_tag_create).</summary>
internal sealed class DmaTag(nint address)
{
    internal nint Address { get; } = address;
    internal ulong Alignment { get; init; }
    internal ulong Boundary { get; init; }

    /// <summary>The last bus address below the excluded range.</summary>
    internal ulong Low { get; init; }
    internal ulong MaximumSize { get; init; }
    internal int Segments { get; init; }
    internal ulong MaximumSegment { get; init; }
    internal nint Lock { get; init; }
    internal nint LockArgument { get; init; }
    internal int Maps { get; set; }

    /// <summary>Where segments are told to callbacks: room for so many.</summary>
    internal nint SegmentList { get; set; }
    internal int SegmentRoom { get; set; }
}

/// <summary>A mapping of a buffer, while it is loaded.</summary>
internal sealed class DmaMap(nint address, DmaTag tag)
{
    internal nint Address { get; } = address;
    internal DmaTag Tag { get; } = tag;
    internal nint Buffer { get; set; }
    internal ulong Length { get; set; }

    /// <summary>What the device uses in place of the buffer; 0 when it uses the buffer.</summary>
    internal nint Bounce { get; set; }
    internal nint Callback { get; set; }
    internal nint Argument { get; set; }

    /// <summary>Whether its memory came from bus_dmamem_alloc.</summary>
    internal bool IsOwned { get; init; }
}

/// <summary>bus_dma(9): segments within a device's limits, and bouncing of what it cannot reach.</summary>
internal sealed unsafe class BusDma(BsdKernel kernel)
{
    // sys/bus_dma.h: BUS_DMA_NOWAIT, BUS_DMA_ZERO; BUS_DMASYNC_*; sys/errno.h: EINPROGRESS.
    private const int NoWait = 0x01;
    private const int Zero = 0x08;
    private const int PostRead = 2;
    private const int PreWrite = 4;
    private const int InProgress = 36;
    private const int LockTake = 1;
    private const int LockGive = 2;

    private readonly Dictionary<nint, DmaTag> _tags = [];
    private readonly Dictionary<nint, DmaMap> _maps = [];
    private readonly List<DmaMap> _waiting = [];

    /// <summary>Bytes that were copied because a device could not reach them.</summary>
    internal long BouncedBytes { get; private set; }

    [KernelFunction]
    public int bus_dma_tag_create(
        nint parent, ulong alignment, ulong boundary, ulong low, ulong high, nint filter, nint filterArgument, ulong maximumSize, int segments,
        ulong maximumSegment, int flags, nint @lock, nint lockArgument, nint result)
    {
        if (alignment == 0 || (alignment & (alignment - 1)) != 0 || (boundary != 0 && (boundary & (boundary - 1)) != 0) || segments == 0)
            return Errno.EINVAL;
        if (filter != 0)
            throw new KernelFaultException("bus_dma_tag_create with a filter function: no supported port has one");
        var above = parent == 0 ? null : FindTag(parent);
        var tag = new DmaTag(kernel.Malloc.AllocateOwn(8))
        {
            Alignment = alignment,
            Boundary = above is { Boundary: not 0 } ? (boundary == 0 ? above.Boundary : Math.Min(boundary, above.Boundary)) : boundary,
            // High to low excludes nothing.
            Low = Math.Min(low >= high ? ulong.MaxValue : low, above?.Low ?? ulong.MaxValue),
            MaximumSize = maximumSize,
            Segments = segments < 0 ? int.MaxValue : segments,
            MaximumSegment = Math.Max(maximumSegment, 1),
            Lock = @lock,
            LockArgument = lockArgument,
        };
        _tags.Add(tag.Address, tag);
        kernel.Memory.At<nint>(result) = tag.Address;
        return 0;
    }

    [KernelFunction]
    public int bus_dma_tag_destroy(nint tag)
    {
        var target = FindTag(tag);
        if (target.Maps > 0)
            return Errno.EBUSY;
        _tags.Remove(tag);
        if (target.SegmentList != 0)
            kernel.Malloc.FreeOwn(target.SegmentList);
        kernel.Malloc.FreeOwn(tag);
        return 0;
    }

    [KernelFunction]
    public int bus_dmamap_create(nint tag, int flags, nint result)
    {
        kernel.Memory.At<nint>(result) = MakeMap(FindTag(tag), false).Address;
        return 0;
    }

    [KernelFunction]
    public int bus_dmamap_destroy(nint tag, nint map)
    {
        if (map == 0)
            return 0;
        var target = FindMap(map);
        if (target.Buffer != 0)
            return Errno.EBUSY;
        Forget(target);
        return 0;
    }

    /// <summary>Memory that the device reaches in one piece.</summary>
    [KernelFunction]
    public int bus_dmamem_alloc(nint tag, nint memory, int flags, nint map)
    {
        var target = FindTag(tag);
        nint address = kernel.Malloc.AllocatePages((nuint)target.MaximumSize, target.Alignment, target.Boundary, target.Low, (flags & Zero) != 0 ? Malloc.Zero : 0);
        kernel.Memory.At<nint>(memory) = address;
        if (address == 0)
            return Errno.ENOMEM;
        kernel.Memory.At<nint>(map) = MakeMap(target, true).Address;
        return 0;
    }

    [KernelFunction]
    public void bus_dmamem_free(nint tag, nint memory, nint map)
    {
        var target = FindMap(map);
        if (!target.IsOwned)
            throw new KernelFaultException($"bus_dmamem_free with map 0x{map:x}, which came from bus_dmamap_create");
        kernel.Malloc.FreeOwn(memory);
        Forget(target);
    }

    /// <summary>Tells the callback where the device finds a buffer: at once, or, when memory to bounce through is short, later.</summary>
    [KernelFunction]
    public int bus_dmamap_load(nint tag, nint map, nint buffer, ulong length, nint callback, nint argument, int flags)
    {
        var limits = FindTag(tag);
        var target = map == 0 ? null : FindMap(map);
        if (length > limits.MaximumSize)
            return Errno.EINVAL;
        _ = kernel.Memory.Span<byte>(buffer, checked((int)length));
        nint reached = buffer;
        if (MustBounce(limits, kernel.Arena.BusAddress(buffer), length))
        {
            if (target is null)
                throw new KernelFaultException($"bus_dmamap_load of 0x{buffer:x}, which the device cannot reach, without a map to bounce through");
            reached = kernel.Malloc.AllocatePages((nuint)length, limits.Alignment, 0, limits.Low, 0);
        }
        if (target is not null)
            (target.Buffer, target.Length, target.Callback, target.Argument, target.Bounce) = (buffer, length, callback, argument, reached == buffer ? 0 : reached);
        if (reached == 0)
        {
            if ((flags & NoWait) != 0)
            {
                target!.Buffer = 0;
                return Errno.ENOMEM;
            }
            _waiting.Add(target!);
            return InProgress;
        }
        Tell(limits, reached, length, callback, argument);
        return 0;
    }

    /// <summary>Copies between a buffer and what the device uses in its place.</summary>
    [KernelFunction("_bus_dmamap_sync")]
    public void Sync(nint tag, nint map, int operation)
    {
        var target = FindMap(map);
        if (target.Bounce == 0)
            return;
        var own = kernel.Memory.Span<byte>(target.Buffer, (int)target.Length);
        var bounce = kernel.Memory.Span<byte>(target.Bounce, (int)target.Length);
        if ((operation & PreWrite) != 0)
        {
            own.CopyTo(bounce);
            BouncedBytes += own.Length;
        }
        if ((operation & PostRead) != 0)
        {
            bounce.CopyTo(own);
            BouncedBytes += own.Length;
        }
    }

    [KernelFunction("_bus_dmamap_unload")]
    public void Unload(nint tag, nint map)
    {
        var target = FindMap(map);
        _waiting.Remove(target);
        if (target.Bounce != 0)
            kernel.Malloc.FreeOwn(target.Bounce);
        target.Buffer = target.Bounce = 0;
        if (_waiting.Count > 0)
            kernel.Cpu.Post(RetryWaiting);
    }

    /// <summary>The lock function for callbacks that come later: the argument is a mutex.</summary>
    [KernelFunction]
    public void busdma_lock_mutex(nint mutex, int operation)
    {
        if (operation == LockTake)
            kernel.Mutexes.Lock(mutex, 0, 0);
        else
            kernel.Mutexes.Unlock(mutex, 0, 0);
    }

    private static bool MustBounce(DmaTag tag, ulong bus, ulong length) =>
        (bus & (tag.Alignment - 1)) != 0 || (length > 0 && bus + (length - 1) > tag.Low);

    private void RetryWaiting()
    {
        while (_waiting.Count > 0)
        {
            var map = _waiting[0];
            map.Bounce = kernel.Malloc.AllocatePages((nuint)map.Length, map.Tag.Alignment, 0, map.Tag.Low, 0);
            if (map.Bounce == 0)
                return;
            _waiting.RemoveAt(0);
            if (map.Tag.Lock != 0)
                kernel.Call(map.Tag.Lock, map.Tag.LockArgument, LockTake);
            Tell(map.Tag, map.Bounce, map.Length, map.Callback, map.Argument);
            if (map.Tag.Lock != 0)
                kernel.Call(map.Tag.Lock, map.Tag.LockArgument, LockGive);
        }
    }

    private void Tell(DmaTag tag, nint memory, ulong length, nint callback, nint argument)
    {
        ulong bus = kernel.Arena.BusAddress(memory);
        int count = Split(tag, bus, length, default);
        if (count > tag.Segments)
        {
            kernel.Call(callback, argument, 0, 0, Errno.EFBIG);
            return;
        }
        if (count > tag.SegmentRoom)
        {
            if (tag.SegmentList != 0)
                kernel.Malloc.FreeOwn(tag.SegmentList);
            tag.SegmentRoom = Math.Max(count, 8);
            tag.SegmentList = kernel.Malloc.AllocateOwn(tag.SegmentRoom * sizeof(DmaSegment));
        }
        Split(tag, bus, length, kernel.Memory.Span<DmaSegment>(tag.SegmentList, count));
        kernel.Call(callback, argument, tag.SegmentList, count, 0);
    }

    /// <summary>Cuts a contiguous piece into segments; the result is how many it takes.</summary>
    private static int Split(DmaTag tag, ulong bus, ulong length, Span<DmaSegment> segments)
    {
        int count = 0;
        do
        {
            ulong piece = Math.Min(length, tag.MaximumSegment);
            if (tag.Boundary != 0)
                piece = Math.Min(piece, tag.Boundary - (bus & (tag.Boundary - 1)));
            if (count < segments.Length)
                segments[count] = new DmaSegment { ds_addr = bus, ds_len = piece };
            count++;
            bus += piece;
            length -= piece;
        }
        while (length > 0);
        return count;
    }

    private DmaMap MakeMap(DmaTag tag, bool isOwned)
    {
        var map = new DmaMap(kernel.Malloc.AllocateOwn(8), tag) { IsOwned = isOwned };
        _maps.Add(map.Address, map);
        tag.Maps++;
        return map;
    }

    private void Forget(DmaMap map)
    {
        map.Tag.Maps--;
        _maps.Remove(map.Address);
        kernel.Malloc.FreeOwn(map.Address);
    }

    private DmaTag FindTag(nint tag) => _tags.GetValueOrDefault(tag) ?? throw new KernelFaultException($"0x{tag:x} is no DMA tag, or was destroyed");

    private DmaMap FindMap(nint map) => _maps.GetValueOrDefault(map) ?? throw new KernelFaultException($"0x{map:x} is no DMA map, or was destroyed");
}

public sealed partial class BsdKernel
{
    internal BusDma BusDma => field ??= new BusDma(this);
}
