namespace DdeLinux;

/// <summary>struct request (linux/blk-mq.h). A struct scsi_cmnd follows it directly.</summary>
[KernelStruct("request")]
internal readonly partial struct Request
{
    /// <summary>REQ_OP_READ.</summary>
    public const uint OperationRead = 0;

    /// <summary>REQ_OP_WRITE.</summary>
    public const uint OperationWrite = 1;

    /// <summary>REQ_OP_FLUSH.</summary>
    public const uint OperationFlush = 2;

    /// <summary>REQ_OP_DRV_IN: a command that is not the block layer's, from the device.</summary>
    public const uint OperationDriverIn = 34;

    /// <summary>REQ_OP_DRV_OUT: a command that is not the block layer's, to the device or without data.</summary>
    public const uint OperationDriverOut = 35;

    /// <summary>RQF_QUIET: no message when it fails.</summary>
    public const uint Quiet = 1 << 11;

    [Field]
    public partial RequestQueue q { get; set; }

    /// <summary>Operation in the low 8 bits, flags above.</summary>
    [Field]
    public partial uint cmd_flags { get; set; }

    [Field]
    public partial uint rq_flags { get; set; }

    /// <summary>Unique among the commands in flight of a host, below its can_queue.</summary>
    [Field]
    public partial int tag { get; set; }

    [Field]
    public partial int internal_tag { get; set; }

    /// <summary>In jiffies.</summary>
    [Field]
    public partial uint timeout { get; set; }

    /// <summary>Bytes.</summary>
    [Field]
    public partial uint __data_len { get; set; }

    /// <summary>In units of 512 bytes.</summary>
    [Field]
    public partial ulong __sector { get; set; }

    [Field]
    public partial ushort nr_phys_segments { get; set; }
}

/// <summary>struct request_queue (linux/blkdev.h): of a SCSI device, for its limits.</summary>
[KernelStruct("request_queue")]
internal readonly partial struct RequestQueue
{
    [Field]
    public partial nint queuedata { get; set; }

    [Field]
    public partial uint dma_pad_mask { get; set; }

    /// <summary>In jiffies.</summary>
    [Field]
    public partial uint rq_timeout { get; set; }

    [Field("limits.seg_boundary_mask")]
    public partial ulong seg_boundary_mask { get; set; }

    [Field("limits.max_hw_sectors")]
    public partial uint max_hw_sectors { get; set; }

    [Field("limits.max_sectors")]
    public partial uint max_sectors { get; set; }

    [Field("limits.max_segment_size")]
    public partial uint max_segment_size { get; set; }

    [Field("limits.logical_block_size")]
    public partial uint logical_block_size { get; set; }

    [Field("limits.max_segments")]
    public partial ushort max_segments { get; set; }

    /// <summary>Bits of an address that must be 0.</summary>
    [Field("limits.dma_alignment")]
    public partial uint dma_alignment { get; set; }
}
