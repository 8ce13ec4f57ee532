namespace DdeLinux;

/// <summary>
/// Attribute containers and the transport classes built on them: a container that matches a device gives it a class device, which
/// carries attributes in sysfs. There is no sysfs; the class devices exist for the functions that a transport class may have.
/// </summary>
internal sealed partial class TransportClasses(LinuxKernel kernel)
{
    private readonly List<AttributeContainer> _containers = [];
    private readonly Dictionary<(nint Container, nint Device), Device> _classDevices = [];
    private readonly List<nint> _classes = [];

    [KernelFunction]
    public int attribute_container_register(AttributeContainer container)
    {
        _containers.Add(container);
        return 0;
    }

    /// <summary>Fails while a device still has a class device of the container.</summary>
    [KernelFunction]
    public int attribute_container_unregister(AttributeContainer container)
    {
        if (_classDevices.Keys.Any(key => key.Container == container.Address))
            return -Errno.EBUSY;
        _containers.RemoveAll(other => other.Address == container.Address);
        return 0;
    }

    [KernelFunction]
    public int transport_class_register(TransportClass transportClass)
    {
        _classes.Add(transportClass.Address);
        return 0;
    }

    [KernelFunction]
    public void transport_class_unregister(TransportClass transportClass)
    {
        if (!_classes.Remove(transportClass.Address))
            throw new KernelFaultException($"transport class 0x{transportClass.Address:x} is not registered");
    }

    [KernelFunction]
    public void transport_setup_device(Device device)
    {
        foreach (var container in _containers.ToArray())
        {
            if (unchecked((int)kernel.Call(container.match, container.Address, device.Address)) == 0)
                continue;
            var classDevice = Make(container, device);
            _classDevices.Add((container.Address, device.Address), classDevice);
            Invoke(ClassOf(container).setup, container, device, classDevice);
        }
    }

    [KernelFunction]
    public int transport_add_device(Device device)
    {
        foreach (var (_, classDevice) in ClassDevicesOf(device))
        {
            int error = kernel.DriverCore.device_add(classDevice);
            if (error != 0)
                return error;
        }
        return 0;
    }

    [KernelFunction]
    public void transport_configure_device(Device device)
    {
        foreach (var (container, classDevice) in ClassDevicesOf(device))
            Invoke(ClassOf(container).configure, container, device, classDevice);
    }

    [KernelFunction]
    public void transport_remove_device(Device device)
    {
        foreach (var (container, classDevice) in ClassDevicesOf(device))
        {
            Invoke(ClassOf(container).remove, container, device, classDevice);
            if (classDevice.kobj.state_in_sysfs)
                kernel.DriverCore.device_del(classDevice);
        }
    }

    [KernelFunction]
    public void transport_destroy_device(Device device)
    {
        foreach (var (container, classDevice) in ClassDevicesOf(device))
        {
            _classDevices.Remove((container.Address, device.Address));
            kernel.DriverCore.put_device(classDevice);
        }
    }

    // The container is the first member of the transport container, the class that of the transport class.
    private static TransportClass ClassOf(AttributeContainer container) => new(container.@class.Address);

    private (AttributeContainer Container, Device ClassDevice)[] ClassDevicesOf(Device device) =>
        [.. _classDevices.Where(pair => pair.Key.Device == device.Address).Select(pair => (new AttributeContainer(pair.Key.Container), pair.Value))];

    private Device Make(AttributeContainer container, Device device)
    {
        var core = kernel.DriverCore;
        var classDevice = new Device(kernel.AllocateOrPanic(Device.Size, "a class device"));
        core.device_initialize(classDevice);
        DriverCore.Get(device);
        classDevice.parent = device;
        classDevice.@class = container.@class;
        core.SetName(classDevice, core.NameOf(device));
        core.OwnRelease(classDevice, () =>
        {
            kernel.Slab.kfree(classDevice.Address);
            core.put_device(device);
        });
        return classDevice;
    }

    private void Invoke(nint function, AttributeContainer container, Device device, Device classDevice)
    {
        if (function != 0)
            kernel.Call(function, container.Address, device.Address, classDevice.Address);
    }
}

public sealed partial class LinuxKernel
{
    internal TransportClasses TransportClasses => field ??= new TransportClasses(this);
}
