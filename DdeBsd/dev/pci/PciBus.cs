using DdeKit.Foreign;
using L4;
using L4Io;

namespace DdeBsd;

/// <summary>
/// The PCI bus with the one function that was granted to the domain: its instance variables, configuration space and resources. Requests
/// of devices further down the tree arrive here too. pci(9).
/// </summary>
internal sealed class PciBus(BsdKernel kernel)
{
    // PCI Local Bus 3.0, 6.1 and 6.2: registers of configuration space.
    private const int Command = 0x04;
    private const int CacheLineSize = 0x0c;
    private const int LatencyTimer = 0x0d;
    private const int Bars = 0x10;
    private const int CapabilityPointer = 0x34;
    private const int InterruptPin = 0x3d;
    private const int MinimumGrant = 0x3e;
    private const int MaximumLatency = 0x3f;
    private const int Status = 0x06;
    private const uint StatusCapabilities = 0x10;
    private const uint CommandPorts = 1;
    private const uint CommandMemory = 2;
    private const uint CommandBusMaster = 4;
    private const int PowerManagement = 1;
    private const int PowerStatus = 4;
    private const uint PowerMask = 3;

    /// <summary>What the bus implements.</summary>
    internal static IReadOnlyList<(string Method, string Function)> Methods { get; } =
    [
        ("bus_read_ivar", "pci_read_ivar"), ("bus_write_ivar", "pci_write_ivar"),
        ("bus_alloc_resource", "pci_alloc_resource"), ("bus_release_resource", "pci_release_resource"),
        ("bus_activate_resource", "pci_activate_resource"), ("bus_deactivate_resource", "pci_deactivate_resource"),
        ("bus_get_resource", "pci_get_resource_method"), ("bus_setup_intr", "pci_setup_intr"), ("bus_teardown_intr", "pci_teardown_intr"),
        ("bus_get_dma_tag", "pci_get_dma_tag"),
        ("pci_read_config", "pci_read_config_method"), ("pci_write_config", "pci_write_config_method"),
        ("pci_enable_busmaster", "pci_enable_busmaster_method"), ("pci_disable_busmaster", "pci_disable_busmaster_method"),
        ("pci_enable_io", "pci_enable_io_method"), ("pci_disable_io", "pci_disable_io_method"),
        ("pci_find_extcap", "pci_find_extcap_method"),
        ("pci_get_powerstate", "pci_get_powerstate_method"), ("pci_set_powerstate", "pci_set_powerstate_method"),
        ("pci_alloc_msi", "pci_alloc_msi_method"), ("pci_release_msi", "pci_release_msi_method"), ("pci_msi_count", "pci_msi_count_method"),
    ];

    /// <summary>dev/pci/pcivar.h, enum pci_device_ivars.</summary>
    private enum Variable
    {
        Subvendor, Subdevice, Vendor, Device, DeviceId, Class, Subclass, Interface, Revision, InterruptPin, Interrupt, Domain, Bus, Slot,
        Function, EthernetAddress, Command, CacheLineSize, MinimumGrant, MaximumLatency, LatencyTimer,
    }

    private PciFunctionInfo Info => kernel.Pci.Info;

    [KernelFunction]
    public int pci_read_ivar(nint bus, nint child, int which, nint result)
    {
        uint? value = (Variable)which switch
        {
            Variable.Subvendor => Info.SubsystemVendor,
            Variable.Subdevice => Info.Subsystem,
            Variable.Vendor => Info.Vendor,
            Variable.Device => Info.Device,
            Variable.DeviceId => (uint)Info.Device << 16 | Info.Vendor,
            Variable.Class => Info.ClassCode >> 16,
            Variable.Subclass => Info.ClassCode >> 8 & 0xff,
            Variable.Interface => Info.ClassCode & 0xff,
            Variable.Revision => Info.Revision,
            Variable.InterruptPin => kernel.Pci.ReadConfig(InterruptPin, 1),
            Variable.Interrupt => (uint)(Line?.First ?? 255),
            Variable.Domain => 0,
            Variable.Bus => Info.Address.Bus,
            Variable.Slot => Info.Address.Device,
            Variable.Function => Info.Address.Function,
            Variable.Command => kernel.Pci.ReadConfig(Command, 1),
            Variable.CacheLineSize => kernel.Pci.ReadConfig(CacheLineSize, 1),
            Variable.MinimumGrant => kernel.Pci.ReadConfig(MinimumGrant, 1),
            Variable.MaximumLatency => kernel.Pci.ReadConfig(MaximumLatency, 1),
            Variable.LatencyTimer => kernel.Pci.ReadConfig(LatencyTimer, 1),
            _ => null,
        };
        // No address is stored in configuration space: null, and the driver reads its card.
        kernel.Memory.At<nint>(result) = (nint)(value ?? 0);
        return value is null ? ((Variable)which == Variable.EthernetAddress ? Errno.EINVAL : Errno.ENOENT) : 0;
    }

