namespace DdeLinux;

/// <summary>Memory that a kernel may make of scattered pages. Here it comes from the same heap as all other, in one piece.</summary>
internal sealed partial class Vmalloc(LinuxKernel kernel)
{
    [KernelFunction]
    public nint vzalloc(nuint size) => size == 0 ? 0 : kernel.Slab.Allocate(size, Slab.Zero);

    [KernelFunction]
    public void vfree(nint address) => kernel.Slab.kfree(address);

    /// <summary>Whether memory lies outside the kernel's direct mapping, where devices do not reach it: none does.</summary>
    [KernelFunction]
    public bool is_vmalloc_addr(nint address) => false;
}

public sealed partial class LinuxKernel
{
    internal Vmalloc Vmalloc => field ??= new Vmalloc(this);
}
