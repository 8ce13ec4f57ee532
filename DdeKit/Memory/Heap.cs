using System.Numerics;
using L4;

namespace DdeKit.Memory;

/// <summary>
/// Memory of a driver domain by pages and by objects. Objects come in powers of two from 8 bytes to half a page and are aligned to their
/// size; larger ones are runs of pages. Belongs to the holder of the baton.
/// </summary>
public sealed unsafe class Heap
{
    private const int SmallestShift = 3;
    private const int LargestShift = 11;
    private const int Granule = 1 << SmallestShift;
    private const byte FreeObject = 0x80;
    private const int Continued = -1;

    private readonly nint _base;
    // For each 8-byte granule: 0 no object starts here; shift of the object's size when it is allocated; FreeObject|shift when it is free.
    private readonly byte[] _objects;
    // For each page: 0 free; length of the run that starts here; Continued inside a run.
    private readonly int[] _pages;
    private readonly Stack<int>[] _free = new Stack<int>[LargestShift + 1];
    private int _hint = 1;
    private long _refused = -1;

    internal Heap(nint start, int pages)
    {
        _base = start;
        _objects = new byte[pages * (Arena.PageSize / Granule)];
        _pages = new int[pages];
        // Page 0 is never given out: bus address 0 is what a driver that forgot an address uses.
        _pages[0] = 1;
        for (int shift = SmallestShift; shift <= LargestShift; shift++)
            _free[shift] = new Stack<int>();
    }

    /// <summary>Objects and page runs that are allocated now.</summary>
    public long LiveObjects { get; private set; }

    /// <summary>Bytes in them, rounded up as they were given out.</summary>
    public long LiveBytes { get; private set; }

    /// <summary>Allocations that were asked for so far.</summary>
    public long Requests { get; private set; }

    /// <summary>Refuses one allocation as if the heap were full, to try what a driver makes of that: the one after so many more.</summary>
    public void RefuseAfter(long allocations) => _refused = Requests + allocations;

    /// <summary>Everything that is allocated now: addresses and bytes, in the order of addresses.</summary>
    public IEnumerable<Extent> Live()
    {
        for (int page = 1; page < _pages.Length; page++)
        {
            if (_pages[page] <= 0)
                continue;
            int first = page * (Arena.PageSize / Granule);
            // A page that was cut into objects has them from its start on.
            int shift = _objects[first] & ~FreeObject;
            if (shift == 0)
            {
                yield return new Extent((ulong)(_base + (nint)page * Arena.PageSize), (ulong)_pages[page] * Arena.PageSize);
                continue;
            }
            for (int granule = first; granule < first + Arena.PageSize / Granule; granule += 1 << (shift - SmallestShift))
            {
                if (_objects[granule] == shift)
                    yield return new Extent((ulong)(_base + (nint)granule * Granule), 1UL << shift);
            }
        }
    }

    /// <summary>Allocates at least <paramref name="size"/> bytes, aligned to the next power of two (at most to a page); 0 when the heap is full.</summary>
    public nint Allocate(ulong size, bool zero)
    {
        if (size > (ulong)_pages.Length * Arena.PageSize || IsRefused())
            return 0;
        nint address = size <= 1 << LargestShift ? AllocateObject(size) : TakePages((int)((size + (Arena.PageSize - 1)) / Arena.PageSize), 1);
        if (address != 0 && zero)
            new Span<byte>((void*)address, SizeOf(address)).Clear();
        return address;
    }

    /// <summary>Allocates a run of pages whose start is a multiple of <paramref name="alignment"/> pages from the arena's start; 0 when there is none.</summary>
    public nint AllocatePages(int count, int alignment) => IsRefused() ? 0 : TakePages(count, alignment);

    /// <summary>Bytes behind an allocated address.</summary>
    /// <exception cref="ArenaException">Nothing allocated starts there.</exception>
    public int SizeOf(nint address)
    {
        int granule = GranuleOf(address);
        byte shift = _objects[granule];
        if (shift is >= SmallestShift and <= LargestShift)
            return 1 << shift;
        int page = granule / (Arena.PageSize / Granule);
        return shift == 0 && IsPageAligned(granule) && _pages[page] > 0 && page != 0
            ? _pages[page] * Arena.PageSize
            : throw new ArenaException($"address 0x{address:x} {(shift != 0 ? "was freed already" : "is not the start of an allocation")}");
    }

