using L4;

namespace Bddf;

/// <summary>A disk as it identified itself to whatever stands below its driver.</summary>
/// <param name="Unit">Its number at the guard.</param>
/// <param name="Model">What the device says it is, without padding.</param>
/// <param name="Serial">The serial number, without padding.</param>
/// <param name="Sectors">Logical sectors.</param>
/// <param name="SectorSize">Bytes in a logical sector.</param>
[MessageType]
public sealed record GuardedDisk(uint Unit, string Model, string Serial, ulong Sectors, uint SectorSize);

/// <summary>
/// Something below a disk driver that reads each command as the driver gives it to the device, and lets through only what the framework
/// authorised. The framework and the guard trust each other; neither trusts the driver.
/// </summary>
[Service]
public interface IDiskGuard
{
    /// <summary>The disks that have identified themselves so far, in the order of their units.</summary>
    GuardedDisk[] List();

    /// <summary>Opens one table of authorities for a disk.</summary>
    /// <param name="unit">The disk.</param>
    /// <param name="table">A dataspace for an <see cref="AuthorityTable"/>.</param>
    /// <param name="entries">Entries of the table.</param>
    /// <returns>A gate of <see cref="IAuthorityTable"/>.</returns>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>: no such disk; <see cref="ServiceError.BadArgument"/>: the
    /// dataspace is too small.</exception>
    Capability OpenTable(uint unit, Capability table, uint entries);
}

/// <summary>The control side of one table of authorities.</summary>
[Service]
public interface IAuthorityTable
{
    /// <summary>Makes a dataspace known as a buffer.</summary>
    /// <returns>The buffer's number in authorities, not 0.</returns>
    /// <exception cref="ServiceException"><see cref="ServiceError.Exhausted"/>: as many buffers as a table may have.</exception>
    uint AttachBuffer(Capability dataspace);

    /// <summary>Forgets a buffer.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>.</exception>
    void DetachBuffer(uint buffer);

    /// <summary>Ends the table: nothing in it authorises anything any more.</summary>
    void Close();
}
