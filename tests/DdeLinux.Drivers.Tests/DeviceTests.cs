using System.Buffers.Binary;
using DdeKit.Foreign;
using L4;

namespace DdeLinux.Drivers.Tests;

public sealed class DeviceTests
{
    private static Device Make(DriverDomain domain, string name)
    {
        var device = new Device(domain.Allocate(Device.Size));
        domain.Kernel.DriverCore.device_initialize(device);
        domain.Kernel.DriverCore.SetName(device, name);
        return device;
    }

    [KernelFact]
    public void The_last_reference_calls_the_release_function_of_the_device_or_of_its_class() => DriverDomain.RunWithoutModules(domain =>
    {
        var core = domain.Kernel.DriverCore;
        var released = new List<nint>();
        nint function = domain.Function((device, _, _) =>
        {
            released.Add(device);
            return 0;
        });
        var own = Make(domain, "own");
        own.release = function;
        DriverCore.Get(own);
        core.put_device(own);
        released.ShouldBeEmpty();
        core.put_device(own);
        released.ShouldBe([own.Address]);

        var classy = Make(domain, "classy");
        classy.@class = new DeviceClass(domain.Allocate(DeviceClass.Size)) { dev_release = function };
        core.put_device(classy);
        released.ShouldBe([own.Address, classy.Address]);
        Should.Throw<KernelFaultException>(() => core.put_device(classy)).Message.ShouldContain("released before");
    });

    [KernelFact]
    public void A_registered_device_keeps_its_parent() => DriverDomain.RunWithoutModules(domain =>
    {
        var core = domain.Kernel.DriverCore;
        var parent = Make(domain, "parent");
        var child = Make(domain, "child");
        child.parent = parent;
        core.device_add(child).ShouldBe(0);
        parent.kobj.references.ShouldBe(2);
        child.kobj.state_in_sysfs.ShouldBeTrue();
        core.device_del(child);
        parent.kobj.references.ShouldBe(1);
        Should.Throw<KernelFaultException>(() => core.device_del(child)).Message.ShouldContain("'child'");
    });

    [KernelFact]
    public void A_device_without_a_name_is_not_registered() => DriverDomain.RunWithoutModules(domain =>
    {
        var device = new Device(domain.Allocate(Device.Size));
        domain.Kernel.DriverCore.device_initialize(device);
        domain.Kernel.DriverCore.device_add(device).ShouldBe(-Errno.EINVAL);
        domain.Kernel.DriverCore.device_add(default).ShouldBe(-Errno.EINVAL);
    });

    [KernelFact]
    public void Device_links_are_counted_and_keep_both_ends() => DriverDomain.RunWithoutModules(domain =>
    {
        var core = domain.Kernel.DriverCore;
        var consumer = Make(domain, "consumer");
        var supplier = Make(domain, "supplier");
        var link = core.device_link_add(consumer, supplier, 1);
        core.device_link_add(consumer, supplier, 1).Address.ShouldBe(link.Address);
        (consumer.kobj.references, supplier.kobj.references).ShouldBe((2, 2));
        core.device_link_remove(consumer.Address, supplier);
        supplier.consumers.IsEmpty.ShouldBeFalse();
        core.device_link_remove(consumer.Address, supplier);
        supplier.consumers.IsEmpty.ShouldBeTrue();
        (consumer.kobj.references, supplier.kobj.references).ShouldBe((1, 1));
        // A link that is not there is no error: a driver undoes its set-up without asking how far it came.
        core.device_link_remove(consumer.Address, supplier);
    });

    [KernelFact]
    public void Resources_go_in_reverse_order_and_group_by_group() => DriverDomain.RunWithoutModules(domain =>
    {
        var resources = domain.Kernel.DeviceResources;
        var device = Make(domain, "device");
        var order = new List<nint>();
        nint release = domain.Function((_, data, _) =>
        {
            order.Add(data);
            return 0;
        });
        nint Add()
        {
            nint data = resources.__devres_alloc_node(release, 0, 0, -1, default);
            resources.devres_add(device, data);
            return data;
        }
        nint first = Add();
        resources.devres_open_group(device, 0, 0).ShouldNotBe((nint)0);
        nint second = Add();
        resources.devres_open_group(device, 0, 0);
        nint third = Add();
        // The inner group is forgotten, its resource then is the outer one's.
        resources.devres_remove_group(device, 0);
        resources.devres_release_group(device, 0).ShouldBe(2);
        order.ShouldBe([third, second]);
        Should.Throw<KernelFaultException>(() => resources.devres_release_group(device, 0)).Message.ShouldContain("no resource group");
        resources.ReleaseAll(device);
        order.ShouldBe([third, second, first]);
    });

