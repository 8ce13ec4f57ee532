namespace DdeLinux;

/// <summary>Limits of a queue, which requests obey (see <see cref="LinuxDisk"/>), and aborts.</summary>
internal sealed partial class BlockLimits(LinuxKernel kernel)
{
    /// <summary>Sets the largest request, in units of 512 bytes.</summary>
    [KernelFunction]
    public void blk_queue_max_hw_sectors(RequestQueue queue, uint sectors)
    {
        // At least a page must fit (block/blk-settings.c).
        uint limit = Math.Max(sectors, 8);
        queue.max_hw_sectors = limit;
        queue.max_sectors = limit;
    }

    [KernelFunction]
    public void blk_queue_max_segments(RequestQueue queue, ushort segments) => queue.max_segments = Math.Max(segments, (ushort)1);

    /// <summary>Requires more alignment of buffers; less than there is changes nothing.</summary>
    [KernelFunction]
    public void blk_queue_update_dma_alignment(RequestQueue queue, int mask)
    {
        if ((uint)mask > queue.dma_alignment)
            queue.dma_alignment = (uint)mask;
    }

    [KernelFunction]
    public void blk_queue_update_dma_pad(RequestQueue queue, uint mask)
    {
        if (mask > queue.dma_pad_mask)
            queue.dma_pad_mask = mask;
    }

    /// <summary>Lets a request time out at once. The time-out is handled by the event loop, since the caller holds locks.</summary>
    [KernelFunction]
    public void blk_abort_request(Request request) => kernel.ScsiHosts.FindSlot(request)?.Abort();
}

public sealed partial class LinuxKernel
{
    internal BlockLimits BlockLimits => field ??= new BlockLimits(this);
}
