namespace DdeLinux;

/// <summary>enum scsi_device_state (scsi/scsi_device.h).</summary>
internal enum ScsiDeviceState
{
    Created = 1,
    Running = 2,
    Cancel = 3,
    Deleted = 4,
    Quiesce = 5,
    Offline = 6,
    TransportOffline = 7,
    Blocked = 8,
    CreatedBlocked = 9,
}

/// <summary>struct scsi_device (scsi/scsi_device.h): a logical unit.</summary>
[KernelStruct("scsi_device")]
internal readonly partial struct ScsiDevice
{
    [Field]
    public partial ScsiHost host { get; set; }

    [Field]
    public partial RequestQueue request_queue { get; set; }

    [Embedded("siblings")]
    public partial ListHead siblings { get; }

    [Embedded("same_target_siblings")]
    public partial ListHead same_target_siblings { get; }

    [Embedded("starved_entry")]
    public partial ListHead starved_entry { get; }

    [Embedded("event_list")]
    public partial ListHead event_list { get; }

    [Field]
    public partial ushort queue_depth { get; set; }

    [Field]
    public partial ushort max_queue_depth { get; set; }

    [Field]
    public partial uint id { get; set; }

    [Field]
    public partial uint channel { get; set; }

    [Field]
    public partial ulong lun { get; set; }

    [Field]
    public partial uint sector_size { get; set; }

    /// <summary>Peripheral device type (SPC-4, 6.6.2): 0 is a disk.</summary>
    [Field]
    public partial byte type { get; set; }

    [Field]
    public partial byte scsi_level { get; set; }

    [Embedded]
    public partial Mutex inquiry_mutex { get; }

    [Embedded]
    public partial Mutex state_mutex { get; }

    [Field]
    public partial byte inquiry_len { get; set; }

    /// <summary>The INQUIRY data, on the heap.</summary>
    [Field]
    public partial nint inquiry { get; set; }

    [Field]
    public partial nint vendor { get; set; }

    [Field]
    public partial nint model { get; set; }

    [Field]
    public partial nint rev { get; set; }

    [Field]
    public partial ScsiTarget sdev_target { get; set; }

    [Field]
    public partial uint eh_timeout { get; set; }

    [BitField]
    public partial bool removable { get; set; }

    [BitField]
    public partial bool lockable { get; set; }

    [BitField]
    public partial bool borken { get; set; }

    [BitField]
    public partial bool use_10_for_rw { get; set; }

    [BitField]
    public partial bool use_16_for_rw { get; set; }

    [BitField]
    public partial bool use_10_for_ms { get; set; }

    [BitField]
    public partial bool expecting_cc_ua { get; set; }

    [BitField]
    public partial bool allow_restart { get; set; }

    [BitField]
    public partial bool retry_hwerror { get; set; }

    [Field("disk_events_disable_depth.counter")]
    public partial int disk_events_disable_depth { get; set; }

    [Field]
    public partial uint max_device_blocked { get; set; }

    [Embedded("sdev_gendev")]
    public partial Device sdev_gendev { get; }

    [Field]
    public partial ScsiDeviceState sdev_state { get; set; }

    /// <summary>Whether commands may still be sent to it.</summary>
    public bool IsOnline => sdev_state is not (ScsiDeviceState.Offline or ScsiDeviceState.TransportOffline or ScsiDeviceState.Deleted);
}

/// <summary>struct scsi_target (scsi/scsi_device.h): what a device's logical units share.</summary>
[KernelStruct("scsi_target")]
internal readonly partial struct ScsiTarget
{
    [Embedded("siblings")]
    public partial ListHead siblings { get; }

    [Embedded("devices")]
    public partial ListHead devices { get; }

    [Embedded("dev")]
    public partial Device dev { get; }

    [Field]
    public partial uint channel { get; set; }

    [Field]
    public partial uint id { get; set; }

    [Field]
    public partial int state { get; set; }

    [Field]
    public partial byte scsi_level { get; set; }
}
