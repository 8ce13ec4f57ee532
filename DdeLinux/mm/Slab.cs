using DdeKit.Memory;

namespace DdeLinux;

/// <summary>
/// kmalloc and kfree on the domain's heap: all of it lies in the arena, so that the device reaches whatever a driver allocates, and
/// the inlined arithmetic between addresses, pages and bus addresses holds.
/// </summary>
internal sealed unsafe partial class Slab : IVariableOwner
{
    /// <summary>Fill with zeros (include/linux/gfp_types.h, ___GFP_ZERO). Where the memory lies and whether the caller may sleep makes
    /// no difference here.</summary>
    internal const uint Zero = 0x100;

    /// <summary>What an allocation of 0 bytes gives: no null pointer, and not to be touched (include/linux/slab.h, ZERO_SIZE_PTR).</summary>
    internal const nint ZeroSizePointer = 16;

    /// <summary>Caches by powers of two up to two pages (include/linux/slab.h, KMALLOC_SHIFT_HIGH with SLUB).</summary>
    private const int LargestCacheShift = 13;

    private readonly LinuxKernel _kernel;
    private readonly Heap _heap;

    internal Slab(LinuxKernel kernel)
    {
        _kernel = kernel;
        _heap = kernel.Arena.Heap;
    }

    /// <inheritdoc />
    public void Define(VariableTable variables)
    {
        // Inlined kmalloc of a constant size picks its cache from kmalloc_caches[type][shift] and calls kmalloc_trace with it.
        int kinds = (int)KernelTypes.Current.EnumValue("NR_KMALLOC_TYPES");
        const int Shifts = LargestCacheShift + 1;
        nint* caches = (nint*)variables.Define("kmalloc_caches", kinds * Shifts * sizeof(nint));
        for (int shift = 0; shift < Shifts; shift++)
        {
            nint cache = Allocate((nuint)KernelCache.Size, Zero);
            // Shifts 1 and 2 are the odd sizes of 96 and 192 bytes (include/linux/slab.h, kmalloc_index).
            uint size = shift switch { 1 => 96, 2 => 192, _ => 1u << shift };
            _ = new KernelCache(cache) { size = size, object_size = size };
            for (int kind = 0; kind < kinds; kind++)
                caches[kind * Shifts + shift] = cache;
        }
    }

    /// <summary>Allocates for a driver; 0 when the heap is full, which is an event.</summary>
    internal nint Allocate(nuint size, uint flags)
    {
        if (size == 0)
            return ZeroSizePointer;
        nint address = _heap.Allocate(size, (flags & Zero) != 0);
        if (address == 0)
            ReportFull(size);
        return address;
    }

    /// <summary>An allocation failed: what no driver's log may leave out.</summary>
    internal void ReportFull(nuint size) =>
        _kernel.Events.Report(_kernel.Task.Name, "out-of-memory", $"{size} bytes asked for; {_heap.LiveBytes} of {_kernel.Arena.HeapBytes} bytes of the heap are in use");

    [KernelFunction]
    public nint __kmalloc(nuint size, uint flags) => Allocate(size, flags);

    [KernelFunction]
    public nint kmalloc_large(nuint size, uint flags) => Allocate(size, flags);

    /// <summary>Allocates an object of a size that the compiler knew; the cache follows from the size here.</summary>
    [KernelFunction]
    public nint kmalloc_trace(KernelCache cache, uint flags, nuint size) => Allocate(size, flags);

    [KernelFunction]
    public void kfree(nint address)
    {
        if (address is not (0 or ZeroSizePointer))
            _heap.Free(address);
    }
}

/// <summary>A cache of objects of one size (include/linux/slub_def.h).</summary>
[KernelStruct("kmem_cache")]
internal readonly partial struct KernelCache
{
    [Field]
    public partial uint size { get; set; }

    [Field]
    public partial uint object_size { get; set; }
}

public sealed partial class LinuxKernel
{
    internal Slab Slab => field ??= new Slab(this);
}
