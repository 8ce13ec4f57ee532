using System.Text;
using DdeKit.Foreign;

namespace DdeBsd;

/// <summary>malloc(9) and contigmalloc(9) on the domain's heap: all of it lies in the arena, contiguous for the device.</summary>
internal sealed unsafe class Malloc(BsdKernel kernel)
{
    /// <summary>M_NOWAIT (sys/malloc.h).</summary>
    internal const int NoWait = 0x0001;

    /// <summary>M_ZERO.</summary>
    internal const int Zero = 0x0100;

    /// <summary>Memory of the shim's own that the driver sees, zeroed.</summary>
    /// <exception cref="KernelFaultException">The heap is full.</exception>
    internal nint AllocateOwn(int bytes) => Require(kernel.Arena.Heap.Allocate((ulong)Math.Max(bytes, 1), zero: true), (ulong)bytes, "the shim");

    internal void FreeOwn(nint address) => kernel.Arena.Heap.Free(address);

    /// <summary>A C string.</summary>
    internal nint AllocateText(string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        nint address = AllocateOwn(length + 1);
        Encoding.UTF8.GetBytes(text, kernel.Memory.Span<byte>(address, length));
        return address;
    }

    [KernelFunction]
    public nint malloc(nuint size, nint type, int flags)
    {
        nint address = kernel.Arena.Heap.Allocate(Math.Max(size, 1), (flags & Zero) != 0);
        return Count(address, size, type, flags);
    }

    [KernelFunction]
    public void free(nint address, nint type)
    {
        if (address == 0)
            return;
        ref var statistics = ref kernel.Memory.At<MallocType>(type);
        statistics.ks_allocations = unchecked(statistics.ks_allocations - 1);
        statistics.ks_bytes = unchecked(statistics.ks_bytes - (ulong)kernel.Arena.Heap.SizeOf(address));
        kernel.Arena.Heap.Free(address);
    }

    [KernelFunction]
    public nint realloc(nint address, nuint size, nint type, int flags)
    {
        nint moved = malloc(size, type, flags);
        if (moved == 0 || address == 0)
            return moved;
        int kept = (int)Math.Min((nuint)kernel.Arena.Heap.SizeOf(address), size);
        kernel.Memory.Span<byte>(address, kept).CopyTo(kernel.Memory.Span<byte>(moved, kept));
        free(address, type);
        return moved;
    }

    [KernelFunction]
    public nint reallocf(nint address, nuint size, nint type, int flags)
    {
        nint moved = realloc(address, size, type, flags);
        if (moved == 0)
            free(address, type);
        return moved;
    }

    /// <summary>Whole pages within a range of bus addresses, not across a multiple of a boundary.</summary>
    [KernelFunction]
    public nint contigmalloc(nuint size, nint type, int flags, ulong low, ulong high, ulong alignment, ulong boundary)
    {
        nint address = AllocatePages(size, alignment, boundary, high, flags);
        if (address != 0 && kernel.Arena.BusAddress(address) < low)
            throw new KernelFaultException($"contigmalloc of {size} bytes from bus address 0x{low:x} on: the heap lies below");
        return Count(address, size, type, flags);
    }

    [KernelFunction]
    public void contigfree(nint address, nuint size, nint type) => free(address, type);

    /// <summary>Contiguous memory for a device.</summary>
    /// <param name="size">Bytes.</param>
    /// <param name="alignment">Of the bus address, a power of two.</param>
    /// <param name="boundary">What it must not cross a multiple of; 0 for nothing.</param>
    /// <param name="high">The last bus address it may have.</param>
    /// <param name="flags">As of malloc.</param>
    internal nint AllocatePages(nuint size, ulong alignment, ulong boundary, ulong high, int flags)
    {
        int pages = (int)((size + 4095) / 4096);
        // A run that is aligned to its size rounded up crosses no multiple of a boundary that is at least as large.
        ulong needed = Math.Max(alignment, boundary != 0 ? System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)size) : 0);
        if (boundary != 0 && (ulong)size > boundary)
            throw new KernelFaultException($"{size} contiguous bytes cannot keep from crossing a multiple of {boundary}");
        nint address = kernel.Arena.Heap.AllocatePages(Math.Max(pages, 1), (int)Math.Max(1, needed / 4096));
        if (address != 0 && kernel.Arena.BusAddress(address) + size - 1 > high)
        {
            kernel.Arena.Heap.Free(address);
            address = 0;
        }
        if (address != 0 && (flags & Zero) != 0)
            kernel.Memory.Span<byte>(address, pages * 4096).Clear();
        return address;
    }

    /// <summary>The address that the device uses for a byte of the heap.</summary>
    [KernelFunction]
    public ulong pmap_kextract(nint address) => kernel.Arena.BusAddress(address);

    private nint Count(nint address, nuint size, nint type, int flags)
    {
        ref var statistics = ref kernel.Memory.At<MallocType>(type);
        // Who may wait is promised memory, and nobody could free any while all else waits for this thread.
        if (address == 0)
            return (flags & NoWait) != 0 ? 0 : Require(0, size, kernel.Memory.CheckString(statistics.ks_shortdesc).ToString());
        statistics.ks_allocations++;
        statistics.ks_bytes += (ulong)kernel.Arena.Heap.SizeOf(address);
        return address;
    }

    private nint Require(nint address, ulong size, string owner) => address != 0
        ? address
        : throw new KernelFaultException($"no memory for {size} bytes of '{owner}': {kernel.Arena.Heap.LiveBytes} of {kernel.Arena.HeapBytes} bytes are in use");
}

public sealed partial class BsdKernel
{
    internal Malloc Malloc => field ??= new Malloc(this);
}
