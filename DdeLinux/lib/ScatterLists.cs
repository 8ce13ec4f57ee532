using DdeKit.Memory;

namespace DdeLinux;

/// <summary>Walks scatter lists (lib/scatterlist.c). All pages are mapped for good, so that mapping one costs nothing.</summary>
internal sealed unsafe partial class ScatterLists
{
    private const uint PageMask = Arena.PageSize - 1;

    private readonly LinuxKernel _kernel;

    internal ScatterLists(LinuxKernel kernel) => _kernel = kernel;

    /// <summary>The address of an entry's first byte.</summary>
    internal nint AddressOf(Scatterlist entry) => _kernel.PageMap.AddressOf(entry.Page) + (nint)entry.offset;

    /// <summary>The entry after this one, over the link to the next table; the null view behind the last.</summary>
    internal Scatterlist Next(Scatterlist entry)
    {
        if ((entry.page_link & Scatterlist.End) != 0)
            return default;
        var next = new Scatterlist(_kernel.Memory.Check(entry.Address + Scatterlist.Size, Scatterlist.Size));
        return (next.page_link & Scatterlist.Chain) == 0 ? next : new Scatterlist(_kernel.Memory.Check(next.Page, Scatterlist.Size));
    }

    /// <summary>Makes an entry the only one of its list.</summary>
    internal void Set(Scatterlist entry, nint address, uint length)
    {
        _kernel.Memory.Span<byte>(entry.Address, Scatterlist.Size).Clear();
        entry.page_link = (ulong)_kernel.PageMap.PageOf(address) | Scatterlist.End;
        entry.offset = unchecked((uint)address) & PageMask;
        entry.length = length;
    }

    [KernelFunction]
    public Scatterlist sg_next(Scatterlist entry) => Next(entry);

    [KernelFunction]
    public void sg_init_one(Scatterlist entry, nint buffer, uint length) => Set(entry, buffer, length);

    /// <summary>Copies out of a buffer into the memory of a list; the result is how many bytes there was room for.</summary>
    [KernelFunction]
    public nuint sg_copy_from_buffer(Scatterlist list, uint entries, nint buffer, nuint length) => Copy(list, entries, buffer, length, toList: true);

    /// <summary>Copies out of the memory of a list into a buffer; the result is how many bytes there were.</summary>
    [KernelFunction]
    public nuint sg_copy_to_buffer(Scatterlist list, uint entries, nint buffer, nuint length) => Copy(list, entries, buffer, length, toList: false);

    private nuint Copy(Scatterlist list, uint entries, nint buffer, nuint length, bool toList)
    {
        nuint done = 0;
        for (var entry = list; !entry.IsNull && entries > 0 && done < length; entry = Next(entry), entries--)
        {
            int count = (int)Math.Min(entry.length, length - done);
            var here = _kernel.Memory.Span<byte>(AddressOf(entry), count);
            var there = _kernel.Memory.Span<byte>(buffer + (nint)done, count);
            if (toList)
                there.CopyTo(here);
            else
                here.CopyTo(there);
            done += (nuint)count;
        }
        return done;
    }
}

public sealed partial class LinuxKernel
{
    internal ScatterLists ScatterLists => field ??= new ScatterLists(this);
}
