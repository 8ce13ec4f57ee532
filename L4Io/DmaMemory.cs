using L4;

namespace L4Io;

/// <summary>
/// The memory that one bus master reaches: windows onto dataspaces, at bus addresses that the driver chose. The list is replaced whole
/// on a change, so that the device's accesses take no lock.
/// </summary>
internal sealed unsafe class DmaMemory : IGuardedMemory
{
    private readonly L4Task _task;
    private readonly PciAddress _device;
    private readonly IFunctionGuard? _guard;
    private Window[] _windows = [];

    internal DmaMemory(L4Task task, PciAddress device, IFunctionGuard? guard)
    {
        _guard = guard;
        _task = task;
        _device = device;
    }

    private sealed record Window(Extent Bus, DmaAccess Access, Mapping Mapping, ulong Dataspace, ulong Offset)
    {
        public nint Address { get; } = Mapping.Address + (nint)Offset;
    }

    /// <inheritdoc />
    public bool TryAccess(ulong address, int length, DmaAccess access, out Span<byte> memory)
    {
        foreach (var window in _windows)
        {
            if (window.Bus.Contains(address, (ulong)length) && (window.Access & access) == access)
            {
                memory = new Span<byte>((void*)(window.Address + (nint)(address - window.Bus.First)), length);
                return true;
            }
        }
        memory = default;
        _task.System.Events.Report("l4io", "dma-refused", $"{_device}: {access} of {length} bytes at bus address 0x{address:x} lies in none of its {_windows.Length} windows");
        return false;
    }

    /// <inheritdoc />
    public bool TryResolve(ulong address, ulong length, out ulong dataspace, out ulong offset)
    {
        foreach (var window in _windows)
        {
            if (!window.Bus.Contains(address, length))
                continue;
            dataspace = window.Dataspace;
            offset = window.Offset + (address - window.Bus.First);
            return true;
        }
        dataspace = offset = 0;
        return false;
    }

    /// <inheritdoc />
    public void OpenOwn(Capability dataspace, ulong busAddress) =>
        Open(dataspace, 0, _task.Open<Dataspace>(dataspace).Size, busAddress, DmaAccess.Read);

    internal void Open(Capability dataspace, ulong offset, ulong length, ulong busAddress, DmaAccess access)
    {
        var bus = new Extent(busAddress, length);
        var other = Array.Find(_windows, w => w.Bus.Overlaps(bus));
        if (other is not null)
            throw new ServiceException(ServiceError.Busy, $"{_device}: bus addresses 0x{busAddress:x}+{length} overlap the window 0x{other.Bus.First:x}+{other.Bus.Count}");
        if (length == 0 || length % Dataspace.PageSize != 0 || offset % Dataspace.PageSize != 0 || busAddress % Dataspace.PageSize != 0)
            throw new ServiceException(ServiceError.BadArgument, $"{_device}: a DMA window of {length} bytes from {offset} at 0x{busAddress:x} is not made of whole pages");
        // A device that writes memory needs the write right; the mapping itself is never wider than what the device may do.
        var rights = (access.HasFlag(DmaAccess.Read) ? CapabilityRights.Read : 0) | (access.HasFlag(DmaAccess.Write) ? CapabilityRights.Write : 0);
        var usable = dataspace;
        if ((_task.RightsOf(dataspace) & rights) != rights && _guard?.TryLend(_task.Open<Dataspace>(dataspace).Identity, rights, out var lent) == true)
            usable = lent;
        var target = _task.Open<Dataspace>(usable, rights);
        if (!new Extent(0, target.Size).Contains(offset, length))
            throw new ServiceException(ServiceError.BadArgument, $"{_device}: dataspace '{target.Name}' has {target.Size} bytes; {length} at {offset} do not fit");
        var mapping = _task.Map(usable, rights);
        _windows = [.. _windows, new Window(bus, access, mapping, target.Identity, offset)];
    }

    internal void Close(ulong busAddress, ulong length)
    {
        var window = Array.Find(_windows, w => w.Bus == new Extent(busAddress, length))
            ?? throw new ServiceException(ServiceError.NotFound, $"{_device}: no DMA window 0x{busAddress:x}+{length}");
        _windows = [.. _windows.Where(w => w != window)];
        window.Mapping.Dispose();
    }

    /// <summary>Closes all windows. The device must have been stopped.</summary>
    internal void CloseAll()
    {
        var windows = _windows;
        _windows = [];
        foreach (var window in windows)
            window.Mapping.Dispose();
    }
}
