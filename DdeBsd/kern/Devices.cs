using DdeKit.Foreign;

namespace DdeBsd;

/// <summary>The device tree: devices, their classes, and which driver gets which device. device(9), devclass(9), DEVICE_PROBE(9).</summary>
internal sealed unsafe partial class Devices(BsdKernel kernel)
{
    // sys/bus.h: BUS_PROBE_NOWILDCARD, for drivers of devices that were added by name.
    private const int NoWildcard = -2_000_000_000;

    private readonly Dictionary<nint, Device> _devices = [];
    private readonly Dictionary<string, Devclass> _classes = new(StringComparer.Ordinal);
    private readonly Dictionary<nint, Devclass> _classesByAddress = [];

    // The root passes nothing on; what reaches it was asked of a bus that does not have it.
    private static readonly (string Method, string Function)[] s_rootMethods = [("bus_print_child", "bus_generic_print_child")];

    /// <summary>The root of the tree.</summary>
    internal Device Root { get; private set; } = null!;

    /// <summary>All devices that have a driver and work.</summary>
    internal IEnumerable<Device> Attached => _devices.Values.Where(device => device.State >= DeviceState.Attached);

    /// <summary>Makes the root and the PCI bus, with the function that was granted to the domain.</summary>
    internal void Boot()
    {
        Root = AddFixed(null, "root", kernel.Kobj.MakeClass("root", s_rootMethods));
        kernel.Memory.At<nint>(kernel.Symbols.Require("root_bus")) = Root.Address;
        kernel.Memory.At<nint>(kernel.Symbols.Require("root_devclass")) = Root.Class!.Address;
        var bus = AddFixed(Root, "pci", kernel.Kobj.MakeClass("pci", PciBus.Methods));
        Add(bus, null, -1, 0);
    }

    /// <summary>The device that a driver names.</summary>
    /// <exception cref="KernelFaultException">It is none.</exception>
    internal Device Find(nint device) => _devices.GetValueOrDefault(device) ?? throw new KernelFaultException($"0x{device:x} is no device");

    /// <summary>The class of a name, made when it is new.</summary>
    internal Devclass GetClass(string name)
    {
        if (!_classes.TryGetValue(name, out var devclass))
        {
            devclass = new Devclass(kernel.Malloc.AllocateOwn(8), name, kernel.Malloc.AllocateText(name));
            _classes.Add(name, devclass);
            _classesByAddress.Add(devclass.Address, devclass);
        }
        return devclass;
    }

    /// <summary>Adds a device. Its class is fixed when a name is given.</summary>
    internal Device Add(Device? parent, string? name, int unit, int order)
    {
        var device = new Device(kernel.Malloc.AllocateOwn(sizeof(KobjObject)), parent, order);
        _devices.Add(device.Address, device);
        kernel.Kobj.kobj_init(device.Address, kernel.Symbols.Require("null_class"));
        if (name is not null)
        {
            device.HasFixedClass = true;
            SetClass(device, GetClass(name), unit);
        }
        if (parent is not null)
        {
            int place = parent.Children.FindIndex(other => other.Order > order);
            parent.Children.Insert(place < 0 ? parent.Children.Count : place, device);
        }
        return device;
    }

    /// <summary>Gives a device a class and a unit: the one that is wanted, or the first that is free.</summary>
    internal bool SetClass(Device device, Devclass? devclass, int unit = -1)
    {
        if (devclass is not null && unit >= 0 && devclass.Devices.TryGetValue(unit, out var other) && other != device)
            return false;
        device.Class?.Devices.Remove(device.Unit);
        device.Class = devclass;
        if (devclass is not null)
            devclass.Devices[device.Unit = unit >= 0 ? unit : devclass.FreeUnit()] = device;
        else
            device.Unit = -1;
        if (device.NameUnitAddress != 0)
            kernel.Malloc.FreeOwn(device.NameUnitAddress);
        device.NameUnitAddress = 0;
        return true;
    }

    /// <summary>Gives a device a driver and its driver's memory, or takes both away.</summary>
    internal void SetDriver(Device device, nint driver)
    {
        if (device.Driver == driver)
            return;
        FreeSoftc(device);
        SetDescription(device, 0, isOwned: false);
        kernel.Kobj.kobj_delete(device.Address, 0);
        device.Driver = driver;
        kernel.Kobj.kobj_init(device.Address, driver != 0 ? driver : kernel.Symbols.Require("null_class"));
        if (driver != 0 && kernel.Memory.At<KobjClass>(driver).size is > 0 and var size && !device.IsSoftcForeign)
            device.Softc = kernel.Malloc.AllocateOwn((int)size);
    }

    internal void SetDescription(Device device, nint text, bool isOwned)
    {
        if (device.IsDescriptionOwned)
            kernel.Malloc.FreeOwn(device.Description);
        device.Description = text;
        device.IsDescriptionOwned = isOwned;
    }

