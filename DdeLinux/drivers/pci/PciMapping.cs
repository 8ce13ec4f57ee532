using L4;
using L4Io;

namespace DdeLinux;

/// <summary>Mapping base address registers: device memory to addresses, ports to cookies (see <see cref="IoMap"/>).</summary>
internal sealed partial class PciMapping(LinuxKernel kernel)
{
    /// <summary>Base address registers of a function (PCI_STD_NUM_BARS).</summary>
    internal const int Bars = 6;

    private readonly List<Extent> _ports = [];
    private nint _table;

    /// <summary>The table of cookies, one for each base address register; made when first asked for.</summary>
    [KernelFunction]
    public nint pcim_iomap_table(PciDev device)
    {
        if (_table == 0)
        {
            _table = kernel.AllocateOrPanic(Bars * sizeof(long), "the table of mapped registers");
            kernel.DeviceResources.Add(device.dev, () =>
            {
                kernel.Slab.kfree(_table);
                _table = 0;
            });
        }
        return _table;
    }

    /// <summary>Claims and maps those base address registers whose bits are set in <paramref name="mask"/>; all or none.</summary>
    [KernelFunction]
    public int pcim_iomap_regions(PciDev device, int mask, KernelString name)
    {
        nint table = pcim_iomap_table(device);
        var claimed = new List<DeviceResources.Entry>();
        for (int bar = 0; bar < Bars; bar++)
        {
            if ((mask & 1 << bar) == 0)
                continue;
            int error = Claim(device, bar, claimed);
            if (error != 0)
            {
                foreach (var entry in claimed)
                    kernel.DeviceResources.Release(device.dev, entry);
                return error;
            }
        }
        return 0;

        int Claim(PciDev device, int bar, List<DeviceResources.Entry> claimed)
        {
            int error = kernel.PciRegions.Request(device, bar);
            if (error != 0)
                return error;
            claimed.Add(kernel.DeviceResources.Add(device.dev, () => kernel.PciRegions.Release(device, bar)));
            nint cookie = pci_iomap(device, bar, 0);
            if (cookie == 0)
                return -Errno.ENOMEM;
            claimed.Add(kernel.DeviceResources.Add(device.dev, () => pci_iounmap(device, cookie)));
            kernel.Memory.Span<nint>(table, Bars)[bar] = cookie;
            return 0;
        }
    }

    /// <summary>Maps a base address register; 0 when there is none. What nobody has claimed is claimed until it is unmapped.</summary>
    /// <param name="device">The function.</param>
    /// <param name="bar">Number of the register.</param>
    /// <param name="limit">Bytes to be mapped at most; 0 for all.</param>
    [KernelFunction]
    public nint pci_iomap(PciDev device, int bar, ulong limit)
    {
        if (bar is < 0 or >= Bars || device.ResourceAt(bar) is not { Count: > 0 } resource)
            return 0;
        ulong count = limit == 0 ? resource.Count : Math.Min(limit, resource.Count);
        if (resource.Kind == ResourceKind.Memory)
            return kernel.IoRemap.ioremap(resource.start, count);
        if (!kernel.IoRegions.TryMap(resource.Kind, resource.start, count))
            return 0;
        _ports.Add(new Extent(resource.start, count));
        return IoMap.Cookie(resource.start);
    }

    [KernelFunction]
    public void pci_iounmap(PciDev device, nint cookie)
    {
        if (!IoMap.IsPort(cookie))
        {
            kernel.IoRemap.iounmap(cookie);
            return;
        }
        int index = _ports.FindIndex(range => IoMap.Cookie(range.First) == cookie);
        if (index < 0)
            throw new KernelFaultException($"pci_iounmap of 0x{cookie:x}, where nothing is mapped");
        var range = _ports[index];
        _ports.RemoveAt(index);
        kernel.IoRegions.Unmap(ResourceKind.Ports, range.First, range.Count);
    }

    /// <summary>Maps all of a base address register of memory; 0 when it is none.</summary>
    [KernelFunction]
    public nint pci_ioremap_bar(PciDev device, int bar)
    {
        if (bar is < 0 or >= Bars || device.ResourceAt(bar) is not { Count: > 0, Kind: ResourceKind.Memory } resource)
        {
            kernel.Log.Write(LogLevel.Warning, $"{kernel.DriverCore.NameOf(device.dev)}: BAR {bar} is no device memory");
            return 0;
        }
        return kernel.IoRemap.ioremap(resource.start, resource.Count);
    }
}

public sealed partial class LinuxKernel
{
    internal PciMapping PciMapping => field ??= new PciMapping(this);
}
