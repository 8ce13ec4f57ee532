using DdeKit.Foreign;

namespace DdeLinux;

/// <summary>
/// Devices: names, references, parents. There is no sysfs and nobody in user space listens, so registering a device is bookkeeping;
/// what drivers can observe of it (references, release functions, kobject state) is kept as the kernel keeps it.
/// </summary>
internal sealed partial class DriverCore(LinuxKernel kernel)
{
    private readonly Dictionary<nint, Action> _releases = [];
    private readonly Dictionary<(nint Consumer, nint Supplier), DeviceLink> _links = [];
    private KernelString _emptyString;

    [KernelFunction]
    public void device_initialize(Device device)
    {
        var kobj = device.kobj;
        kobj.entry.Initialize();
        kobj.references = 1;
        kobj.state_initialized = true;
        device.dma_pools.Initialize();
        device.mutex.wait_list.Initialize();
        device.devres_head.Initialize();
        device.suppliers.Initialize();
        device.consumers.Initialize();
        device.defer_sync.Initialize();
        device.numa_node = -1;
        var power = device.power;
        power.entry.Initialize();
        power.runtime_status = DevicePower.Suspended;
        power.disable_depth = 1;
        power.runtime_auto = true;
    }

    /// <summary>Registers a device, which takes a reference of its parent.</summary>
    [KernelFunction]
    public int device_add(Device device)
    {
        if (device.IsNull)
            return -Errno.EINVAL;
        var kobj = device.kobj;
        if (kobj.name == 0)
        {
            if (device.init_name.IsNull)
                return -Errno.EINVAL;
            SetName(device, device.init_name.ToString());
        }
        var parent = device.parent;
        if (!parent.IsNull)
        {
            Get(parent);
            kobj.parent = parent.kobj.Address;
        }
        kobj.state_in_sysfs = true;
        return 0;
    }

    /// <summary>Undoes <see cref="device_add"/>; the device itself lives on as long as it is referred to.</summary>
    [KernelFunction]
    public void device_del(Device device)
    {
        var kobj = device.kobj;
        if (!kobj.state_in_sysfs)
            throw new KernelFaultException($"device_del of '{NameOf(device)}' (0x{device.Address:x}), which is not registered");
        kobj.state_in_sysfs = false;
        kobj.parent = 0;
        put_device(device.parent);
    }

    [KernelFunction]
    public void put_device(Device device)
    {
        if (device.IsNull)
            return;
        var kobj = device.kobj;
        int left = kobj.references - 1;
        if (left < 0)
            throw new KernelFaultException($"reference of device 0x{device.Address:x} given back that nobody had: it was released before");
        kobj.references = left;
        if (left == 0)
            Release(device);
    }

    [KernelFunction(Variadic = true)]
    public int dev_set_name(Device device, KernelString format, VariadicArguments arguments)
    {
        SetName(device, KernelFormat.ToText(kernel, format.Bytes, arguments));
        return 0;
    }

    /// <summary>Who is in charge of a device, for messages: its driver, or else its bus or class.</summary>
    [KernelFunction]
    public KernelString dev_driver_string(Device device)
    {
        if (!device.driver.IsNull)
            return device.driver.name;
        if (!device.bus.IsNull)
            return device.bus.name;
        if (!device.@class.IsNull)
            return device.@class.name;
        if (_emptyString.IsNull)
            _emptyString = kernel.Memory.CheckString(kernel.CopyString(""));
        return _emptyString;
    }

