using DdeKit.Foreign;

namespace DdeBsd;

/// <summary>What drivers call of the device tree.</summary>
internal sealed unsafe partial class Devices
{
    [KernelFunction]
    public nint device_add_child(nint bus, KernelString name, int unit) => device_add_child_ordered(bus, 0, name, unit);

    [KernelFunction]
    public nint device_add_child_ordered(nint bus, int order, KernelString name, int unit) =>
        Add(Find(bus), name.IsNull ? null : name.ToString(), unit, order).Address;

    [KernelFunction]
    public int device_delete_child(nint bus, nint child) => Delete(Find(child));

    [KernelFunction]
    public int device_attach(nint device) => Attach(Find(device));

    [KernelFunction]
    public int device_detach(nint device) => Detach(Find(device));

    [KernelFunction]
    public int device_probe_and_attach(nint device) => ProbeAndAttach(Find(device));

    [KernelFunction]
    public int device_shutdown(nint device) =>
        Find(device).State < DeviceState.Attached ? 0 : unchecked((int)kernel.Kobj.Call(device, "device_shutdown"));

    [KernelFunction]
    public void device_busy(nint device)
    {
        var target = Find(device);
        if (target.State < DeviceState.Attached)
            throw new KernelFaultException($"device {target.NameUnit} is busy before it is attached");
        if (target.BusyCount++ == 0 && target.Parent is { } parent)
            device_busy(parent.Address);
        target.State = DeviceState.Busy;
    }

    [KernelFunction]
    public void device_unbusy(nint device)
    {
        var target = Find(device);
        if (target.BusyCount == 0)
            throw new KernelFaultException($"device {target.NameUnit} is made idle more often than busy");
        if (--target.BusyCount > 0)
            return;
        if (target.Parent is { } parent)
            device_unbusy(parent.Address);
        target.State = DeviceState.Attached;
    }

    [KernelFunction]
    public void device_disable(nint device) => Find(device).IsEnabled = false;

    [KernelFunction]
    public void device_enable(nint device) => Find(device).IsEnabled = true;

    [KernelFunction]
    public int device_is_enabled(nint device) => Find(device).IsEnabled ? 1 : 0;

    [KernelFunction]
    public int device_is_alive(nint device) => Find(device).State >= DeviceState.Alive ? 1 : 0;

    [KernelFunction]
    public int device_is_attached(nint device) => Find(device).State >= DeviceState.Attached ? 1 : 0;

    [KernelFunction]
    public int device_is_quiet(nint device) => Find(device).IsQuiet ? 1 : 0;

    [KernelFunction]
    public void device_quiet(nint device) => Find(device).IsQuiet = true;

    [KernelFunction]
    public void device_verbose(nint device) => Find(device).IsQuiet = false;

    [KernelFunction]
    public int device_get_state(nint device) => (int)Find(device).State;

    [KernelFunction]
    public nint device_find_child(nint bus, KernelString name, int unit) =>
        Find(bus).Children.Find(child => child.Class?.Name == name.ToString() && child.Unit == unit)?.Address ?? 0;

    [KernelFunction]
    public nint device_get_desc(nint device) => Find(device).Description;

    [KernelFunction]
    public void device_set_desc(nint device, nint text) => SetDescription(Find(device), text, isOwned: false);

    [KernelFunction]
    public void device_set_desc_copy(nint device, KernelString text) =>
        SetDescription(Find(device), kernel.Malloc.AllocateText(text.ToString()), isOwned: true);

    [KernelFunction]
    public nint device_get_devclass(nint device) => Find(device).Class?.Address ?? 0;

    [KernelFunction]
    public int device_set_devclass(nint device, KernelString name)
    {
        var target = Find(device);
        if (target.Class is not null && !name.IsNull)
            return Errno.EEXIST;
        return SetClass(target, name.IsNull ? null : GetClass(name.ToString())) ? 0 : Errno.EBUSY;
    }

    [KernelFunction]
    public nint device_get_driver(nint device) => Find(device).Driver;

    [KernelFunction]
    public int device_set_driver(nint device, nint driver)
    {
        var target = Find(device);
        if (target.State >= DeviceState.Attached)
            return Errno.EBUSY;
        SetDriver(target, driver);
        return 0;
    }

    [KernelFunction]
    public nint device_get_parent(nint device) => Find(device).Parent?.Address ?? 0;

    /// <summary>The children in memory that the caller frees with M_TEMP.</summary>
    [KernelFunction]
    public int device_get_children(nint bus, nint children, nint count) => PutList(Find(bus).Children, children, count);

    [KernelFunction]
    public nint device_get_ivars(nint device) => Find(device).Ivars;

    [KernelFunction]
    public void device_set_ivars(nint device, nint ivars) => Find(device).Ivars = ivars;

    [KernelFunction]
    public nint device_get_name(nint device) => Find(device).Class?.NameAddress ?? 0;

    [KernelFunction]
    public nint device_get_nameunit(nint device)
    {
        var target = Find(device);
        if (target.NameUnitAddress == 0 && target.Class is not null)
            target.NameUnitAddress = kernel.Malloc.AllocateText(target.NameUnit);
        return target.NameUnitAddress;
    }

    [KernelFunction]
    public nint device_get_softc(nint device) => Find(device).Softc;

