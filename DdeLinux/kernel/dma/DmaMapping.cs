using System.Numerics;
using DdeKit.Memory;

namespace DdeLinux;

/// <summary>
/// DMA. Device and driver share the arena, whose offsets are the bus addresses, and the emulated or translated bus keeps caches coherent:
/// mapping is address arithmetic and a check that the device can drive the address.
/// </summary>
internal sealed partial class DmaMapping(LinuxKernel kernel)
{
    /// <summary>Takes the mask of addresses that the device can drive, if the arena lies within it.</summary>
    [KernelFunction]
    public int dma_set_mask(Device device, ulong mask)
    {
        if (device.dma_mask == 0 || !Reaches(device, mask))
            return -Errno.EIO;
        kernel.Memory.At<ulong>(device.dma_mask) = mask;
        return 0;
    }

    [KernelFunction]
    public int dma_set_coherent_mask(Device device, ulong mask)
    {
        if (!Reaches(device, mask))
            return -Errno.EIO;
        device.coherent_dma_mask = mask;
        return 0;
    }

    /// <summary>Gives the entries of a table their bus addresses; the result is how many entries the device is to use.</summary>
    [KernelFunction]
    public uint dma_map_sg_attrs(Device device, Scatterlist first, int entries, uint direction, ulong attributes)
    {
        var entry = first;
        for (int index = 0; index < entries; index++)
        {
            if (entry.IsNull)
                throw new KernelFaultException($"DMA table 0x{first.Address:x} of {entries} entries ends after {index}");
            ulong bus = kernel.Arena.BusAddress(kernel.ScatterLists.AddressOf(entry));
            if (!new L4.Extent(0, kernel.Arena.Length).Contains(bus, entry.length))
                throw new KernelFaultException($"DMA entry {index} of {entries}: {entry.length} bytes at bus address 0x{bus:x} leave the arena's {kernel.Arena.Length} bytes");
            entry.dma_address = bus;
            entry.dma_length = entry.length;
            entry = kernel.ScatterLists.Next(entry);
        }
        return (uint)entries;
    }

    /// <summary>Ends a mapping. Memory is coherent and addresses are not allocated, so there is nothing to undo.</summary>
    [KernelFunction]
    public void dma_unmap_sg_attrs(Device device, Scatterlist first, int entries, uint direction, ulong attributes)
    {
    }

    /// <summary>Allocates memory for driver and device until the driver leaves the device.</summary>
    [KernelFunction]
    public nint dmam_alloc_attrs(Device device, nuint size, nint busAddress, uint flags, ulong attributes)
    {
        nint memory = dma_alloc_attrs(device, size, busAddress, flags, attributes);
        if (memory != 0)
            kernel.DeviceResources.Add(device, () => kernel.Slab.kfree(memory));
        return memory;
    }

    /// <summary>Allocates memory for driver and device.</summary>
    [KernelFunction]
    public nint dma_alloc_attrs(Device device, nuint size, nint busAddress, uint flags, ulong attributes)
    {
        if (size == 0)
            return 0;
        int pages = checked((int)((size + Arena.PageSize - 1) / Arena.PageSize));
        // The kernel's coherent memory is aligned to its size in powers of two, and drivers count on it.
        nint memory = kernel.Arena.Heap.AllocatePages(pages, (int)BitOperations.RoundUpToPowerOf2((uint)pages));
        if (memory == 0)
        {
            kernel.Slab.ReportFull(size);
            return 0;
        }
        kernel.Memory.Span<byte>(memory, pages * Arena.PageSize).Clear();
        kernel.Memory.At<ulong>(busAddress) = kernel.Arena.BusAddress(memory);
        return memory;
    }

    [KernelFunction]
    public void dma_free_attrs(Device device, nuint size, nint address, ulong busAddress, ulong attributes) => kernel.Slab.kfree(address);

    /// <summary>The bus address of memory in a page; all ones when it does not lie in the arena.</summary>
    [KernelFunction]
    public ulong dma_map_page_attrs(Device device, nint page, nuint offset, nuint size, int direction, ulong attributes)
    {
        ulong bus = (ulong)(kernel.PageMap.AddressOf(page) - kernel.Arena.Base);
        return offset < kernel.Arena.Length && new L4.Extent(0, kernel.Arena.Length).Contains(bus + offset, size)
            ? bus + offset
            : throw new KernelFaultException($"{size} bytes at bus address 0x{bus + offset:x} are to be mapped; the arena has {kernel.Arena.Length}");
    }

    /// <summary>Ends a mapping; see <see cref="dma_unmap_sg_attrs"/>.</summary>
    [KernelFunction]
    public void dma_unmap_page_attrs(Device device, ulong busAddress, nuint size, int direction, ulong attributes)
    {
    }

    /// <summary>Lets the processor see what the device wrote: memory is coherent.</summary>
    [KernelFunction]
    public void dma_sync_single_for_cpu(Device device, ulong busAddress, nuint size, int direction)
    {
    }

    /// <summary>Lets the device see what the processor wrote: memory is coherent.</summary>
    [KernelFunction]
    public void dma_sync_single_for_device(Device device, ulong busAddress, nuint size, int direction)
    {
    }

    private bool Reaches(Device device, ulong mask)
    {
        if (mask >= kernel.Arena.Length - 1)
            return true;
        kernel.Log.Write(LogLevel.Error, $"{kernel.DriverCore.NameOf(device)}: DMA mask 0x{mask:x} does not reach the arena's {kernel.Arena.Length} bytes");
        return false;
    }
}

public sealed partial class LinuxKernel
{
    internal DmaMapping DmaMapping => field ??= new DmaMapping(this);
}
