namespace DdeLinux;

/// <summary>enum scsi_host_state (scsi/scsi_host.h).</summary>
internal enum ScsiHostState
{
    Created = 1,
    Running = 2,
    Cancel = 3,
    Deleted = 4,
    Recovery = 5,
    CancelRecovery = 6,
    DeleteRecovery = 7,
}

/// <summary>struct Scsi_Host (scsi/scsi_host.h): a host adapter; for libata, a port.</summary>
[KernelStruct("Scsi_Host")]
internal readonly partial struct ScsiHost
{
    [Embedded("__devices")]
    public partial ListHead devices { get; }

    [Embedded("__targets")]
    public partial ListHead targets { get; }

    [Embedded("starved_list")]
    public partial ListHead starved_list { get; }

    /// <summary>Address of a spinlock_t.</summary>
    [FieldAddress]
    public partial nint default_lock { get; }

    [Field]
    public partial nint host_lock { get; set; }

    [Embedded]
    public partial Mutex scan_mutex { get; }

    [Embedded("eh_abort_list")]
    public partial ListHead eh_abort_list { get; }

    /// <summary>Commands that the error handler is to deal with.</summary>
    [Embedded("eh_cmd_q")]
    public partial ListHead eh_cmd_q { get; }

    /// <summary>Address of the error handler's task_struct.</summary>
    [Field]
    public partial nint ehandler { get; set; }

    [Embedded]
    public partial WaitQueueHead host_wait { get; }

    [Field]
    public partial ScsiHostTemplate hostt { get; set; }

    [Field]
    public partial ScsiTransportTemplate transportt { get; set; }

    [Field]
    public partial uint host_failed { get; set; }

    [Field]
    public partial uint host_eh_scheduled { get; set; }

    [Field]
    public partial uint host_no { get; set; }

    [Field]
    public partial int eh_deadline { get; set; }

    [Field]
    public partial uint max_channel { get; set; }

    [Field]
    public partial uint max_id { get; set; }

    [Field]
    public partial ulong max_lun { get; set; }

    [Field]
    public partial ushort max_cmd_len { get; set; }

    [Field]
    public partial int this_id { get; set; }

    [Field]
    public partial int can_queue { get; set; }

    [Field]
    public partial short cmd_per_lun { get; set; }

    [Field]
    public partial ushort sg_tablesize { get; set; }

    /// <summary>In units of 512 bytes.</summary>
    [Field]
    public partial uint max_sectors { get; set; }

    [Field]
    public partial uint max_segment_size { get; set; }

    [Field]
    public partial ulong dma_boundary { get; set; }

    [Field]
    public partial uint max_host_blocked { get; set; }

    [Field]
    public partial byte dma_channel { get; set; }

    [Field]
    public partial ScsiHostState shost_state { get; set; }

    [Embedded("shost_gendev")]
    public partial Device shost_gendev { get; }

    [Embedded("shost_dev")]
    public partial Device shost_dev { get; }

    [Field]
    public partial Device dma_dev { get; set; }

    /// <summary>Whether the error handler has it.</summary>
    public bool InRecovery => shost_state is ScsiHostState.Recovery or ScsiHostState.CancelRecovery or ScsiHostState.DeleteRecovery;
}

/// <summary>struct scsi_host_template (scsi/scsi_host.h): what a driver says about its hosts. All functions may be null except queuecommand.</summary>
[KernelStruct("scsi_host_template")]
internal readonly partial struct ScsiHostTemplate
{
    [Field]
    public partial uint cmd_size { get; set; }

    /// <summary>int (*)(struct Scsi_Host *, struct scsi_cmnd *).</summary>
    [Field]
    public partial nint queuecommand { get; set; }

    [Field]
    public partial KernelString name { get; set; }

    /// <summary>int (*)(struct scsi_device *).</summary>
    [Field]
    public partial nint slave_alloc { get; set; }

    /// <summary>int (*)(struct scsi_device *).</summary>
    [Field]
    public partial nint slave_configure { get; set; }

    /// <summary>void (*)(struct scsi_device *).</summary>
    [Field]
    public partial nint slave_destroy { get; set; }

    /// <summary>bool (*)(struct request *): whether surplus data must be swallowed.</summary>
    [Field]
    public partial nint dma_need_drain { get; set; }

    /// <summary>enum blk_eh_timer_return (*)(struct scsi_cmnd *).</summary>
    [Field]
    public partial nint eh_timed_out { get; set; }

    [Field]
    public partial int can_queue { get; set; }

    [Field]
    public partial int this_id { get; set; }

    [Field]
    public partial ushort sg_tablesize { get; set; }

    [Field]
    public partial uint max_sectors { get; set; }

    [Field]
    public partial uint max_segment_size { get; set; }

    [Field]
    public partial ulong dma_boundary { get; set; }

    [Field]
    public partial short cmd_per_lun { get; set; }

    [Field]
    public partial uint max_host_blocked { get; set; }
}

/// <summary>struct scsi_transport_template (scsi/scsi_transport.h).</summary>
[KernelStruct("scsi_transport_template")]
internal readonly partial struct ScsiTransportTemplate
{
    [Field]
    public partial int device_size { get; set; }

    /// <summary>void (*)(struct Scsi_Host *): the driver's own error handler.</summary>
    [Field]
    public partial nint eh_strategy_handler { get; set; }
}