    [KernelFunction]
    public int pci_write_ivar(nint bus, nint child, int which, nint value) => Errno.EINVAL;

    [KernelFunction]
    public nint pci_alloc_resource(nint bus, nint child, int type, nint rid, ulong start, ulong end, ulong count, uint flags)
    {
        var owner = kernel.Devices.Find(child);
        int number = kernel.Memory.At<int>(rid);
        if (Choose((ResourceType)type, number, start, end, count) is not { } extent)
            return 0;
        bool isShareable = ((ResourceFlags)flags & ResourceFlags.Shareable) != 0 || (ResourceType)type == ResourceType.Interrupt;
        if (!isShareable && owner.Resources.Exists(other => other.Type == (ResourceType)type && other.Extent.Contains(extent.First)))
            return 0;
        var resource = kernel.Resources.Make((ResourceType)type, extent, number, owner);
        resource.Flags |= (ResourceFlags)flags & ~ResourceFlags.Active;
        if (((ResourceFlags)flags & ResourceFlags.Active) != 0 && Activate(resource) != 0)
        {
            kernel.Resources.Free(resource);
            return 0;
        }
        return resource.Address;
    }

    [KernelFunction]
    public int pci_release_resource(nint bus, nint child, int type, int rid, nint resource)
    {
        var target = kernel.Resources.Find(resource);
        Deactivate(target);
        kernel.Resources.Free(target);
        return 0;
    }

    [KernelFunction]
    public int pci_activate_resource(nint bus, nint child, int type, int rid, nint resource) => Activate(kernel.Resources.Find(resource));

    [KernelFunction]
    public int pci_deactivate_resource(nint bus, nint child, int type, int rid, nint resource)
    {
        Deactivate(kernel.Resources.Find(resource));
        return 0;
    }

    [KernelFunction]
    public int pci_get_resource_method(nint bus, nint child, int type, int rid, nint start, nint count)
    {
        if (Choose((ResourceType)type, rid, 0, ulong.MaxValue, 1) is not { } extent)
            return Errno.ENOENT;
        if (start != 0)
            kernel.Memory.At<ulong>(start) = extent.First;
        if (count != 0)
            kernel.Memory.At<ulong>(count) = extent.Count;
        return 0;
    }

    [KernelFunction]
    public int pci_setup_intr(nint bus, nint child, nint resource, int flags, nint filter, nint handler, nint argument, nint cookie)
    {
        var target = kernel.Resources.Find(resource);
        if (target.Type != ResourceType.Interrupt)
            return Errno.EINVAL;
        int error = kernel.Interrupts.Attach(target, flags, filter, handler, argument, out nint name);
        if (error == 0)
            kernel.Memory.At<nint>(cookie) = name;
        return error;
    }

    [KernelFunction]
    public int pci_teardown_intr(nint bus, nint child, nint resource, nint cookie) => kernel.Interrupts.Detach(cookie);

    /// <summary>The bus restricts nobody: every device reaches all of the arena.</summary>
    [KernelFunction]
    public nint pci_get_dma_tag(nint bus, nint child) => 0;

    [KernelFunction]
    public uint pci_read_config_method(nint bus, nint child, int register, int width) => kernel.Pci.ReadConfig(register, width);

    [KernelFunction]
    public void pci_write_config_method(nint bus, nint child, int register, uint value, int width) => kernel.Pci.WriteConfig(register, width, value);

    [KernelFunction]
    public int pci_enable_busmaster_method(nint bus, nint child) => ChangeCommand(CommandBusMaster, true);

    [KernelFunction]
    public int pci_disable_busmaster_method(nint bus, nint child) => ChangeCommand(CommandBusMaster, false);

    [KernelFunction]
    public int pci_enable_io_method(nint bus, nint child, int space) =>
        ChangeCommand((ResourceType)space == ResourceType.Ports ? CommandPorts : CommandMemory, true);

    [KernelFunction]
    public int pci_disable_io_method(nint bus, nint child, int space) =>
        ChangeCommand((ResourceType)space == ResourceType.Ports ? CommandPorts : CommandMemory, false);

    [KernelFunction]
    public int pci_find_extcap_method(nint bus, nint child, int capability, nint register)
    {
        int found = FindCapability(capability);
        if (found == 0)
            return Errno.ENOENT;
        if (register != 0)
            kernel.Memory.At<int>(register) = found;
        return 0;
    }

    /// <summary>D0 for a function without power management.</summary>
    [KernelFunction]
    public int pci_get_powerstate_method(nint bus, nint child) =>
        FindCapability(PowerManagement) is not 0 and var at ? (int)(kernel.Pci.ReadConfig(at + PowerStatus, 2) & PowerMask) : 0;

