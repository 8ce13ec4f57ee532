namespace DdeLinux;

/// <summary>struct scsi_cmnd (scsi/scsi_cmnd.h).</summary>
[KernelStruct("scsi_cmnd")]
internal readonly partial struct ScsiCommand
{
    /// <summary>SCSI_SENSE_BUFFERSIZE.</summary>
    public const int SenseBytes = 96;

    [Field]
    public partial ScsiDevice device { get; set; }

    [Embedded("eh_entry")]
    public partial ListHead eh_entry { get; }

    [Field]
    public partial int eh_eflags { get; set; }

    [Field]
    public partial int budget_token { get; set; }

    [Field]
    public partial int retries { get; set; }

    [Field]
    public partial int allowed { get; set; }

    /// <summary>Bytes of the command descriptor block.</summary>
    [Field]
    public partial ushort cmd_len { get; set; }

    /// <summary>enum dma_data_direction: 1 to the device, 2 from it, 3 none.</summary>
    [Field]
    public partial uint sc_data_direction { get; set; }

    /// <summary>The command descriptor block, 32 bytes.</summary>
    [FieldAddress]
    public partial nint cmnd { get; }

    [Field("sdb.table.sgl")]
    public partial Scatterlist sgl { get; set; }

    [Field("sdb.table.nents")]
    public partial uint nents { get; set; }

    [Field("sdb.table.orig_nents")]
    public partial uint orig_nents { get; set; }

    /// <summary>Bytes of data.</summary>
    [Field("sdb.length")]
    public partial uint length { get; set; }

    /// <summary>Fewer bytes than this are an error.</summary>
    [Field]
    public partial uint underflow { get; set; }

    [Field]
    public partial uint transfersize { get; set; }

    /// <summary>Bytes that were not transferred.</summary>
    [Field]
    public partial uint resid_len { get; set; }

    [Field]
    public partial uint sense_len { get; set; }

    [Field]
    public partial nint sense_buffer { get; set; }

    [Field]
    public partial int flags { get; set; }

    [Field]
    public partial ulong state { get; set; }

    [Field]
    public partial uint extra_len { get; set; }

    /// <summary>Host byte in bits 16-23, status byte in bits 0-7.</summary>
    [Field]
    public partial int result { get; set; }
}

/// <summary>struct scsi_sense_hdr (scsi/scsi_common.h).</summary>
[KernelStruct("scsi_sense_hdr")]
internal readonly partial struct ScsiSenseHeader
{
    [Field]
    public partial byte response_code { get; set; }

    [Field]
    public partial byte sense_key { get; set; }

    [Field]
    public partial byte asc { get; set; }

    [Field]
    public partial byte ascq { get; set; }

    [Field]
    public partial byte additional_length { get; set; }
}