    [KernelFact]
    public void A_resource_that_was_never_added_is_freed_and_others_are_refused() => DriverDomain.RunWithoutModules(domain =>
    {
        var resources = domain.Kernel.DeviceResources;
        long live = domain.Kernel.Arena.Heap.LiveObjects;
        resources.devres_free(resources.__devres_alloc_node(0, 100, 0, -1, default));
        resources.devres_free(0);
        domain.Kernel.Arena.Heap.LiveObjects.ShouldBe(live);
        Should.Throw<KernelFaultException>(() => resources.devres_free(4096));
        var device = Make(domain, "device");
        nint added = resources.__devres_alloc_node(0, 8, 0, -1, default);
        resources.devres_add(device, added);
        Should.Throw<KernelFaultException>(() => resources.devres_free(added)).Message.ShouldContain("still belongs");
    });

    [KernelFact]
    public void Run_time_power_states_follow_the_kernels_rules() => DriverDomain.RunWithoutModules(domain =>
    {
        var power = domain.Kernel.RuntimePower;
        var device = Make(domain, "device");
        power.__pm_runtime_resume(device, 0).ShouldBe(-Errno.EACCES);
        power.__pm_runtime_set_status(device, DevicePower.Active).ShouldBe(0);
        power.pm_runtime_enable(device);
        power.__pm_runtime_set_status(device, DevicePower.Suspended).ShouldBe(-Errno.EAGAIN);
        power.__pm_runtime_resume(device, 0).ShouldBe(1);
        power.pm_runtime_forbid(device);
        power.pm_runtime_forbid(device);
        device.power.usage_count.ShouldBe(1);
        device.power.runtime_auto.ShouldBeFalse();
    });

    [KernelFact]
    public void Masks_that_do_not_reach_the_arena_are_refused() => DriverDomain.RunWithoutModules(domain =>
    {
        var device = Make(domain, "device");
        nint mask = domain.Allocate(8);
        device.dma_mask = mask;
        var mapping = domain.Kernel.DmaMapping;
        mapping.dma_set_mask(device, uint.MaxValue).ShouldBe(0);
        domain.Kernel.Memory.At<ulong>(mask).ShouldBe(uint.MaxValue);
        mapping.dma_set_mask(device, 0xffffff).ShouldBe(-Errno.EIO);
        mapping.dma_set_coherent_mask(device, 0xffffff).ShouldBe(-Errno.EIO);
    });

    [KernelFact]
    public void Coherent_memory_is_zeroed_aligned_and_at_its_bus_address() => DriverDomain.RunWithoutModules(domain =>
    {
        var device = Make(domain, "device");
        nint bus = domain.Allocate(8);
        nint memory = domain.Kernel.DmaMapping.dmam_alloc_attrs(device, 3 * 4096, bus, 0, 0);
        ulong address = domain.Kernel.Memory.At<ulong>(bus);
        address.ShouldBe(domain.Kernel.Arena.BusAddress(memory));
        (address % (4 * 4096)).ShouldBe(0UL);
        domain.At(address, 3 * 4096).IndexOfAnyExcept((byte)0).ShouldBe(-1);
        long live = domain.Kernel.Arena.Heap.LiveObjects;
        domain.Kernel.DeviceResources.ReleaseAll(device);
        domain.Kernel.Arena.Heap.LiveObjects.ShouldBe(live - 1);
    });