    [KernelFunction]
    public int pci_set_powerstate_method(nint bus, nint child, int state)
    {
        int at = FindCapability(PowerManagement);
        if (at == 0)
            return state == 0 ? 0 : Errno.EOPNOTSUPP;
        if (state is < 0 or > 3)
            return Errno.EINVAL;
        uint old = kernel.Pci.ReadConfig(at + PowerStatus, 2);
        kernel.Pci.WriteConfig(at + PowerStatus, 2, old & ~PowerMask | (uint)state);
        return 0;
    }

    /// <summary>There are no message-signalled interrupts: drivers fall back to the line.</summary>
    [KernelFunction]
    [KernelFunction("pci_release_msi_method")]
    public int pci_alloc_msi_method(nint bus, nint child, nint count) => Errno.ENODEV;

    [KernelFunction]
    public int pci_msi_count_method(nint bus, nint child) => 0;

    [KernelFunction]
    public nint pci_find_device(ushort vendor, ushort device) =>
        vendor == Info.Vendor && device == Info.Device ? kernel.Devices.GetClass("pci").Devices[0].Children[0].Address : 0;

    [KernelFunction]
    public nint pci_find_bsf(byte bus, byte slot, byte function) =>
        (bus, slot, function) == (Info.Address.Bus, Info.Address.Device, Info.Address.Function) ? kernel.Devices.GetClass("pci").Devices[0].Children[0].Address : 0;

    private PciResource? Line => Find(ResourceKind.Interrupt, _ => true);

    private PciResource? Find(ResourceKind kind, Predicate<PciResource> condition)
    {
        foreach (var resource in Info.Resources)
        {
            if (resource.Kind == kind && condition(resource))
                return resource;
        }
        return null;
    }

    /// <summary>What a request means: all of a base address register, or the numbers that it names, if they are the function's.</summary>
    private Extent? Choose(ResourceType type, int rid, ulong start, ulong end, ulong count)
    {
        bool isAny = start == 0 && end == ulong.MaxValue;
        if (type == ResourceType.Interrupt)
            return Find(ResourceKind.Interrupt, line => isAny || (line.First >= start && line.First <= end))?.Extent;
        var kind = type == ResourceType.Ports ? ResourceKind.Ports : ResourceKind.Memory;
        if (type is not (ResourceType.Ports or ResourceType.Memory))
            return null;
        if (isAny)
            return Find(kind, resource => Bars + 4 * resource.Bar == rid)?.Extent;
        return Find(kind, resource => resource.Extent.Contains(start, count)) is not null ? new Extent(start, count) : null;
    }

    private int Activate(Resource resource)
    {
        if ((resource.Flags & ResourceFlags.Active) != 0)
            return 0;
        try
        {
            if (resource.Type == ResourceType.Ports)
                kernel.Pci.Ports.Request((ushort)resource.Extent.First, (ushort)resource.Extent.Count);
            else if (resource.Type == ResourceType.Memory)
                kernel.Pci.Memory.Request(resource.Extent.First, resource.Extent.Count);
        }
        catch (ServiceException exception)
        {
            kernel.Printf.Print($"{resource} is not to be had: {exception.Message}\n");
            return Errno.EBUSY;
        }
        ref var handle = ref kernel.Memory.At<ResourceHandle>(resource.Address);
        handle.r_bustag = resource.Type == ResourceType.Ports ? BusSpace.Ports : BusSpace.Memory;
        handle.r_bushandle = resource.Extent.First;
        resource.Flags |= ResourceFlags.Active;
        return 0;
    }

    private void Deactivate(Resource resource)
    {
        if ((resource.Flags & ResourceFlags.Active) == 0)
            return;
        if (resource.Type == ResourceType.Ports)
            kernel.Pci.Ports.Release((ushort)resource.Extent.First, (ushort)resource.Extent.Count);
        else if (resource.Type == ResourceType.Memory)
            kernel.Pci.Memory.Release(resource.Extent.First, resource.Extent.Count);
        resource.Flags &= ~ResourceFlags.Active;
    }

    private int ChangeCommand(uint bit, bool isOn)
    {
        uint old = kernel.Pci.ReadConfig(Command, 2);
        kernel.Pci.WriteConfig(Command, 2, isOn ? old | bit : old & ~bit);
        return 0;
    }

    private int FindCapability(int wanted)
    {
        const int MostCapabilities = 48;
        if ((kernel.Pci.ReadConfig(Status, 2) & StatusCapabilities) == 0)
            return 0;
        int at = (int)kernel.Pci.ReadConfig(CapabilityPointer, 1) & ~3;
        for (int seen = 0; at != 0 && seen < MostCapabilities; seen++)
        {
            if (kernel.Pci.ReadConfig(at, 1) == (uint)wanted)
                return at;
            at = (int)kernel.Pci.ReadConfig(at + 1, 1) & ~3;
        }
        return 0;
    }
}

public sealed partial class BsdKernel
{
    internal PciBus PciBus => field ??= new PciBus(this);
}
