using DdeKit.Foreign;
using DdeKit.Memory;

namespace DdeLinux.Core.Tests;

public sealed class MemoryTests
{
    private const uint AtomicAllocation = 0xa20;

    [KernelFact]
    public void Allocation_lies_in_the_arena_and_is_zeroed_on_demand() => TestKernel.Run(test =>
    {
        nint first = test.Call("__kmalloc", 100, (nint)AtomicAllocation);
        test.Kernel.Memory.Span<byte>(first, 100).Fill(0xff);
        test.Call("kfree", first);
        nint second = test.Call("__kmalloc", 100, (nint)(AtomicAllocation | Slab.Zero));
        test.Kernel.Memory.Span<byte>(second, 100).IndexOfAnyExcept((byte)0).ShouldBe(-1);
        test.Kernel.Arena.BusAddress(second).ShouldBeLessThan(test.Kernel.Arena.HeapBytes);
    });

    [KernelFact]
    public void Every_inlined_size_has_a_cache() => TestKernel.Run(test =>
    {
        nint caches = test.Symbol("kmalloc_caches");
        int kinds = (int)KernelTypes.Current.EnumValue("NR_KMALLOC_TYPES");
        for (int index = 0; index < kinds * 14; index++)
        {
            nint cache = test.At<nint>(caches + index * 8);
            test.Call("kmalloc_trace", cache, (nint)AtomicAllocation, 64).ShouldNotBe(0);
        }
    });

    [KernelFact]
    public void Nothing_allocated_is_a_pointer_of_its_own() => TestKernel.Run(test =>
    {
        test.Call("__kmalloc", 0, 0).ShouldBe(Slab.ZeroSizePointer);
        test.Call("kfree", Slab.ZeroSizePointer);
        test.Call("kfree", 0);
    });

    [KernelFact]
    public void Full_heap_gives_null_and_an_event() => TestKernel.Run(test =>
    {
        test.Call("__kmalloc", 1 << 30, 0).ShouldBe(0);
        test.Kernel.Events.Count("driver", "out-of-memory").ShouldBe(1);
    });

    [KernelFact]
    public void Freeing_twice_ends_the_domain() => TestKernel.RunToDeath(test =>
    {
        nint memory = test.Call("__kmalloc", 32, 0);
        test.Call("kfree", memory);
        test.Call("kfree", memory);
    }).Message.ShouldContain("freed already");

    [KernelFact]
    public void Inlined_arithmetic_finds_pages_and_bus_addresses() => TestKernel.Run(test =>
    {
        nint memory = test.Kernel.Arena.Heap.AllocatePages(2, 1);
        // What virt_to_phys, virt_to_page and page_to_virt compile to.
        nint offsetBase = test.At<nint>(test.Symbol("page_offset_base"));
        nint physical = memory - offsetBase + test.At<nint>(test.Symbol("phys_base"));
        ((ulong)physical).ShouldBe(test.Kernel.Arena.BusAddress(memory));
        nint page = test.At<nint>(test.Symbol("vmemmap_base")) + physical / Arena.PageSize * 64;
        page.ShouldBe(test.Kernel.PageMap.PageOf(memory));
        test.Kernel.PageMap.AddressOf(page).ShouldBe(memory);
        Should.Throw<KernelFaultException>(() => test.Kernel.PageMap.AddressOf(page + 1));
    });

    [KernelFact]
    public void User_memory_does_not_exist() => TestKernel.Run(test =>
    {
        nint memory = test.Allocate(16);
        test.Call("_copy_to_user", 0x7000, memory, 16).ShouldBe(16);
        test.At<byte>(memory) = 1;
        test.Call("_copy_from_user", memory, 0x7000, 16).ShouldBe(16);
        test.At<byte>(memory).ShouldBe((byte)0);
    });

    [KernelFact]
    public void Saturated_reference_count_stays_and_is_reported() => TestKernel.Run(test =>
    {
        nint count = test.Allocate(4);
        test.Call("refcount_warn_saturate", count, 3);
        test.At<int>(count).ShouldBe(RefCount.Saturated);
        test.Kernel.Events.Count("driver", "kernel-warning").ShouldBe(1);
    });

    [KernelFact]
    public void Scatter_list_is_copied_across_its_tables() => TestKernel.Run(test =>
    {
        nint list = Chained(test, out nint[] pages);
        nint buffer = test.Allocate(256);
        for (int i = 0; i < 256; i++)
            test.At<byte>(buffer + i) = (byte)i;
        test.Call("sg_copy_from_buffer", list, 3, buffer, 200).ShouldBe(120);
        test.At<byte>(pages[0] + 8).ShouldBe((byte)0);
        test.At<byte>(pages[1]).ShouldBe((byte)40);
        test.At<byte>(pages[2] + 39).ShouldBe((byte)119);
        nint back = test.Allocate(256);
        test.Call("sg_copy_to_buffer", list, 3, back, 100).ShouldBe(100);
        test.Kernel.Memory.Span<byte>(back, 100).SequenceEqual(test.Kernel.Memory.Span<byte>(buffer, 100)).ShouldBeTrue();
        test.At<byte>(back + 100).ShouldBe((byte)0);
    });

    [KernelFact]
    public void Iterator_visits_a_scatter_list_page_by_page() => TestKernel.Run(test =>
    {
        nint run = test.Kernel.Arena.Heap.AllocatePages(3, 1);
        nint entry = test.Allocate(Scatterlist.Size);
        test.Call("sg_init_one", entry, run + 4000, 5000);
        var iterator = new ScatterIterator(test.Allocate(ScatterIterator.Size));
        test.Call("sg_miter_start", iterator.Address, entry, 1, 0);
        var runs = new List<(nint Address, ulong Length)>();
        while ((test.Call("sg_miter_next", iterator.Address) & 0xff) != 0)
            runs.Add((iterator.addr - run, iterator.length));
        runs.ShouldBe([(4000, 96UL), (4096, 4096UL), (8192, 808UL)]);
        test.Call("sg_miter_stop", iterator.Address);
    });

    [KernelFact]
    public void Iterator_shows_again_what_was_not_consumed() => TestKernel.Run(test =>
    {
        nint run = test.Kernel.Arena.Heap.AllocatePages(1, 1);
        nint entry = test.Allocate(Scatterlist.Size);
        test.Call("sg_init_one", entry, run, 100);
        var iterator = new ScatterIterator(test.Allocate(ScatterIterator.Size));
        test.Call("sg_miter_start", iterator.Address, entry, 1, 0);
        test.Call("sg_miter_next", iterator.Address);
        iterator.consumed = 30;
        test.Call("sg_miter_next", iterator.Address);
        iterator.addr.ShouldBe(run + 30);
        iterator.length.ShouldBe(70UL);
    });

    /// <summary>Three entries of 40 bytes in two tables.</summary>
    private static nint Chained(TestKernel test, out nint[] places)
    {
        places = [test.Allocate(64), test.Allocate(64), test.Allocate(64)];
        nint first = test.Allocate(2 * Scatterlist.Size);
        nint second = test.Allocate(2 * Scatterlist.Size);
        nint[] entries = [first, second, second + Scatterlist.Size];
        for (int i = 0; i < entries.Length; i++)
        {
            nint start = places[i] + (i == 0 ? 8 : 0);
            test.Call("sg_init_one", entries[i], start, 40);
            var entry = new Scatterlist(entries[i]);
            if (i < 2)
                entry.page_link &= ~Scatterlist.End;
        }
        var link = new Scatterlist(first + Scatterlist.Size);
        link.page_link = (ulong)second | Scatterlist.Chain;
        return first;
    }
}
