using DdeKit.Foreign;

namespace DdeBsd;

/// <summary>
/// What drivers ask of their bus, passed on to the bus's methods, and what most buses do: pass it on to theirs. bus_alloc_resource(9),
/// bus_generic_attach(9) and their kin.
/// </summary>
internal sealed class Buses(BsdKernel kernel)
{
    private Kobj Kobj => kernel.Kobj;

    [KernelFunction]
    public nint bus_alloc_resource(nint device, int type, nint rid, ulong start, ulong end, ulong count, uint flags) =>
        ParentOf(device) is not 0 and var bus ? Alloc(bus, device, type, rid, start, end, count, flags) : 0;

    [KernelFunction]
    public int bus_activate_resource(nint device, int type, int rid, nint resource) =>
        Int(Kobj.Call(ParentOf(device), "bus_activate_resource", device, type, rid, resource));

    [KernelFunction]
    public int bus_deactivate_resource(nint device, int type, int rid, nint resource) =>
        Int(Kobj.Call(ParentOf(device), "bus_deactivate_resource", device, type, rid, resource));

    [KernelFunction]
    public int bus_release_resource(nint device, int type, int rid, nint resource) =>
        Int(Kobj.Call(ParentOf(device), "bus_release_resource", device, type, rid, resource));

    [KernelFunction]
    public int bus_setup_intr(nint device, nint resource, int flags, nint filter, nint handler, nint argument, nint cookie) =>
        Int(Kobj.CallLong(ParentOf(device), "bus_setup_intr", [ParentOf(device), device, resource, flags, filter, handler, argument, cookie]));

    [KernelFunction]
    public int bus_teardown_intr(nint device, nint resource, nint cookie) =>
        Int(Kobj.Call(ParentOf(device), "bus_teardown_intr", device, resource, cookie));

    [KernelFunction]
    public int bus_set_resource(nint device, int type, int rid, ulong start, ulong count) => Int(Kobj.CallLong(
        ParentOf(device), "bus_set_resource", [ParentOf(device), device, type, rid, unchecked((nint)start), unchecked((nint)count)]));

    [KernelFunction]
    public int bus_get_resource(nint device, int type, int rid, nint start, nint count) =>
        Int(Kobj.Call(ParentOf(device), "bus_get_resource", device, type, rid, start, count));

    [KernelFunction]
    public void bus_delete_resource(nint device, int type, int rid) => Kobj.Call(ParentOf(device), "bus_delete_resource", device, type, rid);

    [KernelFunction]
    public int bus_child_present(nint child) => ParentOf(child) == 0 ? 1 : Int(Kobj.Call(ParentOf(child), "bus_child_present", child));

    [KernelFunction]
    public int bus_child_pnpinfo_str(nint child, nint buffer, nuint length) =>
        Int(Kobj.Call(ParentOf(child), "bus_child_pnpinfo_str", child, buffer, unchecked((nint)length)));

    [KernelFunction]
    public int bus_child_location_str(nint child, nint buffer, nuint length) =>
        Int(Kobj.Call(ParentOf(child), "bus_child_location_str", child, buffer, unchecked((nint)length)));

    [KernelFunction]
    public nint bus_get_dma_tag(nint device) => ParentOf(device) == 0 ? 0 : Kobj.Call(ParentOf(device), "bus_get_dma_tag", device);

    [KernelFunction]
    public int bus_generic_probe(nint bus)
    {
        foreach (nint driver in kernel.Devices.Find(bus).Class!.Drivers.ToArray())
            Identify(bus, driver);
        return 0;
    }

    [KernelFunction]
    public int bus_generic_attach(nint bus)
    {
        foreach (var child in kernel.Devices.Find(bus).Children.ToArray())
            kernel.Devices.ProbeAndAttach(child);
        return 0;
    }

    [KernelFunction]
    public int bus_generic_detach(nint bus)
    {
        foreach (var child in kernel.Devices.Find(bus).Children.ToArray())
        {
            int error = kernel.Devices.Detach(child);
            if (error != 0)
                return error;
        }
        return 0;
    }

    [KernelFunction]
    public int bus_generic_shutdown(nint bus) => TellChildren(bus, "device_shutdown");

    /// <summary>Suspends the children; when one refuses, those before it resume.</summary>
    [KernelFunction]
    public int bus_generic_suspend(nint bus)
    {
        var children = kernel.Devices.Find(bus).Children;
        for (int index = 0; index < children.Count; index++)
        {
            int error = Int(Kobj.Call(children[index].Address, "device_suspend"));
            if (error == 0)
                continue;
            while (--index >= 0)
                Kobj.Call(children[index].Address, "device_resume");
            return error;
        }
        return 0;
    }

