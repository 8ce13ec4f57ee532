using System.Globalization;
using L4Io;

namespace DdeLinux;

/// <summary>
/// The PCI bus as the driver sees it: one bus with one function on it, the one that the domain was granted. A driver that registers for
/// it is probed at once, on the thread that registers it.
/// </summary>
internal sealed partial class PciBusCore(LinuxKernel kernel) : IVariableOwner
{
    /// <summary>pci_channel_io_normal (linux/pci.h): anything else reads as a device that is gone.</summary>
    private const uint ChannelWorks = 1;

    /// <summary>Config space offsets (PCI Local Bus 3.0, 6.1).</summary>
    private const int InterruptLine = 0x3c;
    private const int InterruptPin = 0x3d;
    private const int HeaderType = 0x0e;

    private PciDev _device;
    private BusType _type;

    /// <summary>The function, or null before a driver registered.</summary>
    internal PciDev Device => _device;

    /// <summary>What came of the probe: null before one, 0 when a driver has the function, else its error.</summary>
    internal int? ProbeResult { get; private set; }

    /// <inheritdoc />
    public void Define(VariableTable variables)
    {
        _type = new BusType(variables.Define("pci_bus_type", BusType.Size));
        _type.name = kernel.Memory.CheckString(kernel.CopyString("pci"));
    }

    /// <summary>Registers a driver and lets it probe the function if one of its ids matches.</summary>
    [KernelFunction]
    public int __pci_register_driver(PciDriver driver, nint owner, KernelString moduleName)
    {
        kernel.Scheduler.RequireSleeper("__pci_register_driver");
        var generic = driver.driver;
        generic.name = driver.name;
        generic.bus = _type;
        generic.owner = owner;
        generic.mod_name = moduleName;
        var device = Enumerate();
        if (device.driver.IsNull && Match(driver, device) is { IsNull: false } id)
            Probe(driver, device, id);
        return 0;
    }

    [KernelFunction]
    public void pci_unregister_driver(PciDriver driver)
    {
        if (_device.IsNull || _device.driver.Address != driver.Address)
            return;
        if (driver.remove != 0)
            kernel.Call(driver.remove, _device.Address);
        Unbind();
    }

    /// <summary>Finds the next function with these ids after <paramref name="from"/>, whose reference it takes over. Only the
    /// domain's own function can be found.</summary>
    [KernelFunction]
    public PciDev pci_get_device(uint vendor, uint device, PciDev from)
    {
        if (!from.IsNull)
        {
            kernel.DriverCore.put_device(from.dev);
            return default;
        }
        var own = Enumerate();
        if ((vendor != PciDeviceId.Any && vendor != own.vendor) || (device != PciDeviceId.Any && device != own.device))
            return default;
        DriverCore.Get(own.dev);
        return own;
    }

    private static PciDeviceId Match(PciDriver driver, PciDev device)
    {
        if (driver.id_table == 0)
            return default;
        for (nint at = driver.id_table; ; at += PciDeviceId.Size)
        {
            var id = new PciDeviceId(LinuxKernel.Current.Memory.Check(at, PciDeviceId.Size));
            // The table ends with an empty entry.
            if (id.vendor == 0 && id.subvendor == 0 && id.class_mask == 0)
                return default;
            if (Fits(id.vendor, device.vendor) && Fits(id.device, device.device) && Fits(id.subvendor, device.subsystem_vendor)
                && Fits(id.subdevice, device.subsystem_device) && ((id.@class ^ device.@class) & id.class_mask) == 0 && id.override_only == 0)
            {
                return id;
            }
        }
    }

    private static bool Fits(uint wanted, uint actual) => wanted == PciDeviceId.Any || wanted == actual;

    private void Probe(PciDriver driver, PciDev device, PciDeviceId id)
    {
        var generic = device.dev;
        generic.driver = driver.driver;
        device.driver = driver;
        int result = unchecked((int)kernel.Call(driver.probe, device.Address, id.Address));
        // A positive result is an old driver's way to say that all went well (drivers/pci/pci-driver.c, local_pci_probe).
        ProbeResult = Math.Min(result, 0);
        if (result >= 0)
            return;
        kernel.Log.Write(LogLevel.Error, $"{driver.name}: probe of {kernel.DriverCore.NameOf(generic)} failed with error {result}");
        Unbind();
    }

    private void Unbind()
    {
        var generic = _device.dev;
        kernel.DeviceResources.ReleaseAll(generic);
        generic.driver = default;
        generic.driver_data = 0;
        _device.driver = default;
    }

    private PciDev Enumerate()
    {
        if (!_device.IsNull)
            return _device;
        var info = kernel.Pci.Info;
        var device = new PciDev(kernel.AllocateOrPanic(PciDev.Size, "struct pci_dev"))
        {
            bus = MakeBus(info.Address),
            devfn = (uint)(info.Address.Device * 8 + info.Address.Function),
            vendor = info.Vendor,
            device = info.Device,
            subsystem_vendor = info.SubsystemVendor,
            subsystem_device = info.Subsystem,
            @class = info.ClassCode,
            revision = info.Revision,
            error_state = ChannelWorks,
            cfg_size = 256,
            dma_mask = uint.MaxValue,
            pin = (byte)kernel.Pci.ReadConfig(InterruptPin, 1),
            multifunction = (kernel.Pci.ReadConfig(HeaderType, 1) & 0x80) != 0,
        };
        if (device.pin != 0)
            device.irq = kernel.Pci.ReadConfig(InterruptLine, 1);
        var generic = device.dev;
        kernel.DriverCore.device_initialize(generic);
        generic.bus = _type;
        generic.dma_mask = device.dma_mask_address;
        generic.dma_parms = device.dma_parms;
        generic.coherent_dma_mask = uint.MaxValue;
        string name = string.Create(CultureInfo.InvariantCulture, $"0000:{info.Address}");
        kernel.DriverCore.SetName(generic, name);
        foreach (var resource in info.Resources)
            Fill(device, resource, generic.kobj.name);
        device.bus.devices.AddTail(device.bus_list);
        kernel.DriverCore.device_add(generic);
        return _device = device;
    }

    private static void Fill(PciDev device, PciResource resource, nint name)
    {
        if (resource.Kind == ResourceKind.Interrupt)
            return;
        var target = device.ResourceAt(resource.Bar);
        target.start = resource.First;
        target.end = resource.Extent.Last;
        target.flags = resource.Kind == ResourceKind.Ports ? Resource.Ports : Resource.Memory;
        target.name = name;
    }

    private PciBus MakeBus(PciAddress address)
    {
        var bus = new PciBus(kernel.AllocateOrPanic(PciBus.Size, "struct pci_bus")) { number = address.Bus };
        bus.node.Initialize();
        bus.children.Initialize();
        bus.devices.Initialize();
        bus.slots.Initialize();
        bus.resources.Initialize();
        return bus;
    }
}

public sealed partial class LinuxKernel
{
    internal PciBusCore PciBusCore => field ??= new PciBusCore(this);

    /// <summary>What came of probing the function: null before a driver registered for it, 0 when one has it, else its (negative) error.</summary>
    public int? ProbeResult => PciBusCore.ProbeResult;
}
