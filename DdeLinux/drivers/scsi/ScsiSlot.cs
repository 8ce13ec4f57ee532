using DdeKit.Memory;

namespace DdeLinux;

/// <summary>
/// A command of a host, made once and used again and again: struct request, struct scsi_cmnd and the driver's private part in one piece
/// of memory, a scatter-gather table and a sense buffer.
/// </summary>
internal sealed unsafe class ScsiSlot
{
    private readonly LinuxKernel _kernel;
    private readonly nint _table;
    private readonly nint _sense;
    private readonly int _tableLength;

    /// <param name="kernel">The domain's kernel.</param>
    /// <param name="adapter">The host that it belongs to.</param>
    /// <param name="tag">Its number among the host's, which drivers use as an index.</param>
    /// <param name="index">Its number among all, by which it is found again.</param>
    internal ScsiSlot(LinuxKernel kernel, ScsiAdapter adapter, int tag, int index)
    {
        _kernel = kernel;
        Adapter = adapter;
        var host = adapter.Host;
        _tableLength = host.sg_tablesize;
        // Drivers find the one from the other by the size of struct request (linux/blk-mq.h, blk_mq_rq_to_pdu).
        Request = new Request(kernel.AllocateOrPanic(Request.Size + ScsiCommand.Size + (int)host.hostt.cmd_size, "a SCSI command"));
        Command = new ScsiCommand(Request.Address + Request.Size);
        _table = kernel.AllocateOrPanic(_tableLength * Scatterlist.Size, "a scatter-gather table");
        _sense = kernel.AllocateOrPanic(ScsiCommand.SenseBytes, "sense data");
        var request = Request;
        request.tag = tag;
        request.internal_tag = index;
        var command = Command;
        command.sense_buffer = _sense;
        command.eh_entry.Initialize();
    }

    internal ScsiAdapter Adapter { get; }

    internal Request Request { get; }

    internal ScsiCommand Command { get; }

    /// <summary>The unit that the command is for; null while the slot is free.</summary>
    internal ScsiUnit? Unit { get; private set; }

    /// <summary>What it is done for.</summary>
    internal ScsiRequest? Work { get; private set; }

    /// <summary>Whether the driver has it, or the error handler.</summary>
    internal bool IsInFlight { get; set; }

    /// <summary>Whether the driver is through with it, or it timed out: whichever came first.</summary>
    internal bool IsOver { get; set; }

    /// <summary>When it times out, in nanoseconds of the clock.</summary>
    internal long Deadline { get; set; }

    /// <summary>How long it may take, in nanoseconds.</summary>
    internal long Timeout { get; private set; }

    /// <summary>How it ended.</summary>
    internal int Result => Command.result;

    /// <summary>The sense data, all of it; zeros when there is none.</summary>
    internal ReadOnlySpan<byte> Sense => new((void*)_sense, ScsiCommand.SenseBytes);

    /// <summary>Takes the slot for a unit. The command has no data and no descriptor block yet.</summary>
    internal void Begin(ScsiUnit unit, ScsiRequest work)
    {
        Unit = unit;
        Work = work;
        var request = Request;
        request.q = unit.Queue;
        request.rq_flags = 0;
        request.__data_len = 0;
        request.__sector = 0;
        request.nr_phys_segments = 0;
        var command = Command;
        command.device = unit.Device;
        command.retries = 0;
        command.eh_eflags = 0;
        command.sgl = default;
        command.nents = 0;
        command.orig_nents = 0;
        command.length = 0;
        command.underflow = 0;
        command.extra_len = 0;
        new Span<byte>((void*)command.cmnd, 32).Clear();
    }

    /// <summary>Makes the slot ready for the driver, the first time and again.</summary>
    internal void Arm()
    {
        IsOver = false;
        var command = Command;
        command.result = 0;
        command.resid_len = 0;
        command.sense_len = 0;
        command.flags = 0;
        command.state = 0;
        new Span<byte>((void*)_sense, ScsiCommand.SenseBytes).Clear();
    }

    /// <summary>Gives the slot back.</summary>
    internal void End()
    {
        Unit = null;
        Work = null;
    }

