namespace DdeKit;

/// <summary>
/// A disk behind a driver, whichever system that came from: sectors to be read and written at bus addresses of the arena. Belongs to the holder of
/// the domain's baton.
/// </summary>
public abstract class DriverDisk
{
    /// <summary>Where it is, as the legacy system names it.</summary>
    public abstract string Name { get; }

    /// <summary>The model, as the disk says it; empty when the driver does not tell.</summary>
    public abstract string Model { get; }

    /// <summary>The serial number; empty when it has none.</summary>
    public abstract string Serial { get; }

    /// <summary>The firmware's revision; empty when the driver does not tell.</summary>
    public abstract string Firmware { get; }

    /// <summary>Bytes of a sector.</summary>
    public abstract uint SectorSize { get; }

    /// <summary>How many sectors it has.</summary>
    public abstract ulong Sectors { get; }

    /// <summary>Whether it may be written, as far as the disk is concerned.</summary>
    public abstract bool Writable { get; }

    /// <summary>A bus address of data must be a multiple of this many bytes, a power of two.</summary>
    public abstract uint Alignment { get; }

    /// <summary>Starts a request, whose end is told by <see cref="IDiskOwner.Completed"/>. One that is larger than the driver can do at once
    /// is done in pieces and completed once.</summary>
    /// <param name="operation">What to do.</param>
    /// <param name="sector">The first sector; 0 for a flush.</param>
    /// <param name="count">How many; 0 for a flush.</param>
    /// <param name="busAddress">Where the data is in the arena; 0 for a flush. It stays the request's until that is completed.</param>
    /// <param name="tag">The caller's own number for the request.</param>
    /// <exception cref="ArgumentOutOfRangeException">Sectors past the end, or data outside the arena or not aligned.</exception>
    /// <exception cref="InvalidOperationException">A write to a disk that is not <see cref="Writable"/>.</exception>
    public abstract void Submit(DiskOperation operation, ulong sector, uint count, ulong busAddress, ulong tag);
}

public abstract partial class DriverKernel
{
    private readonly List<DriverDisk> _disks = [];

    /// <summary>Who is told of disks. To be set before modules are loaded.</summary>
    public IDiskOwner? DiskOwner { get; set; }

    /// <summary>The disks that are there now, in the order in which they were found.</summary>
    public IReadOnlyList<DriverDisk> Disks => _disks;

    /// <summary>A disk was found and can be used.</summary>
    public void AddDisk(DriverDisk disk)
    {
        _disks.Add(disk);
        DiskOwner?.DiskAdded(disk);
    }

    /// <summary>A disk is gone; its requests have all been completed.</summary>
    public void RemoveDisk(DriverDisk disk)
    {
        _disks.Remove(disk);
        DiskOwner?.DiskRemoved(disk);
    }
}
