using DdeKit.Memory;

namespace DdeLinux;

/// <summary>Pages, with the reference counts that inlined get_page and put_page count with.</summary>
internal sealed partial class PageAllocator(LinuxKernel kernel)
{
    /// <summary>Allocates 2^order pages, aligned to their size; the result is the first one's <c>struct page</c>, null when there is no memory.</summary>
    [KernelFunction]
    public nint alloc_pages(uint flags, uint order)
    {
        // MAX_ORDER of x86: larger runs fail in a kernel too.
        const uint LargestOrder = 10;
        int count = order <= LargestOrder ? 1 << (int)order : 0;
        nint address = count == 0 ? 0 : kernel.Arena.Heap.AllocatePages(count, count);
        if (address == 0)
        {
            kernel.Slab.ReportFull((nuint)count * Arena.PageSize);
            return 0;
        }
        if ((flags & Slab.Zero) != 0)
            kernel.Memory.Span<byte>(address, count * Arena.PageSize).Clear();
        var page = new Page(kernel.PageMap.PageOf(address));
        page.references = 1;
        return page.Address;
    }

    /// <summary>Frees a page whose last reference is gone.</summary>
    [KernelFunction]
    public void __folio_put(nint folio) => kernel.Arena.Heap.Free(kernel.PageMap.AddressOf(folio));

    /// <summary>Gives a reference of a page back; the last one frees it.</summary>
    internal void Put(nint address)
    {
        nint data = kernel.PageMap.AddressOf(address);
        var page = new Page(address);
        int left = page.references - 1;
        if (left < 0)
            throw new KernelFaultException($"page 0x{data:x} is given back more often than it was taken");
        page.references = left;
        if (left == 0)
            kernel.Arena.Heap.Free(data);
    }
}

/// <summary>A page (include/linux/mm_types.h).</summary>
[KernelStruct("page")]
internal readonly partial struct Page
{
    [Field("_refcount.counter")]
    public partial int references { get; set; }
}

public sealed partial class LinuxKernel
{
    internal PageAllocator PageAllocator => field ??= new PageAllocator(this);
}
