using L4;

namespace L4Io;

/// <summary>What a PCI function occupies.</summary>
public enum ResourceKind : byte
{
    /// <summary>I/O ports.</summary>
    Ports = 1,

    /// <summary>Device memory.</summary>
    Memory = 2,

    /// <summary>An interrupt line; <see cref="PciResource.First"/> is its number.</summary>
    Interrupt = 3,
}

/// <summary>One piece of hardware that belongs to a PCI function.</summary>
/// <param name="Kind">Ports, memory or interrupt.</param>
/// <param name="Bar">Index of the base address register (0-5) that describes it; an IDE function in compatibility mode has its legacy ports
/// at the indices 0-3, as PCI's rules for IDE controllers place them; 255 for interrupts.</param>
/// <param name="First">First port, physical address or line.</param>
/// <param name="Count">Ports or bytes; 1 for an interrupt.</param>
public readonly record struct PciResource(ResourceKind Kind, byte Bar, ulong First, ulong Count)
{
    /// <summary>The numbers it covers.</summary>
    public Extent Extent => new(First, Count);
}

/// <summary>A PCI function as found on the bus.</summary>
/// <param name="Address">Where it sits.</param>
/// <param name="Vendor">Vendor id.</param>
/// <param name="Device">Device id.</param>
/// <param name="SubsystemVendor">Subsystem vendor id.</param>
/// <param name="Subsystem">Subsystem id.</param>
/// <param name="ClassCode">Base class, subclass and programming interface, 24 bits.</param>
/// <param name="Revision">Revision id.</param>
/// <param name="Resources">What it occupies.</param>
/// <param name="NeedsDelays">Whether the device needs the time that a driver lets pass in delay loops: see <see cref="IMachine.NeedsDelays"/>.</param>
/// <param name="Holder">The task that it is granted to; null when it is free.</param>
[MessageType]
public sealed record PciFunctionInfo(
    PciAddress Address,
    ushort Vendor,
    ushort Device,
    ushort SubsystemVendor,
    ushort Subsystem,
    uint ClassCode,
    byte Revision,
    PciResource[] Resources,
    bool NeedsDelays,
    string? Holder);

/// <summary>The I/O server: all of the machine. Only the root holds it; drivers get single functions.</summary>
[Service]
public interface IIoServer
{
    /// <summary>All PCI functions, in bus order.</summary>
    PciFunctionInfo[] List();

    /// <summary>Grants one function to <paramref name="holder"/> (a task's name, for messages): the result is a gate for <see cref="IPciFunction"/>.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>: nothing is at that address. <see cref="ServiceError.Busy"/>:
    /// somebody holds it; the text says who.</exception>
    Capability Grant(PciAddress address, string holder);

    /// <summary>The guard of a function, for who authorises commands to its device: see <see cref="IFunctionGuard.Gate"/>. Null when the function
    /// has none.</summary>
    Capability GuardOf(PciAddress address);

    /// <summary>Takes a function back, whatever its holder still has of it: ports and interrupts go, bus mastering stops, DMA windows close, and the
    /// function is reset. When this returns no access of the holder is under way, and none comes.</summary>
    void Revoke(PciAddress address);
}

/// <summary>One PCI function, granted to one driver task.</summary>
[Service]
public interface IPciFunction
{
    /// <summary>What the function is and occupies.</summary>
    PciFunctionInfo Describe();

    /// <summary>Reads 1, 2 or 4 bytes of configuration space.</summary>
    uint ReadConfig(ushort offset, byte width);

    /// <summary>Writes configuration space. Base address registers stay as the I/O server set them: such a write is refused.</summary>
    void WriteConfig(ushort offset, byte width, uint value);

    /// <summary>Claims ports of the function. The result is a portal that speaks <see cref="RegisterWord"/>.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.AccessDenied"/>: they are not the function's; <see cref="ServiceError.Busy"/>:
    /// they are claimed already. The text says who holds what.</exception>
    Capability RequestPorts(ushort first, ushort count);

    /// <summary>Gives ports back; the portal refuses from then on.</summary>
    void ReleasePorts(ushort first, ushort count);

    /// <summary>Claims device memory of the function. The result is a portal that speaks <see cref="RegisterWord"/> with offsets from
    /// <paramref name="address"/>; at most 16 MiB.</summary>
    Capability RequestMemory(ulong address, ulong length);

    /// <summary>Gives device memory back.</summary>
    void ReleaseMemory(ulong address, ulong length);

    /// <summary>Claims an interrupt line of the function: <paramref name="bits"/> of <paramref name="notification"/> are signalled when it is high. The
    /// result is an interrupt object, to be acknowledged after each delivery.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.AccessDenied"/>: the line is not the function's, or the notification may not be
    /// signalled; <see cref="ServiceError.Busy"/>: it is claimed already.</exception>
    Capability RequestInterrupt(uint line, Capability notification, ulong bits);

    /// <summary>Gives an interrupt line back: it delivers nothing any more.</summary>
    void ReleaseInterrupt(uint line);

    /// <summary>Claims the function's service: <paramref name="bits"/> of <paramref name="notification"/> are signalled when a device model
    /// has something to do that no register access started. The result is a portal for <see cref="RegisterWord.Service"/>, to be entered
    /// then, by the thread that accesses the registers. It answers when to enter it again at the latest, in nanoseconds of the system's clock.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.Busy"/>: it is claimed already; <see cref="ServiceError.AccessDenied"/>: the
    /// notification may not be signalled.</exception>
    Capability RequestService(Capability notification, ulong bits);

    /// <summary>Lets the device reach a piece of a dataspace at a bus address. Offset, length and address are multiples of the page size.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.Busy"/>: a window is there already; <see cref="ServiceError.AccessDenied"/>:
    /// the dataspace capability lacks the right.</exception>
    void MapDma(Capability dataspace, ulong offset, ulong length, ulong busAddress, DmaAccess access);

    /// <summary>Closes the window that was opened with exactly these numbers.</summary>
    void UnmapDma(ulong busAddress, ulong length);
}
