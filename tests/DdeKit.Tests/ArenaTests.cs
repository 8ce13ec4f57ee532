using DdeKit.Memory;
using L4;

namespace DdeKit.Tests;

public sealed class ArenaTests : IDisposable
{
    private readonly L4System _system = new(new VirtualClock());
    private readonly Arena _arena;

    public ArenaTests() => _arena = new Arena(_system.Root, 1 << 20, 8 << 20);

    public void Dispose()
    {
        _arena.Dispose();
        _system.Dispose();
    }

    [Theory]
    [InlineData(1, 8)]
    [InlineData(8, 8)]
    [InlineData(9, 16)]
    [InlineData(100, 128)]
    [InlineData(2048, 2048)]
    [InlineData(2049, 4096)]
    [InlineData(5000, 8192)]
    public void An_allocation_is_rounded_up_and_aligned_to_its_size(int size, int rounded)
    {
        nint address = _arena.Heap.Allocate((ulong)size, zero: true);
        _arena.Heap.SizeOf(address).ShouldBe(rounded);
        (_arena.BusAddress(address) % (ulong)Math.Min(rounded, Arena.PageSize)).ShouldBe(0UL);
    }

    [Fact]
    public void Objects_do_not_overlap_and_the_books_balance_at_the_end()
    {
        var random = new Random(7);
        var live = new Dictionary<nint, int>();
        for (int i = 0; i < 5000; i++)
        {
            if (live.Count > 0 && random.Next(2) == 0)
            {
                nint victim = live.Keys.ElementAt(random.Next(live.Count));
                _arena.Heap.Free(victim);
                live.Remove(victim);
                continue;
            }
            nint address = _arena.Heap.Allocate((ulong)random.Next(1, 6000), zero: false);
            if (address == 0)
                continue;
            int size = _arena.Heap.SizeOf(address);
            var extent = new Extent((ulong)address, (ulong)size);
            live.Any(other => new Extent((ulong)other.Key, (ulong)other.Value).Overlaps(extent)).ShouldBeFalse();
            live.Add(address, size);
        }
        _arena.Heap.LiveObjects.ShouldBe(live.Count);
        foreach (nint address in live.Keys)
            _arena.Heap.Free(address);
        _arena.Heap.LiveObjects.ShouldBe(0);
        _arena.Heap.LiveBytes.ShouldBe(0);
    }

    [Fact]
    public void Freeing_twice_is_refused()
    {
        nint small = _arena.Heap.Allocate(32, zero: false);
        nint large = _arena.Heap.Allocate(32768, zero: false);
        _arena.Heap.Free(small);
        _arena.Heap.Free(large);
        Should.Throw<ArenaException>(() => _arena.Heap.Free(small));
        Should.Throw<ArenaException>(() => _arena.Heap.Free(large));
    }

    [Fact]
    public void Freeing_what_was_never_allocated_is_refused()
    {
        nint address = _arena.Heap.Allocate(4096, zero: false);
        Should.Throw<ArenaException>(() => _arena.Heap.Free(address + 8));
        Should.Throw<ArenaException>(() => _arena.Heap.Free(address + 1));
        Should.Throw<ArenaException>(() => _arena.Heap.Free(_arena.Base));
        Should.Throw<ArenaException>(() => _arena.Heap.Free(_arena.Base - 8));
        Should.Throw<ArenaException>(() => _arena.Heap.Free(_arena.Base + (1 << 20)));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(1900)]
    [InlineData(4096)]
    [InlineData(20_000)]
    public void Every_address_of_an_allocation_leads_to_its_start(int size)
    {
        nint[] starts = [.. Enumerable.Range(0, 3).Select(_ => _arena.Heap.Allocate((ulong)size, zero: false))];
        foreach (nint start in starts)
        {
            foreach (int offset in (ReadOnlySpan<int>)[0, 1, size / 2, size - 1])
                _arena.Heap.StartOf(start + offset).ShouldBe(start);
        }
        _arena.Heap.Free(starts[1]);
        Should.Throw<ArenaException>(() => _arena.Heap.StartOf(starts[1] + 1));
        Should.Throw<ArenaException>(() => _arena.Heap.StartOf(_arena.Base));
        Should.Throw<ArenaException>(() => _arena.Heap.StartOf(_arena.Base - 1));
    }

    [Fact]
    public void An_allocation_can_be_refused_to_try_what_comes_of_it()
    {
        _arena.Heap.RefuseAfter(1);
        _arena.Heap.Allocate(8, zero: false).ShouldNotBe(0);
        _arena.Heap.AllocatePages(1, 1).ShouldBe(0);
        _arena.Heap.AllocatePages(1, 1).ShouldNotBe(0);
    }

    [Fact]
    public void A_full_heap_gives_nothing_and_recovers()
    {
        var taken = new List<nint>();
        for (nint page; (page = _arena.Heap.Allocate(4096, zero: false)) != 0;)
            taken.Add(page);
        taken.Count.ShouldBe((1 << 20) / 4096 - 1);
        taken.ShouldNotContain(_arena.Base);
        _arena.Heap.Free(taken[10]);
        _arena.Heap.Allocate(4096, zero: false).ShouldBe(taken[10]);
        _arena.Heap.Allocate(ulong.MaxValue, zero: false).ShouldBe(0);
    }

    [Fact]
    public void A_window_shows_the_clients_bytes_at_its_bus_address()
    {
        var dataspace = _system.Root.CreateDataspace("client", 8192);
        using var client = _system.Root.Map(dataspace);
        ulong bus = _arena.MapWindow(dataspace, CapabilityRights.All);
        bus.ShouldBeGreaterThanOrEqualTo(_arena.HeapBytes);
        client.Bytes[5000] = 7;
        unsafe
        {
            ((byte*)_arena.Base)[bus + 5000].ShouldBe((byte)7);
            _arena.UnmapWindow(bus);
            ((byte*)_arena.Base)[bus + 5000].ShouldBe((byte)0);
        }
        Should.Throw<ArenaException>(() => _arena.UnmapWindow(bus));
    }

    [Fact]
    public void Windows_fill_the_gaps_that_closed_ones_left()
    {
        var dataspace = _system.Root.CreateDataspace("client", 1 << 20);
        ulong[] windows = [.. Enumerable.Range(0, 7).Select(_ => _arena.MapWindow(dataspace, CapabilityRights.Read))];
        Should.Throw<ArenaException>(() => _arena.MapWindow(dataspace, CapabilityRights.Read));
        _arena.UnmapWindow(windows[3]);
        _arena.MapWindow(dataspace, CapabilityRights.Read).ShouldBe(windows[3]);
    }
}
