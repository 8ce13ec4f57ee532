namespace DdeLinux;

/// <summary>struct pci_dev (linux/pci.h): a PCI function.</summary>
[KernelStruct("pci_dev")]
internal readonly partial struct PciDev
{
    [Embedded("bus_list")]
    public partial ListHead bus_list { get; }

    [Field]
    public partial PciBus bus { get; set; }

    /// <summary>Device number times 8 plus function number.</summary>
    [Field]
    public partial uint devfn { get; set; }

    [Field]
    public partial ushort vendor { get; set; }

    [Field]
    public partial ushort device { get; set; }

    [Field]
    public partial ushort subsystem_vendor { get; set; }

    [Field]
    public partial ushort subsystem_device { get; set; }

    /// <summary>Base class, subclass and programming interface, 24 bits.</summary>
    [Field]
    public partial uint @class { get; set; }

    [Field]
    public partial byte revision { get; set; }

    /// <summary>Interrupt pin, 1 to 4; 0 when it has none.</summary>
    [Field]
    public partial byte pin { get; set; }

    [Field]
    public partial PciDriver driver { get; set; }

    [Field]
    public partial ulong dma_mask { get; set; }

    /// <summary>Address of the field above, for the generic device.</summary>
    [FieldAddress("dma_mask")]
    public partial nint dma_mask_address { get; }

    [FieldAddress]
    public partial nint dma_parms { get; }

    /// <summary>Power state, D0 = 0 to D3cold = 4.</summary>
    [Field]
    public partial int current_state { get; set; }

    /// <summary>1 = channel works.</summary>
    [Field]
    public partial uint error_state { get; set; }

    [Embedded("dev")]
    public partial Device dev { get; }

    [Field]
    public partial int cfg_size { get; set; }

    [Field]
    public partial uint irq { get; set; }

    /// <summary>The first of the function's resources.</summary>
    [FieldAddress]
    public partial nint resource { get; }

    [BitField]
    public partial bool multifunction { get; set; }

    [BitField]
    public partial bool is_busmaster { get; set; }

    /// <summary>Enabled by pcim_enable_device: disabled again when its devres go.</summary>
    [BitField]
    public partial bool is_managed { get; set; }

    [BitField]
    public partial bool state_saved { get; set; }

    [Field("enable_cnt.counter")]
    public partial int enable_cnt { get; set; }

    /// <summary>Sixteen 32-bit words.</summary>
    [FieldAddress]
    public partial nint saved_config_space { get; }

    /// <summary>The resource behind a base address register.</summary>
    public Resource ResourceAt(int bar) => new(resource + bar * Resource.Size);
}

/// <summary>struct pci_bus (linux/pci.h).</summary>
[KernelStruct("pci_bus")]
internal readonly partial struct PciBus
{
    [Embedded("node")]
    public partial ListHead node { get; }

    [Embedded("children")]
    public partial ListHead children { get; }

    [Embedded("devices")]
    public partial ListHead devices { get; }

    [Embedded("slots")]
    public partial ListHead slots { get; }

    [Embedded("resources")]
    public partial ListHead resources { get; }

    [Field]
    public partial byte number { get; set; }
}

/// <summary>struct pci_driver (linux/pci.h).</summary>
[KernelStruct("pci_driver")]
internal readonly partial struct PciDriver
{
    [Field]
    public partial KernelString name { get; set; }

    /// <summary>The first of a table of struct pci_device_id that ends with an empty one.</summary>
    [Field]
    public partial nint id_table { get; set; }

    /// <summary>int (*)(struct pci_dev *, const struct pci_device_id *).</summary>
    [Field]
    public partial nint probe { get; set; }

    /// <summary>void (*)(struct pci_dev *).</summary>
    [Field]
    public partial nint remove { get; set; }

    [Embedded("driver")]
    public partial DeviceDriver driver { get; }
}

/// <summary>struct pci_device_id (linux/mod_devicetable.h).</summary>
[KernelStruct("pci_device_id")]
internal readonly partial struct PciDeviceId
{
    /// <summary>PCI_ANY_ID.</summary>
    public const uint Any = uint.MaxValue;

    [Field]
    public partial uint vendor { get; set; }

    [Field]
    public partial uint device { get; set; }

    [Field]
    public partial uint subvendor { get; set; }

    [Field]
    public partial uint subdevice { get; set; }

    [Field]
    public partial uint @class { get; set; }

    [Field]
    public partial uint class_mask { get; set; }

    [Field]
    public partial uint override_only { get; set; }
}

/// <summary>struct resource (linux/ioport.h): ports or memory.</summary>
[KernelStruct("resource")]
internal readonly partial struct Resource
{
    /// <summary>IORESOURCE_IO.</summary>
    public const ulong Ports = 0x100;

    /// <summary>IORESOURCE_MEM.</summary>
    public const ulong Memory = 0x200;

    [Field]
    public partial ulong start { get; set; }

    /// <summary>The last number, not the one past it.</summary>
    [Field]
    public partial ulong end { get; set; }

    [Field]
    public partial nint name { get; set; }

    [Field]
    public partial ulong flags { get; set; }

    /// <summary>How many; 0 for a resource that is not there.</summary>
    public ulong Count => flags == 0 ? 0 : end - start + 1;

    /// <summary>Ports or memory.</summary>
    public L4Io.ResourceKind Kind => (flags & Ports) != 0 ? L4Io.ResourceKind.Ports : L4Io.ResourceKind.Memory;
}
