using DdeKit.Foreign;
using DdeKit.Memory;

namespace DdeLinux;

/// <summary>
/// The three variables by which inlined code converts between virtual addresses, physical addresses and pages. Physical memory starts
/// with the arena here, so that a physical address is a bus address is an offset into the arena.
/// </summary>
internal sealed unsafe class PageMap : IVariableOwner
{
    private readonly LinuxKernel _kernel;
    private readonly int _pageSize = KernelTypes.Current.SizeOf("page");
    private nint _pages;

    internal PageMap(LinuxKernel kernel) => _kernel = kernel;

    /// <inheritdoc />
    public void Define(VariableTable variables)
    {
        ulong size = _kernel.Arena.Length / Arena.PageSize * (ulong)_pageSize;
        var region = _kernel.LowMemory.Allocate(size, LowAccess.Data);
        _kernel.Memory.Add(region.Extent);
        _pages = region.Address;
        *(nint*)variables.Define("page_offset_base", sizeof(nint)) = _kernel.Arena.Base;
        *(nint*)variables.Define("vmemmap_base", sizeof(nint)) = _pages;
        *(nint*)variables.Define("phys_base", sizeof(nint)) = 0;
        // A jump label that inlined page code names; off, as in a kernel without huge pages.
        variables.Define("hugetlb_optimize_vmemmap_key", KernelTypes.Current.SizeOf("static_key_false"));
        // Likewise for pages of device memory, of which there are none.
        variables.Define("devmap_managed_key", KernelTypes.Current.SizeOf("static_key_false"));
    }

    /// <summary>The <c>struct page</c> of the page that an address of the arena lies in.</summary>
    internal nint PageOf(nint address) => _pages + (nint)(_kernel.Arena.BusAddress(address) / Arena.PageSize) * _pageSize;

    /// <summary>The address of the page that a <c>struct page</c> stands for.</summary>
    /// <exception cref="KernelFaultException">It is none.</exception>
    internal nint AddressOf(nint page)
    {
        ulong offset = unchecked((ulong)(page - _pages));
        ulong number = offset / (ulong)_pageSize;
        return offset % (ulong)_pageSize == 0 && number < _kernel.Arena.Length / Arena.PageSize
            ? _kernel.Arena.Base + (nint)(number * Arena.PageSize)
            : throw new KernelFaultException($"0x{page:x} is no struct page");
    }
}

public sealed partial class LinuxKernel
{
    internal PageMap PageMap => field ??= new PageMap(this);
}
