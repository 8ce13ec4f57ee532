using DdeKit.Memory;

namespace DdeLinux;

/// <summary>The iterator that visits a scatter list's memory page by page (include/linux/scatterlist.h, struct sg_mapping_iter).</summary>
internal sealed partial class ScatterIterators
{
    private const uint PageSize = Arena.PageSize;

    private readonly LinuxKernel _kernel;

    internal ScatterIterators(LinuxKernel kernel) => _kernel = kernel;

    [KernelFunction]
    public void sg_miter_start(ScatterIterator iterator, Scatterlist list, uint entries, uint flags)
    {
        _kernel.Memory.Span<byte>(iterator.Address, ScatterIterator.Size).Clear();
        iterator.sg = list;
        iterator.entries = entries;
        iterator.remaining = entries > 0 && !list.IsNull ? list.length : 0;
        iterator.offset = entries > 0 && !list.IsNull ? list.offset : 0;
        iterator.flags = flags;
    }

    /// <summary>Goes on to the next run of memory within one page: its address and length stand in the iterator. False at the end.</summary>
    [KernelFunction]
    public bool sg_miter_next(ScatterIterator iterator)
    {
        Stop(iterator);
        while (iterator.remaining == 0)
        {
            if (iterator.entries <= 1)
                return false;
            var next = _kernel.ScatterLists.Next(iterator.sg);
            if (next.IsNull)
                return false;
            iterator.sg = next;
            iterator.entries--;
            iterator.offset = next.offset;
            iterator.remaining = next.length;
        }
        nint first = _kernel.PageMap.AddressOf(iterator.sg.Page) + (nint)iterator.offset;
        uint length = Math.Min(iterator.remaining, PageSize - iterator.offset % PageSize);
        iterator.page = _kernel.PageMap.PageOf(first);
        iterator.addr = first;
        iterator.length = length;
        iterator.consumed = length;
        return true;
    }

    [KernelFunction]
    public void sg_miter_stop(ScatterIterator iterator) => Stop(iterator);

    /// <summary>What was consumed of the last run is passed over; a driver may have lowered it to see the rest again.</summary>
    private static void Stop(ScatterIterator iterator)
    {
        if (iterator.addr == 0)
            return;
        uint consumed = (uint)Math.Min(iterator.consumed, iterator.remaining);
        iterator.offset += consumed;
        iterator.remaining -= consumed;
        iterator.page = 0;
        iterator.addr = 0;
        iterator.length = 0;
        iterator.consumed = 0;
    }
}

/// <summary>Where an iteration stands. Drivers read the first four fields and may lower <c>consumed</c>; the rest is the shim's.</summary>
[KernelStruct("sg_mapping_iter")]
internal readonly partial struct ScatterIterator
{
    [Field]
    public partial nint page { get; set; }

    [Field]
    public partial nint addr { get; set; }

    [Field]
    public partial ulong length { get; set; }

    [Field]
    public partial ulong consumed { get; set; }

    [Field("piter.sg")]
    public partial Scatterlist sg { get; set; }

    /// <summary>Entries left, the present one included.</summary>
    [Field("piter.__nents")]
    public partial uint entries { get; set; }

    /// <summary>Bytes from the start of the entry's page to what comes next.</summary>
    [Field("__offset")]
    public partial uint offset { get; set; }

    /// <summary>Bytes left of the entry.</summary>
    [Field("__remaining")]
    public partial uint remaining { get; set; }

    [Field("__flags")]
    public partial uint flags { get; set; }
}

public sealed partial class LinuxKernel
{
    internal ScatterIterators ScatterIterators => field ??= new ScatterIterators(this);
}
