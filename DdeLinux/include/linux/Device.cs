namespace DdeLinux;

/// <summary>struct device (linux/device.h).</summary>
[KernelStruct("device")]
internal readonly partial struct Device
{
    [Embedded("kobj")]
    public partial KObject kobj { get; }

    [Field]
    public partial Device parent { get; set; }

    [Field]
    public partial KernelString init_name { get; set; }

    [Field]
    public partial DeviceType type { get; set; }

    [Field]
    public partial BusType bus { get; set; }

    [Field]
    public partial DeviceDriver driver { get; set; }

    [Field]
    public partial nint driver_data { get; set; }

    [Embedded]
    public partial Mutex mutex { get; }

    [Embedded("links.suppliers")]
    public partial ListHead suppliers { get; }

    [Embedded("links.consumers")]
    public partial ListHead consumers { get; }

    [Embedded("links.defer_sync")]
    public partial ListHead defer_sync { get; }

    [Embedded("power")]
    public partial DevicePower power { get; }

    /// <summary>Address of the 64-bit mask of bus addresses that the device can drive.</summary>
    [Field]
    public partial nint dma_mask { get; set; }

    [Field]
    public partial ulong coherent_dma_mask { get; set; }

    [Field]
    public partial nint dma_parms { get; set; }

    [Embedded("dma_pools")]
    public partial ListHead dma_pools { get; }

    [Field]
    public partial nint fwnode { get; set; }

    [Field]
    public partial int numa_node { get; set; }

    [Embedded("devres_head")]
    public partial ListHead devres_head { get; }

    [Field]
    public partial DeviceClass @class { get; set; }

    /// <summary>void (*)(struct device *): gives the memory back when the last reference goes.</summary>
    [Field]
    public partial nint release { get; set; }
}

/// <summary>struct dev_pm_info (linux/pm.h): what run-time power management keeps of a device.</summary>
[KernelStruct("dev_pm_info")]
internal readonly partial struct DevicePower
{
    /// <summary>RPM_ACTIVE.</summary>
    public const uint Active = 0;

    /// <summary>RPM_SUSPENDED.</summary>
    public const uint Suspended = 2;

    [Embedded("entry")]
    public partial ListHead entry { get; }

    [Field("usage_count.counter")]
    public partial int usage_count { get; set; }

    [BitField]
    public partial uint disable_depth { get; set; }

    [BitField]
    public partial bool runtime_auto { get; set; }

    [Field]
    public partial uint runtime_status { get; set; }
}

/// <summary>struct device_type (linux/device.h).</summary>
[KernelStruct("device_type")]
internal readonly partial struct DeviceType
{
    [Field]
    public partial nint release { get; set; }
}

/// <summary>struct class (linux/device/class.h).</summary>
[KernelStruct("class")]
internal readonly partial struct DeviceClass
{
    [Field]
    public partial KernelString name { get; set; }

    [Field]
    public partial nint dev_release { get; set; }
}

/// <summary>struct bus_type (linux/device/bus.h).</summary>
[KernelStruct("bus_type")]
internal readonly partial struct BusType
{
    [Field]
    public partial KernelString name { get; set; }
}

/// <summary>struct device_driver (linux/device/driver.h).</summary>
[KernelStruct("device_driver")]
internal readonly partial struct DeviceDriver
{
    [Field]
    public partial KernelString name { get; set; }

    [Field]
    public partial BusType bus { get; set; }

    [Field]
    public partial nint owner { get; set; }

    [Field]
    public partial KernelString mod_name { get; set; }
}

/// <summary>struct device_link (linux/device.h): a consumer that needs a supplier.</summary>
[KernelStruct("device_link")]
internal readonly partial struct DeviceLink
{
    [Field]
    public partial Device supplier { get; set; }

    [Embedded("s_node")]
    public partial ListHead s_node { get; }

    [Field]
    public partial Device consumer { get; set; }

    [Embedded("c_node")]
    public partial ListHead c_node { get; }

    [Field]
    public partial uint flags { get; set; }

    [Field("kref.refcount.refs.counter")]
    public partial int references { get; set; }
}

/// <summary>struct attribute_container (linux/attribute_container.h).</summary>
[KernelStruct("attribute_container")]
internal readonly partial struct AttributeContainer
{
    [Field]
    public partial DeviceClass @class { get; set; }

    /// <summary>int (*)(struct attribute_container *, struct device *): whether the container is about the device.</summary>
    [Field]
    public partial nint match { get; set; }
}

/// <summary>struct transport_class (linux/transport_class.h).</summary>
[KernelStruct("transport_class")]
internal readonly partial struct TransportClass
{
    [Embedded("class")]
    public partial DeviceClass @class { get; }

    /// <summary>int (*)(struct transport_container *, struct device *, struct device *).</summary>
    [Field]
    public partial nint setup { get; set; }

    [Field]
    public partial nint configure { get; set; }

    [Field]
    public partial nint remove { get; set; }
}