    /// <summary>Sets the command descriptor block and how the command is to be treated.</summary>
    /// <param name="block">The descriptor block.</param>
    /// <param name="operation">One of <see cref="Request"/>'s operations.</param>
    /// <param name="direction">Where data goes; without data it is none.</param>
    /// <param name="timeoutNanoseconds">How long it may take.</param>
    /// <param name="retries">How often it may be retried.</param>
    internal void SetCommand(ReadOnlySpan<byte> block, uint operation, DataDirection direction, long timeoutNanoseconds, int retries)
    {
        var request = Request;
        request.cmd_flags = operation;
        request.timeout = (uint)Math.Min(timeoutNanoseconds / Timekeeping.TickNanoseconds, uint.MaxValue);
        Timeout = timeoutNanoseconds;
        var command = Command;
        command.cmd_len = (ushort)block.Length;
        block.CopyTo(new Span<byte>((void*)command.cmnd, 32));
        command.sc_data_direction = (uint)direction;
        command.allowed = retries;
    }

    /// <summary>Attaches data: as much of it, from its start, as the queue's limits allow in one command.</summary>
    /// <param name="busAddress">Where the data is.</param>
    /// <param name="bytes">How much.</param>
    /// <param name="limits">The queue's limits.</param>
    /// <param name="granule">The result is a multiple of this.</param>
    /// <returns>Bytes attached; 0 when not even one granule fits.</returns>
    internal uint SetData(ulong busAddress, uint bytes, in QueueLimits limits, uint granule)
    {
        int most = Math.Min(_tableLength, limits.Segments);
        uint left = Math.Min(bytes, limits.Bytes);
        left -= left % granule;
        uint attached = 0;
        int entries = 0;
        nint at = _table;
        while (left > 0 && entries < most)
        {
            // A segment ends where the device's counter of low address bits would wrap.
            ulong room = limits.BoundaryMask - (busAddress & limits.BoundaryMask);
            uint length = (uint)Math.Min(Math.Min(left, limits.SegmentBytes), room >= uint.MaxValue ? uint.MaxValue : room + 1);
            var entry = new Scatterlist(at);
            entry.page_link = (ulong)_kernel.PageMap.PageOf(_kernel.Arena.Base + (nint)busAddress);
            entry.offset = (uint)(busAddress % Arena.PageSize);
            entry.length = length;
            entries++;
            at += Scatterlist.Size;
            attached += length;
            left -= length;
            busAddress += length;
        }
        uint surplus = attached % granule;
        while (surplus > 0)
        {
            // The table was too short: the last entries give back what is no whole granule.
            var last = new Scatterlist(at - Scatterlist.Size);
            uint cut = Math.Min(surplus, last.length);
            last.length -= cut;
            surplus -= cut;
            attached -= cut;
            if (last.length != 0)
                continue;
            at -= Scatterlist.Size;
            entries--;
        }
        if (entries == 0)
            return 0;
        var end = new Scatterlist(at - Scatterlist.Size);
        end.page_link |= Scatterlist.End;
        var request = Request;
        request.__data_len = attached;
        request.nr_phys_segments = (ushort)entries;
        var command = Command;
        command.sgl = new Scatterlist(_table);
        command.nents = (uint)entries;
        command.orig_nents = (uint)entries;
        command.length = attached;
        return attached;
    }

    /// <summary>The driver wants the command to time out now.</summary>
    internal void Abort()
    {
        if (!IsInFlight || IsOver)
            return;
        Deadline = 0;
        Adapter.CheckDeadlinesSoon();
    }

    /// <summary>Frees the memory.</summary>
    internal void Free()
    {
        _kernel.Slab.kfree(Request.Address);
        _kernel.Slab.kfree(_table);
        _kernel.Slab.kfree(_sense);
    }
}

/// <summary>Where a command's data goes: enum dma_data_direction (linux/dma-direction.h).</summary>
internal enum DataDirection
{
    ToDevice = 1,
    FromDevice = 2,
    None = 3,
}

/// <summary>What one command of a queue may carry.</summary>
/// <param name="Bytes">Data.</param>
/// <param name="Segments">Entries of the table.</param>
/// <param name="SegmentBytes">Bytes of one entry.</param>
/// <param name="BoundaryMask">Address bits that must not wrap within an entry.</param>
/// <param name="AlignmentMask">Address bits that must be 0.</param>
internal readonly record struct QueueLimits(uint Bytes, int Segments, uint SegmentBytes, ulong BoundaryMask, uint AlignmentMask)
{
    /// <summary>Reads a queue's limits as the driver left them.</summary>
    internal static QueueLimits Of(RequestQueue queue) => new(
        (uint)Math.Min(queue.max_hw_sectors * 512UL, uint.MaxValue - 511),
        queue.max_segments,
        queue.max_segment_size,
        queue.seg_boundary_mask,
        queue.dma_alignment);
}
