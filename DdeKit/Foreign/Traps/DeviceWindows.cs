using L4;

namespace DdeKit.Foreign;

/// <summary>
/// Addresses that stand for device memory: pages without access, so that each load and store traps. Used by the holder of the domain's
/// baton only.
/// </summary>
public sealed class DeviceWindows
{
    private readonly LowMemory _memory;
    private readonly List<Window> _windows = [];

    /// <param name="memory">Where the windows go.</param>
    public DeviceWindows(LowMemory memory) => _memory = memory;

    /// <summary>Where the windows are.</summary>
    internal LowMemory Memory => _memory;

    /// <summary>Makes a window.</summary>
    /// <param name="physical">The physical address of the device memory; its place in the page is kept.</param>
    /// <param name="length">Bytes, 1 or more.</param>
    /// <returns>The address that stands for <paramref name="physical"/>.</returns>
    public nint Map(ulong physical, ulong length)
    {
        ArgumentOutOfRangeException.ThrowIfZero(length);
        ulong inPage = physical % LowMemory.PageSize;
        var region = _memory.Allocate(length + inPage, LowAccess.None);
        var window = new Window(region, new Extent(region.Extent.First + inPage, length), physical);
        _windows.Add(window);
        return (nint)window.Extent.First;
    }

    /// <summary>Takes back a window.</summary>
    /// <param name="address">What <see cref="Map"/> returned, or any address of that window.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such window.</exception>
    public void Unmap(nint address)
    {
        int index = _windows.FindIndex(window => window.Extent.Contains(unchecked((ulong)address)));
        if (index < 0)
            throw new ArgumentOutOfRangeException(nameof(address), $"0x{address:x}", "no device window is there");
        _windows[index].Region.Dispose();
        _windows.RemoveAt(index);
    }

    /// <summary>Whether all of the accessed bytes lie in one window, and what they stand for.</summary>
    public bool TryTranslate(ulong address, int width, out ulong physical)
    {
        foreach (var window in _windows)
        {
            if (window.Extent.Contains(address, (ulong)width))
            {
                physical = window.Physical + (address - window.Extent.First);
                return true;
            }
        }
        physical = 0;
        return false;
    }

    private readonly record struct Window(LowRegion Region, Extent Extent, ulong Physical);
}
