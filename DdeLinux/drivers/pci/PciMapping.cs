using L4;

namespace DdeLinux;

/// <summary>Claiming the ports of base address registers and giving the driver cookies for them (see <see cref="IoMap"/>).</summary>
internal sealed partial class PciMapping(LinuxKernel kernel)
{
    /// <summary>Base address registers of a function (PCI_STD_NUM_BARS).</summary>
    private const int Bars = 6;

    private readonly List<(ushort First, ushort Count)> _mapped = [];
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
            kernel.Memory.Span<nint>(table, Bars)[bar] = IoMap.Cookie(device.ResourceAt(bar).start);
        }
        return 0;
    }

    /// <summary>Maps a base address register; 0 when there is none. Ports that nobody has claimed are claimed until they are unmapped.</summary>
    [KernelFunction]
    public nint pci_iomap(PciDev device, int bar, ulong limit)
    {
        if (bar is < 0 or >= Bars || device.ResourceAt(bar) is not { Count: > 0 } resource)
            return 0;
        RequirePorts(device, bar, resource);
        if (!kernel.Pci.Ports.IsClaimed((uint)resource.start))
        {
            if (!TryRequest(device, bar, resource))
                return 0;
            _mapped.Add(((ushort)resource.start, (ushort)resource.Count));
        }
        return IoMap.Cookie(resource.start);
    }

    [KernelFunction]
    public void pci_iounmap(PciDev device, nint cookie)
    {
        int index = _mapped.FindIndex(range => IoMap.Cookie(range.First) == cookie);
        if (index < 0)
            return;
        var (first, count) = _mapped[index];
        _mapped.RemoveAt(index);
        kernel.Pci.Ports.Release(first, count);
    }

    private int Claim(PciDev device, int bar, List<DeviceResources.Entry> claimed)
    {
        var resource = device.ResourceAt(bar);
        if (resource.Count == 0)
            return -Errno.EINVAL;
        RequirePorts(device, bar, resource);
        if (!TryRequest(device, bar, resource))
            return -Errno.EBUSY;
        ushort first = (ushort)resource.start;
        ushort count = (ushort)resource.Count;
        claimed.Add(kernel.DeviceResources.Add(device.dev, () => kernel.Pci.Ports.Release(first, count)));
        return 0;
    }

    private bool TryRequest(PciDev device, int bar, Resource resource)
    {
        try
        {
            kernel.Pci.Ports.Request((ushort)resource.start, (ushort)resource.Count);
            return true;
        }
        catch (ServiceException exception)
        {
            kernel.Log.Write(LogLevel.Warning, $"{kernel.DriverCore.NameOf(device.dev)}: BAR {bar} cannot be claimed: {exception.Message}");
            return false;
        }
    }

    private void RequirePorts(PciDev device, int bar, Resource resource)
    {
        if ((resource.flags & Resource.Ports) == 0)
        {
            throw new KernelFaultException(
                $"{kernel.DriverCore.NameOf(device.dev)}: BAR {bar} is device memory at 0x{resource.start:x}; this shim maps I/O ports only");
        }
    }
}

public sealed partial class LinuxKernel
{
    internal PciMapping PciMapping => field ??= new PciMapping(this);
}