    [KernelFact]
    public void A_driver_sees_its_function_and_no_other() => DriverDomain.RunWithDisk(new MemoryMedium(64), (domain, _) =>
    {
        var bus = domain.Kernel.PciBusCore;
        bus.pci_get_device(0x8086, 0x84cb, default).IsNull.ShouldBeTrue();
        var own = bus.pci_get_device(0x8086, PciDeviceId.Any, default);
        own.Address.ShouldBe(bus.Device.Address);
        int references = own.dev.kobj.references;
        bus.pci_get_device(0x8086, PciDeviceId.Any, own).IsNull.ShouldBeTrue();
        own.dev.kobj.references.ShouldBe(references - 1);
        own.ResourceAt(0).start.ShouldBe(0x1f0UL);
        own.ResourceAt(4).Count.ShouldBe(16UL);
        own.ResourceAt(5).Count.ShouldBe(0UL);
        own.is_busmaster.ShouldBeTrue();
        domain.Kernel.DriverCore.NameOf(own.dev).ShouldBe("0000:00:01.1");
    });

    [KernelFact]
    public void Config_space_is_read_in_its_widths_and_not_past_its_end() => DriverDomain.RunWithDisk(new MemoryMedium(64), (domain, _) =>
    {
        var configuration = domain.Kernel.PciConfiguration;
        var device = domain.Kernel.PciBusCore.Device;
        nint value = domain.Allocate(8);
        configuration.pci_read_config_dword(device, 0, value).ShouldBe(0);
        BinaryPrimitives.ReadUInt32LittleEndian(domain.Kernel.Memory.Span<byte>(value, 4)).ShouldBe(0x70108086u);
        configuration.pci_read_config_word(device, 2, value).ShouldBe(0);
        domain.Kernel.Memory.At<ushort>(value).ShouldBe((ushort)0x7010);
        configuration.pci_read_config_word(device, 3, value).ShouldBe(0x87);
        configuration.pci_read_config_dword(device, 256, value).ShouldBe(0x87);
        configuration.pci_read_config_byte(device, -1, value).ShouldBe(0x87);
        configuration.pci_set_power_state(device, 0).ShouldBe(0);
        configuration.pci_set_power_state(device, 3).ShouldBe(-Errno.EIO);
    });

    [KernelFact]
    public void Ports_that_nobody_mapped_stay_closed() => DriverDomain.RunWithoutModules(domain =>
    {
        Should.Throw<ServiceException>(() => domain.Kernel.IoMap.ioread8(IoMap.Cookie(0x1f7))).Message.ShouldContain("0x1f7");
        Should.Throw<KernelFaultException>(() => domain.Kernel.IoMap.ioread8(0x1f7)).Message.ShouldContain("0x1f7");
        Should.Throw<KernelFaultException>(() => domain.Kernel.IoMap.iowrite8(0, 0));
    });

    [KernelFact]
    public void Containers_give_matching_devices_class_devices_until_they_are_destroyed() => DriverDomain.RunWithoutModules(domain =>
    {
        var classes = domain.Kernel.TransportClasses;
        var calls = new List<string>();
        nint Named(string name) => domain.Function((_, _, classDevice) =>
        {
            calls.Add($"{name} {domain.Kernel.DriverCore.NameOf(new Device(classDevice))}");
            return 0;
        });
        var wanted = Make(domain, "wanted");
        wanted.release = domain.Function((_, _, _) => 0);
        var other = Make(domain, "other");
        var transportClass = new TransportClass(domain.Allocate(TransportClass.Size)) { setup = Named("setup"), configure = Named("configure"), remove = Named("remove") };
        var container = new AttributeContainer(domain.Allocate(AttributeContainer.Size))
        {
            @class = transportClass.@class,
            match = domain.Function((_, device, _) => device == wanted.Address ? 1 : 0),
        };
        classes.transport_class_register(transportClass).ShouldBe(0);
        classes.attribute_container_register(container).ShouldBe(0);
        foreach (var device in new[] { wanted, other })
        {
            classes.transport_setup_device(device);
            classes.transport_add_device(device).ShouldBe(0);
            classes.transport_configure_device(device);
        }
        classes.attribute_container_unregister(container).ShouldBe(-Errno.EBUSY);
        classes.transport_remove_device(wanted);
        classes.transport_destroy_device(wanted);
        calls.ShouldBe(["setup wanted", "configure wanted", "remove wanted"]);
        wanted.kobj.references.ShouldBe(1);
        classes.attribute_container_unregister(container).ShouldBe(0);
        classes.transport_class_unregister(transportClass);
        Should.Throw<KernelFaultException>(() => classes.transport_class_unregister(transportClass));
    });
}
