using L4;

namespace Bddf;

/// <summary>A partition that a table on the disk describes.</summary>
/// <param name="Name">The device's name for sessions, e.g. <c>disk0p1</c>.</param>
/// <param name="Scheme"><c>mbr</c> or <c>gpt</c>.</param>
/// <param name="Type">MBR: the type byte in lower-case hex without leading zeros (<c>83</c>, <c>f</c>); GPT: the type GUID in upper case.</param>
/// <param name="FirstSector">First sector, from the start of the disk.</param>
/// <param name="Sectors">Length in sectors.</param>
[MessageType]
public sealed record BlockPartition(string Name, string Scheme, string Type, ulong FirstSector, ulong Sectors);

/// <summary>What a driver has to do, as its sessions see it.</summary>
/// <param name="InFlight">Requests that it has, or would have if it lived.</param>
/// <param name="OldestNanoseconds">How long the oldest of them has been seen in flight, by calls of <see cref="IBlockAdmin.ReadLoad"/>: less
/// than its age, by at most the time between two calls.</param>
/// <param name="Replayed">Requests, of the sessions open now, that were done again after a driver's death.</param>
/// <param name="Refused">Completions that were refused: of requests that the driver did not have, or with a status that is not its to give.</param>
/// <param name="Complaint">What the driver at work was caught at by the guard below it; null while it seems honest.</param>
[MessageType]
public sealed record DriverLoad(uint InFlight, long OldestNanoseconds, long Replayed, long Refused, string? Complaint);

/// <summary>A disk and what is on it.</summary>
/// <param name="Name">The disk's name, e.g. <c>disk0</c>; stays the disk's own as long as the framework runs.</param>
/// <param name="Model">What the device says it is.</param>
/// <param name="Serial">The device's serial number.</param>
/// <param name="Driver">Who drives it: port and module, in the driver's words.</param>
/// <param name="SectorSize">Bytes in a logical sector.</param>
/// <param name="Sectors">Logical sectors.</param>
/// <param name="Writable">Whether the device takes writes at all.</param>
/// <param name="Partitions">The partitions in the order of the table, the extended one included; empty when the table is in error.</param>
/// <param name="PartitionError">What is wrong with the partition table, in one line; null when it is sound or there is none.</param>
/// <param name="Warnings">What is odd about the table but does not keep it from being used, a line each.</param>
/// <param name="State">Whether requests are done, wait, or are refused.</param>
/// <param name="Gone">Why the disk cannot be used any more; null while it can.</param>
[MessageType]
public sealed record BlockDeviceInfo(
    string Name, string Model, string Serial, string Driver, uint SectorSize, ulong Sectors, bool Writable,
    BlockPartition[] Partitions, string? PartitionError, string[] Warnings, DeviceState State, string? Gone);

/// <summary>What a session reaches, and how.</summary>
/// <param name="Device">The disk or partition.</param>
/// <param name="SectorSize">Bytes in a sector.</param>
/// <param name="Sectors">Length of the extent; its first sector has the number 0.</param>
/// <param name="Rights">What the session may do.</param>
/// <param name="Entries">Requests that may be in flight at a time.</param>
/// <param name="MaximumSectors">Sectors that one request may name at most.</param>
[MessageType]
public sealed record BlockSessionInfo(string Device, uint SectorSize, ulong Sectors, BlockRights Rights, uint Entries, uint MaximumSectors);

/// <summary>The fast way into a session: see <see cref="RequestRing"/>.</summary>
/// <param name="Ring">Dataspace of the ring.</param>
/// <param name="Doorbell">Portal to enter (any word) when requests were published; answers how many it took.</param>
/// <param name="Entries">Entries of the ring.</param>
[MessageType]
public sealed record SessionRing(Capability Ring, Capability Doorbell, uint Entries);

/// <summary>Running the framework: for the root task alone.</summary>
[Service]
public interface IBlockAdmin
{
    /// <summary>
    /// Has everything that a driver is to do authorised below it, and what it says it has done held against what its device did. Before the driver
    /// comes; its successors are guarded as well. A request that the driver says it has done and has not stays in flight, for its successor.
    /// </summary>
    /// <param name="name">The driver's name, as it will come.</param>
    /// <param name="guard">A gate of <see cref="IDiskGuard"/>.</param>
    /// <param name="complaints">Signalled when the driver was caught: see <see cref="DriverLoad.Complaint"/>. Whoever waits for it has to replace the
    /// driver.</param>
    /// <param name="bits">The bits to signal.</param>
    /// <exception cref="ServiceException"><see cref="ServiceError.Busy"/>: the driver is there, or has a guard.</exception>
    void GuardDriver(string name, Capability guard, Capability complaints, ulong bits);

