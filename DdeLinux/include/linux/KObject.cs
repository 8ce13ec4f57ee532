namespace DdeLinux;

/// <summary>struct kobject (linux/kobject.h): the counted, named part of a device.</summary>
[KernelStruct("kobject")]
internal readonly partial struct KObject
{
    /// <summary>Its name, on the heap; null before it has one.</summary>
    [Field]
    public partial nint name { get; set; }

    [Embedded("entry")]
    public partial ListHead entry { get; }

    [Field]
    public partial nint parent { get; set; }

    /// <summary>References; the object is released when they reach 0.</summary>
    [Field("kref.refcount.refs.counter")]
    public partial int references { get; set; }

    [BitField]
    public partial bool state_initialized { get; set; }

    /// <summary>Whether the object is registered; inlined code (device_is_registered) reads it.</summary>
    [BitField]
    public partial bool state_in_sysfs { get; set; }
}
