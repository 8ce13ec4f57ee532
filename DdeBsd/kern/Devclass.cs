namespace DdeBsd;

/// <summary>A class of devices (devclass(9)): the drivers that attach to a bus of this name, and the devices that have it, by unit.</summary>
internal sealed class Devclass(nint address, string name, nint nameAddress)
{
    /// <summary>What drivers know it by.</summary>
    internal nint Address { get; } = address;

    internal string Name { get; } = name;

    /// <summary>The name as a C string.</summary>
    internal nint NameAddress { get; } = nameAddress;

    /// <summary>Drivers (<c>driver_t *</c>) for devices on buses of this class, in the order of their registration.</summary>
    internal List<nint> Drivers { get; } = [];

    /// <summary>The devices, by unit.</summary>
    internal SortedDictionary<int, Device> Devices { get; } = [];

    /// <summary>The first unit that nobody has, from one on.</summary>
    internal int FreeUnit(int from = 0)
    {
        while (Devices.ContainsKey(from))
            from++;
        return from;
    }
}

/// <summary>How far a device has come (sys/bus.h, device_state_t).</summary>
internal enum DeviceState
{
    NotPresent,
    Alive,
    Attached,
    Busy,
}

/// <summary>A device in the tree (device(9)).</summary>
internal sealed class Device(nint address, Device? parent, int order)
{
    /// <summary>What drivers know it by: memory that begins with the method table, so that it is a kernel object.</summary>
    internal nint Address { get; } = address;

    internal Device? Parent { get; } = parent;

    internal int Order { get; } = order;

    internal List<Device> Children { get; } = [];

    internal Devclass? Class { get; set; }

    /// <summary>Whether the class was given by who added the device, so that no driver of another name may have it.</summary>
    internal bool HasFixedClass { get; set; }

    /// <summary>-1 for none.</summary>
    internal int Unit { get; set; } = -1;

    /// <summary>The driver (<c>driver_t *</c>), 0 for none.</summary>
    internal nint Driver { get; set; }

    internal DeviceState State { get; set; }

    internal int BusyCount { get; set; }

    internal uint Flags { get; set; }

    internal nint Ivars { get; set; }

    internal nint Softc { get; set; }

    /// <summary>Whether the driver brought memory of its own.</summary>
    internal bool IsSoftcForeign { get; set; }

    /// <summary>A C string, 0 for none.</summary>
    internal nint Description { get; set; }

    internal bool IsDescriptionOwned { get; set; }

    internal bool IsQuiet { get; set; }

    internal bool IsEnabled { get; set; } = true;

    /// <summary>Name and unit as a C string, made when somebody asks.</summary>
    internal nint NameUnitAddress { get; set; }

    internal string NameUnit => Class is null ? "unknown" : $"{Class.Name}{Unit}";

    /// <summary>Resources that the bus gave it and that were not released.</summary>
    internal List<Resource> Resources { get; } = [];
}