    [KernelFunction]
    public int bus_generic_resume(nint bus) => TellChildren(bus, "device_resume");

    [KernelFunction]
    public void bus_generic_driver_added(nint bus, nint driver)
    {
        Identify(bus, driver);
        foreach (var child in kernel.Devices.Find(bus).Children.Where(child => child.State == DeviceState.NotPresent).ToArray())
            kernel.Devices.ProbeAndAttach(child);
    }

    [KernelFunction]
    public nint bus_generic_add_child(nint bus, int order, KernelString name, int unit) => kernel.Devices.device_add_child_ordered(bus, order, name, unit);

    [KernelFunction]
    public int bus_generic_print_child(nint bus, nint child) => bus_print_child_header(bus, child) + bus_print_child_footer(bus, child);

    [KernelFunction]
    public int bus_print_child_header(nint bus, nint child) => Print($"{kernel.Devices.Find(child).NameUnit}:");

    [KernelFunction]
    public int bus_print_child_footer(nint bus, nint child) => Print($" on {kernel.Devices.Find(bus).NameUnit}\n");

    [KernelFunction]
    [KernelFunction("bus_generic_write_ivar")]
    public int bus_generic_read_ivar(nint bus, nint child, int which, nint result) => Errno.ENOENT;

    [KernelFunction]
    public int bus_generic_child_present(nint bus, nint child) =>
        ParentOf(bus) == 0 ? 1 : Int(Kobj.Call(ParentOf(bus), "bus_child_present", bus));

    [KernelFunction]
    public nint bus_generic_alloc_resource(nint bus, nint child, int type, nint rid, ulong start, ulong end, ulong count, uint flags) =>
        ParentOf(bus) is not 0 and var above ? Alloc(above, child, type, rid, start, end, count, flags) : 0;

    [KernelFunction]
    public int bus_generic_activate_resource(nint bus, nint child, int type, int rid, nint resource) =>
        Above(bus, "bus_activate_resource", child, type, rid, resource);

    [KernelFunction]
    public int bus_generic_deactivate_resource(nint bus, nint child, int type, int rid, nint resource) =>
        Above(bus, "bus_deactivate_resource", child, type, rid, resource);

    [KernelFunction]
    public int bus_generic_release_resource(nint bus, nint child, int type, int rid, nint resource) =>
        Above(bus, "bus_release_resource", child, type, rid, resource);

    [KernelFunction]
    public int bus_generic_setup_intr(nint bus, nint child, nint resource, int flags, nint filter, nint handler, nint argument, nint cookie) =>
        ParentOf(bus) is not 0 and var above
            ? Int(Kobj.CallLong(above, "bus_setup_intr", [above, child, resource, flags, filter, handler, argument, cookie]))
            : Errno.EINVAL;

    [KernelFunction]
    public int bus_generic_teardown_intr(nint bus, nint child, nint resource, nint cookie) =>
        Above(bus, "bus_teardown_intr", child, resource, cookie);

    [KernelFunction]
    public int bus_generic_config_intr(nint bus, int line, int trigger, int polarity) =>
        Above(bus, "bus_config_intr", line, trigger, polarity);

    [KernelFunction]
    public nint bus_generic_get_dma_tag(nint bus, nint child) =>
        ParentOf(bus) is not 0 and var above ? Kobj.Call(above, "bus_get_dma_tag", bus) : 0;

    private static int Int(nint value) => unchecked((int)value);

    private nint ParentOf(nint device) => kernel.Devices.Find(device).Parent?.Address ?? 0;

    private int Above(nint bus, string method, nint a1, nint a2 = 0, nint a3 = 0, nint a4 = 0) =>
        ParentOf(bus) is not 0 and var above ? Int(Kobj.Call(above, method, a1, a2, a3, a4)) : Errno.EINVAL;

    private nint Alloc(nint bus, nint child, int type, nint rid, ulong start, ulong end, ulong count, uint flags) => Kobj.CallLong(
        bus, "bus_alloc_resource", [bus, child, type, rid, unchecked((nint)start), unchecked((nint)end), unchecked((nint)count), unchecked((nint)flags)]);

    private void Identify(nint bus, nint driver) =>
        kernel.Call(Kobj.FunctionOfClass(driver, Kobj.Descriptor("device_identify")), driver, bus);

    private int TellChildren(nint bus, string method)
    {
        foreach (var child in kernel.Devices.Find(bus).Children.Where(child => child.State >= DeviceState.Attached).ToArray())
            Kobj.Call(child.Address, method);
        return 0;
    }

    private int Print(string text)
    {
        kernel.Printf.Print(text);
        return text.Length;
    }
}

public sealed partial class BsdKernel
{
    internal Buses Buses => field ??= new Buses(this);
}