    /// <summary>Takes the disks of a driver (a gate of <see cref="IDiskDriver"/>) into service and reads their partition tables,
    /// which blocks other calls to the framework for as long as the driver takes to answer.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.Busy"/>: the name is taken; <see cref="ServiceError.ServerGone"/>:
    /// the driver is gone; <see cref="ServiceError.BadArgument"/>: it describes a disk that cannot be.</exception>
    /// <param name="name">The driver's name.</param>
    /// <param name="diskDriver">Its gate.</param>
    /// <param name="isReplaceable">Whether the sessions wait, should the driver die, until <see cref="ReplaceDriver"/> or
    /// <see cref="GiveUpDriver"/>; otherwise they end with it.</param>
    void AddDriver(string name, Capability diskDriver, bool isReplaceable);

    /// <summary>
    /// Goes over to another driver of the same devices, be the one before dead or alive. Its disks are the same ones when model, serial number
    /// and size are; those that are missing are gone from then on, new ones are added. Sessions go on, and what was in flight is done again.
    /// The device was reset after the old driver ended: so it does nothing that the old one told it.
    /// </summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>; <see cref="ServiceError.BadArgument"/>: it describes a disk that
    /// cannot be; <see cref="ServiceError.ServerGone"/> and others: the new driver fails already; requests go on waiting for another one.</exception>
    void ReplaceDriver(string name, Capability diskDriver);

    /// <summary>Sends nothing to a driver any more, waits until it has done what it has, and takes the sessions' memory from it: for one that is
    /// to be replaced though it lives.</summary>
    /// <param name="name">The driver's name.</param>
    /// <param name="nanoseconds">How long to wait; other calls to the framework wait too.</param>
    /// <returns>Requests that it did not complete in time: the next driver does them (again).</returns>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>.</exception>
    uint SuspendDriver(string name, long nanoseconds);

    /// <summary>No other driver will come: the disks are gone, all that waits ends with <see cref="BlockStatus.DeviceGone"/>.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>.</exception>
    void GiveUpDriver(string name, string cause);

    /// <summary>What a driver has to do: by this it is seen whether it gets on with it.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>.</exception>
    DriverLoad ReadLoad(string name);

    /// <summary>Ends all sessions on the driver's disks and forgets them.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>.</exception>
    void RemoveDriver(string name);

    /// <summary>Makes a gate of <see cref="IBlockServer"/> for one client.</summary>
    /// <param name="name">The client's name, for messages.</param>
    /// <param name="ceiling">No session that is opened through the gate ever has more rights than these.</param>
    /// <exception cref="ServiceException"><see cref="ServiceError.Busy"/>: the name is taken.</exception>
    Capability CreateClient(string name, BlockRights ceiling);

    /// <summary>Ends all sessions of a client and refuses it new ones: for a client that died.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>.</exception>
    void RemoveClient(string name);
}

/// <summary>What a client may ask the framework for.</summary>
[Service]
public interface IBlockServer
{
    /// <summary>The names of all disks, also of those that are gone, in the order in which they came.</summary>
    string[] List();

    /// <summary>Describes one disk. One call a disk, because the partitions of many disks would not fit one message.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>.</exception>
    BlockDeviceInfo Describe(string disk);

    /// <summary>Opens a whole disk (<c>disk0</c>) or a partition (<c>disk0p1</c>).</summary>
    /// <returns>A gate of <see cref="IBlockSession"/>.</returns>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>: no such device; <see cref="ServiceError.AccessDenied"/>: more
    /// than the client may have, or than the device can do; <see cref="ServiceError.ServerGone"/>: the disk is gone;
    /// <see cref="ServiceError.Exhausted"/>: the client has as many sessions as it may have.</exception>
    Capability OpenSession(string device, BlockRights rights);

    /// <summary>Opens a part of a disk or partition; otherwise as <see cref="OpenSession"/>.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.BadArgument"/>: the sectors do not all lie in the device.</exception>
    Capability OpenExtent(string device, BlockRights rights, ulong firstSector, ulong sectors);
}

/// <summary>One client's session on an extent. Data goes through the ring; this is the control side.</summary>
[Service]
public interface IBlockSession
{
    /// <summary>What the session reaches.</summary>
    BlockSessionInfo Describe();

    /// <summary>Makes the ring. Once a session.</summary>
    /// <param name="completionNotification">Signalled once for each batch of completions.</param>
    /// <param name="bits">The bits to signal.</param>
    /// <exception cref="ServiceException"><see cref="ServiceError.Busy"/>: the session is connected already.</exception>
    SessionRing Connect(Capability completionNotification, ulong bits);

    /// <summary>Makes a dataspace usable as a buffer: the driver maps it for the device. The client keeps its own mapping.</summary>
    /// <returns>The buffer's number for requests, never 0.</returns>
    /// <exception cref="ServiceException"><see cref="ServiceError.Exhausted"/>: as many buffers as a session may have.</exception>
    uint AttachBuffer(Capability dataspace);

    /// <summary>Takes a buffer back: neither driver nor device touch it afterwards.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.Busy"/>: a request in flight uses it; <see cref="ServiceError.NotFound"/>.</exception>
    void DetachBuffer(uint buffer);

    /// <summary>Ends the session. Requests in flight end as they may or as <see cref="BlockStatus.Aborted"/>; neither driver nor device
    /// touch a buffer afterwards. Closing twice does no harm.</summary>
    void Close();
}
