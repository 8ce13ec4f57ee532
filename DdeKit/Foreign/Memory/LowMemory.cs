using System.ComponentModel;
using System.Runtime.InteropServices;
using L4;

namespace DdeKit.Foreign;

/// <summary>What may be done to the pages of a <see cref="LowRegion"/>.</summary>
public enum LowAccess
{
    /// <summary>Nothing: every access traps. For windows onto device memory.</summary>
    None,

    /// <summary>Read and write.</summary>
    Data,

    /// <summary>Read, write and execute: code that is relocated and patched in place.</summary>
    Code,
}

/// <summary>
/// Memory in the low 2 GiB of the process. Code that was compiled for the kernel code model names symbols by sign-extended 32-bit
/// values, so everything that it names (its own sections, thunks, imported variables, device windows) has to lie there.
/// Owns its regions and releases them on <see cref="Dispose"/>; no foreign code may run in them by then. Safe for any number of threads.
/// </summary>
public sealed class LowMemory : IDisposable
{
    /// <summary>Bytes of a page.</summary>
    public const ulong PageSize = 4096;

    /// <summary>The addresses that values of the kernel code model reach: all regions lie in here. Page 0 stays free, so that null traps.</summary>
    public static Extent Reach => new(PageSize, (1UL << 31) - PageSize);

    /// <summary>The most bytes that one region can have.</summary>
    public const ulong LargestRegion = EndAddress - FirstAddress;

    // Regions are handed out upwards from here, leaving the addresses below to what wants a fixed place (a relocated kernel image).
    private const ulong FirstAddress = 0x4000_0000;
    private const ulong EndAddress = 0x7fff_0000;

    private static readonly Lock s_searchLock = new();
    private static ulong s_next = FirstAddress;

    private readonly Lock _lock = new();
    private readonly List<LowRegion> _regions = [];
    private bool _disposed;

    /// <summary>Maps <paramref name="size"/> bytes, rounded up to pages, all of them present and zero.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is 0, or more than the low 2 GiB can hold.</exception>
    /// <exception cref="InsufficientMemoryException">No gap of that size is left.</exception>
    public LowRegion Allocate(ulong size, LowAccess access)
    {
        if (size == 0 || size > LargestRegion)
            throw new ArgumentOutOfRangeException(nameof(size), size, $"a low region has 1 to {LargestRegion} bytes");
        ulong rounded = (size + PageSize - 1) & ~(PageSize - 1);
        nint address = MapSomewhere(rounded, ProtectionOf(access));
        var region = new LowRegion(this, new Extent((ulong)address, rounded));
        lock (_lock)
        {
            if (!_disposed)
            {
                _regions.Add(region);
                return region;
            }
        }
        region.Unmap();
        throw new ObjectDisposedException(nameof(LowMemory));
    }

    /// <summary>Releases every region.</summary>
    public void Dispose()
    {
        LowRegion[] regions;
        lock (_lock)
        {
            _disposed = true;
            regions = [.. _regions];
            _regions.Clear();
        }
        foreach (var region in regions)
            region.Unmap();
    }

    internal void Forget(LowRegion region)
    {
        lock (_lock)
        {
            if (!_regions.Remove(region))
                return;
        }
        region.Unmap();
    }

    internal static int ProtectionOf(LowAccess access) => access switch
    {
        LowAccess.None => LibC.ProtectNone,
        LowAccess.Data => LibC.ProtectRead | LibC.ProtectWrite,
        LowAccess.Code => LibC.ProtectRead | LibC.ProtectWrite | LibC.ProtectExecute,
        _ => throw new ArgumentOutOfRangeException(nameof(access), access, "not an access"),
    };

    private static nint MapSomewhere(ulong size, int protection)
    {
        lock (s_searchLock)
        {
            // Twice over the whole range at most: from where the last search ended, then from the start.
            for (int round = 0; round < 2; round++)
            {
                while (s_next < EndAddress && size <= EndAddress - s_next)
                {
                    if (TryMap(s_next, size, protection))
                    {
                        nint address = (nint)s_next;
                        // One page is left between neighbours, so that running off the end of a region traps.
                        s_next += size + PageSize;
                        return address;
                    }
                    s_next += 16 * PageSize;
                }
                s_next = FirstAddress;
            }
            throw new InsufficientMemoryException($"no gap of {size} bytes is left between 0x{FirstAddress:x} and 0x{EndAddress:x} for foreign code");
        }
    }

    private static bool TryMap(ulong address, ulong size, int protection)
    {
        nint got = LibC.Map((nint)address, (nuint)size, protection,
            LibC.MapPrivate | LibC.MapAnonymous | LibC.MapNoReserve | LibC.MapFixedNoReplace, -1, 0);
        if (got == (nint)address)
            return true;
        if (got != -1)
        {
            // A host kernel older than MAP_FIXED_NOREPLACE takes the address for a hint.
            _ = LibC.Unmap(got, (nuint)size);
        }
        else if (Marshal.GetLastPInvokeError() != LibC.ErrorExists)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"mapping {size} bytes at 0x{address:x} for foreign code");
        }
        return false;
    }
}

/// <summary>A run of pages in the low 2 GiB; belongs to a <see cref="LowMemory"/>.</summary>
public sealed unsafe class LowRegion : IDisposable
{
    private readonly LowMemory _owner;

    internal LowRegion(LowMemory owner, Extent extent)
    {
        _owner = owner;
        Extent = extent;
    }

    /// <summary>Where the region lies, in bytes.</summary>
    public Extent Extent { get; }

    /// <summary>The first address.</summary>
    public nint Address => (nint)Extent.First;

    /// <summary>The bytes, in place. Not to be touched where the access is <see cref="LowAccess.None"/>, nor after release.</summary>
    public Span<byte> Bytes => new((void*)Address, (int)Extent.Count);

    /// <summary>Changes what may be done to whole pages of the region.</summary>
    /// <param name="offset">Bytes from the start of the region, a multiple of the page size.</param>
    /// <param name="size">Bytes, rounded up to pages.</param>
    /// <param name="access">What is allowed from now on.</param>
    public void Protect(ulong offset, ulong size, LowAccess access)
    {
        if (offset % LowMemory.PageSize != 0 || !new Extent(0, Extent.Count).Contains(offset, size))
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"{size} bytes from there are no pages of a region of {Extent.Count} bytes");
        if (LibC.Protect((nint)(Extent.First + offset), (nuint)size, LowMemory.ProtectionOf(access)) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"changing the access of {size} bytes at {Extent.First + offset:x}");
    }

    /// <summary>Releases the pages.</summary>
    public void Dispose() => _owner.Forget(this);

    internal void Unmap() => _ = LibC.Unmap(Address, (nuint)Extent.Count);
}