    /// <summary>Makes one device need another. Power management and unbinding order follow such links; neither happens behind a driver's
    /// back here, so the link is kept and nothing more.</summary>
    [KernelFunction]
    public DeviceLink device_link_add(Device consumer, Device supplier, uint flags)
    {
        if (consumer.IsNull || supplier.IsNull)
            return default;
        if (_links.TryGetValue((consumer.Address, supplier.Address), out var link))
        {
            link.references++;
            return link;
        }
        nint memory = kernel.Slab.Allocate((nuint)DeviceLink.Size, Slab.Zero);
        if (memory == 0)
            return default;
        link = new DeviceLink(memory) { consumer = consumer, supplier = supplier, flags = flags, references = 1 };
        supplier.consumers.AddTail(link.s_node);
        consumer.suppliers.AddTail(link.c_node);
        Get(consumer);
        Get(supplier);
        _links.Add((consumer.Address, supplier.Address), link);
        return link;
    }

    [KernelFunction]
    public void device_link_remove(nint consumer, Device supplier)
    {
        // A driver removes its link without remembering whether it ever got it; the kernel finds none and does nothing.
        if (!_links.TryGetValue((consumer, supplier.Address), out var link))
            return;
        if (--link.references > 0)
            return;
        _links.Remove((consumer, supplier.Address));
        link.s_node.Remove();
        link.c_node.Remove();
        var user = link.consumer;
        kernel.Slab.kfree(link.Address);
        put_device(user);
        put_device(supplier);
    }

    [KernelFunction]
    public void set_primary_fwnode(Device device, nint fwnode) => device.fwnode = fwnode;

    /// <summary>Tells user space of a change. A kernel without listeners succeeds too; the log has it.</summary>
    [KernelFunction]
    public int kobject_uevent_env(KObject kobj, int action, nint environment)
    {
        kernel.Log.Write(LogLevel.Debug, $"uevent {action} of '{kernel.Memory.CheckString(kobj.name)}': nobody listens");
        return 0;
    }

    /// <summary>The device's name, for messages.</summary>
    internal string NameOf(Device device) =>
        !device.init_name.IsNull ? device.init_name.ToString() : kernel.Memory.CheckString(device.kobj.name).ToString();

    /// <summary>Names a device; a name that it had is freed.</summary>
    internal void SetName(Device device, string name)
    {
        var kobj = device.kobj;
        kernel.Slab.kfree(kobj.name);
        kobj.name = kernel.CopyString(name);
    }

    /// <summary>Takes a reference.</summary>
    internal static void Get(Device device)
    {
        var kobj = device.kobj;
        kobj.references++;
    }

    /// <summary>Lets C# code release a device that the shim made, in the place of a release function.</summary>
    internal void OwnRelease(Device device, Action release) => _releases[device.Address] = release;

    private void Release(Device device)
    {
        kernel.DeviceResources.ReleaseAll(device);
        nint name = device.kobj.name;
        if (_releases.Remove(device.Address, out var release))
            release();
        else if (device.release != 0)
            kernel.Call(device.release, device.Address);
        else if (!device.type.IsNull && device.type.release != 0)
            kernel.Call(device.type.release, device.Address);
        else if (!device.@class.IsNull && device.@class.dev_release != 0)
            kernel.Call(device.@class.dev_release, device.Address);
        else
            kernel.Log.Write(LogLevel.Warning, $"device '{NameOf(device)}' does not have a release() function, it is broken and must be fixed");
        kernel.Slab.kfree(name);
    }
}

public sealed partial class LinuxKernel
{
    internal DriverCore DriverCore => field ??= new DriverCore(this);

    /// <summary>Zeroed heap memory for the shim itself, which has no way to fail for want of it.</summary>
    internal nint AllocateOrPanic(int bytes, string purpose)
    {
        nint address = Slab.Allocate((nuint)bytes, Slab.Zero);
        return address != 0 ? address : throw new KernelFaultException($"no memory for {purpose}: {bytes} bytes");
    }

    /// <summary>A C string on the heap, for <c>kfree</c>.</summary>
    internal nint CopyString(string text)
    {
        int length = System.Text.Encoding.UTF8.GetByteCount(text);
        nint address = AllocateOrPanic(length + 1, "a string");
        System.Text.Encoding.UTF8.GetBytes(text, Memory.Span<byte>(address, length));
        return address;
    }
}
