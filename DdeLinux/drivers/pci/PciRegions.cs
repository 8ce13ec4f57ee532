namespace DdeLinux;

/// <summary>Requesting base address registers: they are then the driver's alone.</summary>
internal sealed partial class PciRegions(LinuxKernel kernel)
{
    private const int AllBars = (1 << PciMapping.Bars) - 1;

    /// <summary>The registers of the given kinds, one bit each.</summary>
    [KernelFunction]
    public int pci_select_bars(PciDev device, ulong flags)
    {
        int mask = 0;
        for (int bar = 0; bar < PciMapping.Bars; bar++)
        {
            if ((device.ResourceAt(bar).flags & flags) != 0)
                mask |= 1 << bar;
        }
        return mask;
    }

    [KernelFunction]
    public int pci_request_regions(PciDev device, KernelString name) => pci_request_selected_regions(device, AllBars, name);

    [KernelFunction]
    public void pci_release_regions(PciDev device) => pci_release_selected_regions(device, AllBars);

    /// <summary>Requests those registers whose bits are set; all or none. Registers that are not there are passed over.</summary>
    [KernelFunction]
    public int pci_request_selected_regions(PciDev device, int mask, KernelString name)
    {
        int done = 0;
        for (int bar = 0; bar < PciMapping.Bars; bar++)
        {
            if ((mask & 1 << bar) == 0 || device.ResourceAt(bar).Count == 0)
                continue;
            int error = Request(device, bar);
            if (error != 0)
            {
                pci_release_selected_regions(device, done);
                return error;
            }
            done |= 1 << bar;
        }
        return 0;
    }

    [KernelFunction]
    public void pci_release_selected_regions(PciDev device, int mask)
    {
        for (int bar = 0; bar < PciMapping.Bars; bar++)
        {
            if ((mask & 1 << bar) != 0 && device.ResourceAt(bar).Count > 0)
                Release(device, bar);
        }
    }

    /// <summary>Requests one register; the result is 0 or a negative error.</summary>
    internal int Request(PciDev device, int bar)
    {
        var resource = device.ResourceAt(bar);
        if (resource.Count == 0)
            return -Errno.EINVAL;
        if (kernel.IoRegions.TryRequest(resource.Kind, resource.start, resource.Count))
            return 0;
        kernel.Log.Write(LogLevel.Warning, $"{kernel.DriverCore.NameOf(device.dev)}: BAR {bar} cannot be claimed");
        return -Errno.EBUSY;
    }

    /// <summary>Gives one register back.</summary>
    internal void Release(PciDev device, int bar)
    {
        var resource = device.ResourceAt(bar);
        kernel.IoRegions.ReleaseRequest(resource.Kind, resource.start, resource.Count);
    }
}

public sealed partial class LinuxKernel
{
    internal PciRegions PciRegions => field ??= new PciRegions(this);
}