    [KernelFunction]
    public void device_set_softc(nint device, nint softc)
    {
        var target = Find(device);
        FreeSoftc(target);
        target.Softc = softc;
        target.IsSoftcForeign = softc != 0;
    }

    [KernelFunction]
    public int device_get_unit(nint device) => Find(device).Unit;

    [KernelFunction]
    public int device_set_unit(nint device, int unit)
    {
        var target = Find(device);
        return SetClass(target, target.Class, unit) ? 0 : Errno.EBUSY;
    }

    [KernelFunction]
    public uint device_get_flags(nint device) => Find(device).Flags;

    [KernelFunction]
    public void device_set_flags(nint device, uint flags) => Find(device).Flags = flags;

    [KernelFunction]
    public int device_print_prettyname(nint device)
    {
        string text = $"{Find(device).NameUnit}: ";
        kernel.Printf.Print(text);
        return text.Length;
    }

    [KernelFunction]
    public nint devclass_create(KernelString name) => GetClass(name.ToString()).Address;

    [KernelFunction]
    public nint devclass_find(KernelString name) => _classes.GetValueOrDefault(name.ToString())?.Address ?? 0;

    [KernelFunction]
    public nint devclass_get_name(nint devclass) => ClassAt(devclass)?.NameAddress ?? 0;

    [KernelFunction]
    public nint devclass_get_device(nint devclass, int unit) => ClassAt(devclass)?.Devices.GetValueOrDefault(unit)?.Address ?? 0;

    [KernelFunction]
    public nint devclass_get_softc(nint devclass, int unit) => ClassAt(devclass)?.Devices.GetValueOrDefault(unit)?.Softc ?? 0;

    [KernelFunction]
    public int devclass_get_devices(nint devclass, nint devices, nint count) => PutList([.. ClassAt(devclass)!.Devices.Values], devices, count);

    [KernelFunction]
    public int devclass_get_count(nint devclass) => ClassAt(devclass)!.Devices.Count;

    [KernelFunction]
    public int devclass_get_maxunit(nint devclass) => ClassAt(devclass) is { Devices.Count: > 0 } found ? found.Devices.Keys.Last() + 1 : 0;

    [KernelFunction]
    public int devclass_find_free_unit(nint devclass, int unit) => ClassAt(devclass)!.FreeUnit(unit);

    /// <summary>A driver is there for the devices on buses of a class; the buses that are attached look at once.</summary>
    [KernelFunction]
    public int devclass_add_driver(nint devclass, nint driver)
    {
        var target = ClassAt(devclass)!;
        kernel.Kobj.kobj_class_compile(driver);
        kernel.Memory.At<KobjClass>(driver).refs++;
        target.Drivers.Add(driver);
        foreach (var bus in target.Devices.Values.Where(bus => bus.State >= DeviceState.Attached).ToArray())
            kernel.Kobj.Call(bus.Address, "bus_driver_added", driver);
        return 0;
    }

    /// <summary>A driver goes: its devices are detached before.</summary>
    [KernelFunction]
    public int devclass_delete_driver(nint devclass, nint driver)
    {
        var target = ClassAt(devclass)!;
        if (!target.Drivers.Contains(driver))
            return Errno.ENOENT;
        foreach (var device in _devices.Values.Where(device => device.Driver == driver && device.Parent?.Class == target).ToArray())
        {
            int error = Detach(device);
            if (error != 0)
                return error;
            SetDriver(device, 0);
        }
        target.Drivers.Remove(driver);
        kernel.Kobj.Release(driver);
        return 0;
    }

    /// <summary>The handler of every DRIVER_MODULE.</summary>
    [KernelFunction]
    public int driver_module_handler(nint module, int what, nint argument)
    {
        ref var data = ref kernel.Memory.At<DriverModuleData>(argument);
        var bus = GetClass(kernel.Memory.CheckString(data.dmd_busname).ToString());
        int error = 0;
        switch ((ModuleEvent)what)
        {
            case ModuleEvent.Load:
                if (data.dmd_chainevh != 0)
                    error = unchecked((int)kernel.Call(data.dmd_chainevh, module, what, data.dmd_chainarg));
                kernel.Memory.At<nint>(data.dmd_devclass) = GetClass(NameOf(data.dmd_driver)).Address;
                return error != 0 ? error : devclass_add_driver(bus.Address, data.dmd_driver);
            case ModuleEvent.Unload:
                error = devclass_delete_driver(bus.Address, data.dmd_driver);
                break;
        }
        return error == 0 && data.dmd_chainevh != 0 ? unchecked((int)kernel.Call(data.dmd_chainevh, module, what, data.dmd_chainarg)) : error;
    }

    private int PutList(List<Device> devices, nint list, nint count)
    {
        nint memory = 0;
        if (devices.Count > 0)
        {
            memory = kernel.Malloc.malloc((nuint)(devices.Count * sizeof(nint)), kernel.Symbols.Require("M_TEMP"), Malloc.NoWait);
            if (memory == 0)
                return Errno.ENOMEM;
            for (int index = 0; index < devices.Count; index++)
                kernel.Memory.At<nint>(memory + index * sizeof(nint)) = devices[index].Address;
        }
        kernel.Memory.At<nint>(list) = memory;
        kernel.Memory.At<int>(count) = devices.Count;
        return 0;
    }
}