    /// <summary>The start of the allocation that an address lies in.</summary>
    /// <exception cref="ArenaException">It lies in none.</exception>
    public nint StartOf(nint address)
    {
        nint granuleStart = address & -Granule;
        int granule = GranuleOf(granuleStart);
        // All objects of a page have one size and are aligned to it; only at their starts is it noted.
        for (int shift = SmallestShift; shift <= LargestShift; shift++)
        {
            int first = granule & -(1 << (shift - SmallestShift));
            if (_objects[first] == shift)
                return _base + (nint)first * Granule;
        }
        int page = granule / (Arena.PageSize / Granule);
        while (_pages[page] == Continued)
            page--;
        // A page that was cut into objects is no run of pages.
        return _pages[page] != 0 && page != 0 && _objects[page * (Arena.PageSize / Granule)] == 0
            ? _base + (nint)page * Arena.PageSize
            : throw new ArenaException($"address 0x{address:x} lies in no allocation");
    }

    /// <summary>Frees what <see cref="Allocate"/> or <see cref="AllocatePages"/> gave.</summary>
    /// <exception cref="ArenaException">Nothing allocated starts there: a wild pointer, or freed twice.</exception>
    public void Free(nint address)
    {
        int size = SizeOf(address);
        int granule = GranuleOf(address);
        LiveObjects--;
        LiveBytes -= size;
        byte shift = _objects[granule];
        if (shift != 0)
        {
            _objects[granule] |= FreeObject;
            _free[shift].Push(granule);
            return;
        }
        int page = granule / (Arena.PageSize / Granule);
        _pages.AsSpan(page, _pages[page]).Clear();
    }

    private static bool IsPageAligned(int granule) => granule % (Arena.PageSize / Granule) == 0;

    private bool IsRefused() => Requests++ == _refused;

    private nint TakePages(int count, int alignment)
    {
        int page = FindRun(count, alignment, _hint);
        if (page < 0)
            page = FindRun(count, alignment, 1);
        if (page < 0)
            return 0;
        _pages[page] = count;
        _pages.AsSpan(page + 1, count - 1).Fill(Continued);
        _hint = page + count;
        LiveObjects++;
        LiveBytes += (long)count * Arena.PageSize;
        return _base + (nint)page * Arena.PageSize;
    }

    private nint AllocateObject(ulong size)
    {
        int shift = size <= Granule ? SmallestShift : BitOperations.Log2((uint)size - 1) + 1;
        var free = _free[shift];
        if (free.Count == 0 && !Carve(shift))
            return 0;
        int granule = free.Pop();
        _objects[granule] = (byte)shift;
        LiveObjects++;
        LiveBytes += 1 << shift;
        return _base + (nint)granule * Granule;
    }

    /// <summary>Cuts a fresh page into objects of one size. Such a page stays with its size.</summary>
    private bool Carve(int shift)
    {
        nint address = TakePages(1, 1);
        if (address == 0)
            return false;
        LiveObjects--;
        LiveBytes -= Arena.PageSize;
        int first = GranuleOf(address);
        for (int offset = Arena.PageSize - (1 << shift); offset >= 0; offset -= 1 << shift)
        {
            int granule = first + offset / Granule;
            _objects[granule] = (byte)(FreeObject | shift);
            _free[shift].Push(granule);
        }
        return true;
    }

    private int FindRun(int count, int alignment, int from)
    {
        int page = from;
        while (page < _pages.Length && count <= _pages.Length - page)
        {
            int misfit = page % alignment;
            if (misfit != 0)
            {
                page += alignment - misfit;
                continue;
            }
            int used = _pages.AsSpan(page, count).IndexOfAnyExcept(0);
            if (used < 0)
                return page;
            int blocked = page + used;
            page = blocked + Math.Max(_pages[blocked], 1);
        }
        return -1;
    }

    private int GranuleOf(nint address)
    {
        ulong offset = unchecked((ulong)(address - _base));
        return offset % Granule == 0 && new Extent(0, (ulong)_pages.Length * Arena.PageSize).Contains(offset)
            ? (int)(offset / Granule)
            : throw new ArenaException($"address 0x{address:x} is not a heap address");
    }
}
