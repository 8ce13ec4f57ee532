using L4;

namespace Bddf;

/// <summary>A disk as its driver sees it.</summary>
/// <param name="Model">What the device says it is, without padding.</param>
/// <param name="Serial">The serial number, without padding.</param>
/// <param name="Firmware">The firmware's revision, without padding.</param>
/// <param name="SectorSize">Bytes in a logical sector: a power of two from 512 to 4096.</param>
/// <param name="Sectors">Logical sectors, at least 1.</param>
/// <param name="MaximumSectors">Sectors that one request may name at most, at least 1.</param>
/// <param name="Driver">Port and module, for people.</param>
/// <param name="Writable">Whether the device takes writes.</param>
[MessageType]
public sealed record DiskInfo(
    string Model, string Serial, string Firmware, uint SectorSize, ulong Sectors, uint MaximumSectors, string Driver, bool Writable);

/// <summary>How a channel is used.</summary>
/// <param name="Ring">Dataspace of the ring; see <see cref="RequestRing"/>.</param>
/// <param name="Doorbell">Notification to signal when requests were published.</param>
/// <param name="DoorbellBits">The bits to signal.</param>
[MessageType]
public sealed record ChannelSetup(Capability Ring, Capability Doorbell, ulong DoorbellBits);

/// <summary>A task that drives disks.</summary>
[Service]
public interface IDiskDriver
{
    /// <summary>The disks. Their number and order never change: a disk that goes away answers <see cref="BlockStatus.DeviceGone"/>.</summary>
    DiskInfo[] List();

    /// <summary>Opens one stream of requests to a disk.</summary>
    /// <param name="disk">Index into <see cref="List"/>.</param>
    /// <param name="completionPortal">Portal to enter (any word) after completions were written: once a batch.</param>
    /// <param name="entries">Entries of the ring; so many requests are in flight at most.</param>
    /// <returns>A gate of <see cref="IDiskChannel"/>.</returns>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>: no such disk.</exception>
    Capability OpenChannel(uint disk, Capability completionPortal, uint entries);
}

/// <summary>One stream of requests to one disk. <see cref="DiskChannelEnd"/> does what all drivers need.</summary>
/// <remarks>
/// The framework has checked rights, extents, buffer ranges and alignment; sectors count from the start of the disk. The driver answers each
/// request exactly once, in any order. Flush covers all writes that were completed before it was submitted.
/// </remarks>
[Service]
public interface IDiskChannel
{
    /// <summary>The ring and the doorbell. Called once.</summary>
    ChannelSetup Setup();

    /// <summary>Maps a dataspace for the device.</summary>
    /// <param name="dataspace">The client's memory. What the driver itself may do with it is what the capability allows: below a driver that is
    /// guarded no more than reading, because the driver has no business in it, and the device gets its right from the guard.</param>
    /// <param name="isWritable">Whether requests may read into it, so that the device needs to write to it.</param>
    /// <returns>The buffer's number in this channel's requests, not 0.</returns>
    uint AttachBuffer(Capability dataspace, bool isWritable);

    /// <summary>Unmaps a buffer that no request in flight uses.</summary>
    void DetachBuffer(uint buffer);

    /// <summary>Ends the channel: when this returns, every request taken has been completed (with <see cref="BlockStatus.Aborted"/> if need be),
    /// no completion portal is entered any more, and the device does not touch the buffers.</summary>
    void Close();
}