    /// <summary>A driver's name: that of the class that its devices get.</summary>
    internal string NameOf(nint driver) => kernel.Memory.CheckString(kernel.Memory.At<KobjClass>(driver).name).ToString();

    /// <summary>Finds the driver that wants a device most and has it attach. Both may sleep.</summary>
    /// <returns>0, or why there is none.</returns>
    internal int ProbeAndAttach(Device device)
    {
        if (device.State >= DeviceState.Alive)
            return 0;
        if (!device.IsEnabled)
            return Errno.ENXIO;
        int error = Probe(device);
        return error == 0 ? Attach(device) : error;
    }

    private int Probe(Device device)
    {
        nint best = 0;
        int bestAnswer = int.MinValue;
        foreach (nint driver in device.Parent!.Class!.Drivers.ToArray())
        {
            if (device.HasFixedClass && device.Class!.Name != NameOf(driver))
                continue;
            int answer = Probe(device, driver);
            if (answer > 0 || (answer == NoWildcard && !device.HasFixedClass) || (best != 0 && answer <= bestAnswer))
                continue;
            (best, bestAnswer) = (driver, answer);
            if (answer == 0)
                break;
        }
        if (best == 0)
        {
            SetDriver(device, 0);
            if (!device.HasFixedClass)
                SetClass(device, null);
            return Errno.ENXIO;
        }
        // The winner probes again, since losers may have left their traces, unless it was the last to do so.
        if (device.Driver != best || bestAnswer != 0)
            Probe(device, best);
        device.State = DeviceState.Alive;
        return 0;
    }

    private int Probe(Device device, nint driver)
    {
        SetDriver(device, 0);
        SetDriver(device, driver);
        if (!device.HasFixedClass)
            SetClass(device, GetClass(NameOf(driver)));
        return unchecked((int)kernel.Kobj.Call(device.Address, "device_probe"));
    }

    /// <summary>Has a device's driver attach.</summary>
    internal int Attach(Device device)
    {
        if (!device.IsQuiet)
            kernel.Printf.Print($"{device.NameUnit}: <{(device.Description != 0 ? kernel.Memory.CheckString(device.Description) : device.NameUnit)}> on {device.Parent!.NameUnit}\n");
        int error = unchecked((int)kernel.Kobj.Call(device.Address, "device_attach"));
        if (error != 0)
        {
            kernel.Printf.Print($"device_attach: {device.NameUnit} attach returned {error}\n");
            Forget(device);
            return error;
        }
        device.State = DeviceState.Attached;
        return 0;
    }

    /// <summary>Has a device's driver detach. May sleep.</summary>
    internal int Detach(Device device)
    {
        if (device.State == DeviceState.Busy)
            return Errno.EBUSY;
        if (device.State != DeviceState.Attached)
            return 0;
        int error = unchecked((int)kernel.Kobj.Call(device.Address, "device_detach"));
        if (error != 0)
            return error;
        kernel.Printf.Print($"{device.NameUnit}: detached\n");
        if (device.Parent is { } parent)
            kernel.Kobj.Call(parent.Address, "bus_child_detached", device.Address);
        Forget(device);
        return 0;
    }

    /// <summary>Removes a device and what is below it.</summary>
    internal int Delete(Device device)
    {
        foreach (var child in device.Children.ToArray())
        {
            int problem = Delete(child);
            if (problem != 0)
                return problem;
        }
        int error = Detach(device);
        if (error != 0)
            return error;
        SetClass(device, null);
        device.Parent?.Children.Remove(device);
        _devices.Remove(device.Address);
        kernel.Kobj.kobj_delete(device.Address, 0);
        kernel.Malloc.FreeOwn(device.Address);
        return 0;
    }

    private void Forget(Device device)
    {
        foreach (var resource in device.Resources.ToArray())
            kernel.Printf.Print($"{device.NameUnit}: still has {resource}\n");
        SetDriver(device, 0);
        if (!device.HasFixedClass)
            SetClass(device, null);
        device.State = DeviceState.NotPresent;
    }

    private void FreeSoftc(Device device)
    {
        if (device.Softc != 0 && !device.IsSoftcForeign)
            kernel.Malloc.FreeOwn(device.Softc);
        if (!device.IsSoftcForeign)
            device.Softc = 0;
    }

    private Device AddFixed(Device? parent, string name, nint driver)
    {
        var device = Add(parent, name, 0, 0);
        SetDriver(device, driver);
        device.State = DeviceState.Attached;
        return device;
    }

    private Devclass? ClassAt(nint devclass) => devclass == 0 ? null
        : _classesByAddress.GetValueOrDefault(devclass) ?? throw new KernelFaultException($"0x{devclass:x} is no class of devices");
}

public sealed partial class BsdKernel
{
    internal Devices Devices => field ??= new Devices(this);
}
