using L4;

namespace Nddf;

/// <summary>A network card.</summary>
/// <param name="Name">Its name for sessions, e.g. <c>nic0</c>; stays the card's own as long as the framework runs.</param>
/// <param name="Driver">Who drives it: port and module, in the driver's words.</param>
/// <param name="Address">The address that the card takes frames for.</param>
/// <param name="Mtu">Bytes of payload that a frame may have.</param>
/// <param name="IsLinkUp">Whether the wire is connected and lives.</param>
/// <param name="State">Whether it has a driver, waits for another, or was given up.</param>
/// <param name="FramesLost">Frames for transmission that were with a driver when it ended, and came back as <see cref="FrameStatus.Lost"/>.
/// What came from the wire while there was no driver was lost on the wire; nobody saw it.</param>
/// <param name="Gone">Why the card cannot be used any more; null while it can.</param>
[MessageType]
public sealed record NicInfo(
    string Name, string Driver, HardwareAddress Address, uint Mtu, bool IsLinkUp, DeviceState State, ulong FramesLost, string? Gone);

/// <summary>What a card has done since its driver started, as the driver counts.</summary>
/// <param name="FramesTransmitted">Frames that the device took.</param>
/// <param name="BytesTransmitted">Their bytes, without checksums.</param>
/// <param name="TransmitDropped">Frames that device or driver did not take.</param>
/// <param name="FramesReceived">Frames that the device brought.</param>
/// <param name="BytesReceived">Their bytes, without checksums.</param>
/// <param name="ReceiveErrors">Frames that the device found to be damaged, or had no memory for.</param>
/// <param name="ReceiveDropped">Frames that were good but lost, because a session that wanted them had handed over no slot.</param>
[MessageType]
public sealed record NicStatistics(
    ulong FramesTransmitted, ulong BytesTransmitted, ulong TransmitDropped,
    ulong FramesReceived, ulong BytesReceived, ulong ReceiveErrors, ulong ReceiveDropped);

/// <summary>What a session reaches, and how.</summary>
/// <param name="Nic">The card.</param>
/// <param name="Address">The address that it takes frames for.</param>
/// <param name="Mtu">Bytes of payload that a frame may have.</param>
/// <param name="Rights">What the session may do.</param>
[MessageType]
public sealed record NicSessionInfo(string Nic, HardwareAddress Address, uint Mtu, NicRights Rights);

/// <summary>The fast way into one queue of a session: see <see cref="FrameRing"/>.</summary>
/// <param name="Ring">Dataspace of the ring.</param>
/// <param name="Doorbell">Portal to enter (any word) when slots were handed over; answers how many it took.</param>
[MessageType]
public sealed record QueueRing(Capability Ring, Capability Doorbell);

/// <summary>Running the framework: for the root task alone.</summary>
[Service]
public interface INicAdmin
{
    /// <summary>Takes the cards of a driver (a gate of <see cref="INicDriver"/>) into service, which blocks other calls to the framework for as
    /// long as the driver takes to answer.</summary>
    /// <returns>The cards' names.</returns>
    /// <exception cref="ServiceException"><see cref="ServiceError.Busy"/>: the name is taken; <see cref="ServiceError.ServerGone"/>:
    /// the driver is gone; <see cref="ServiceError.BadArgument"/>: it describes a card that cannot be.</exception>
    /// <param name="name">The driver's name.</param>
    /// <param name="nicDriver">Its gate.</param>
    /// <param name="isReplaceable">Whether the sessions wait, should the driver die, until <see cref="ReplaceDriver"/> or
    /// <see cref="GiveUpDriver"/>; otherwise they end with it.</param>
    string[] AddDriver(string name, Capability nicDriver, bool isReplaceable);

    /// <summary>
    /// Goes over to another driver of the same device, be the one before dead or alive. A card is the same one when its own address is; one that
    /// is missing is gone from then on. Sessions go on: address, MTU and what each session wants to receive are restored, the link is shown as
    /// it is then, and frames that the old driver had come back as <see cref="FrameStatus.Lost"/>. The device was reset after the old driver ended.
    /// </summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>; <see cref="ServiceError.ServerGone"/> and others: the new driver
    /// fails already; sessions go on waiting for another one.</exception>
    void ReplaceDriver(string name, Capability nicDriver);

    /// <summary>Hands nothing to a driver any more, waits until it has sent what it has, and takes the sessions' memory from it: for one that is to
    /// be replaced though it lives.</summary>
    /// <param name="name">The driver's name.</param>
    /// <param name="nanoseconds">How long to wait; other calls to the framework wait too.</param>
    /// <returns>Sessions that it still had frames of.</returns>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>.</exception>
    uint SuspendDriver(string name, long nanoseconds);

    /// <summary>No other driver will come: the cards are gone, all slots come back with <see cref="FrameStatus.DeviceGone"/>.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>.</exception>
    void GiveUpDriver(string name, string cause);

    /// <summary>Ends all sessions on the driver's cards and forgets them.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>.</exception>
    void RemoveDriver(string name);

    /// <summary>Makes a gate of <see cref="INicServer"/> for one client.</summary>
    /// <param name="name">The client's name, for messages.</param>
    /// <param name="ceiling">No session that is opened through the gate ever has more rights than these.</param>
    /// <exception cref="ServiceException"><see cref="ServiceError.Busy"/>: the name is taken.</exception>
    Capability CreateClient(string name, NicRights ceiling);

    /// <summary>Ends all sessions of a client and refuses it new ones: for a client that died.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>.</exception>
    void RemoveClient(string name);

    /// <summary>Gives a card another address. Open sessions keep their description of the old one.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>; <see cref="ServiceError.BadArgument"/>: no station can have that
    /// address; <see cref="ServiceError.DeviceError"/>: the driver refuses.</exception>
    void SetAddress(string nic, HardwareAddress address);

    /// <summary>Sets a card's MTU. Only while it has no sessions, whose slots and checks are made for the old one.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>; <see cref="ServiceError.Busy"/>: it has sessions;
    /// <see cref="ServiceError.BadArgument"/>: out of the card's range; <see cref="ServiceError.DeviceError"/>: the driver refuses.</exception>
    void SetMtu(string nic, uint mtu);
}

/// <summary>What a client may ask the framework for.</summary>
[Service]
public interface INicServer
{
    /// <summary>The names of all cards, also of those that are gone, in the order in which they came.</summary>
    string[] List();

    /// <summary>Describes one card as it is now.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>.</exception>
    NicInfo Describe(string nic);

    /// <summary>The card's counters.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>; <see cref="ServiceError.ServerGone"/>: the card is gone.</exception>
    NicStatistics ReadStatistics(string nic);

    /// <summary>Opens a card.</summary>
    /// <returns>A gate of <see cref="INicSession"/>.</returns>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>: no such card; <see cref="ServiceError.AccessDenied"/>: more
    /// than the client may have; <see cref="ServiceError.ServerGone"/>: the card is gone; <see cref="ServiceError.Exhausted"/>: the client
    /// has as many sessions as it may have; <see cref="ServiceError.BadArgument"/>: no rights, or unknown ones.</exception>
    Capability OpenSession(string nic, NicRights rights);
}

/// <summary>One client's session on a card. Frames go through the queues' rings; this is the control side.</summary>
[Service]
public interface INicSession
{
    /// <summary>What the session reaches.</summary>
    NicSessionInfo Describe();

    /// <summary>Makes one queue. Once a direction.</summary>
    /// <param name="direction">Which way its frames go; the session needs the right for it.</param>
    /// <param name="frames">The client's memory for frames: a dataspace with <paramref name="slots"/> slots of
    /// <see cref="FrameRing.SlotBytes"/>. For <see cref="NicDirection.Transmit"/> the right to read is enough; it is mapped so.</param>
    /// <param name="slots">How many slots, a power of two up to <see cref="FrameRing.MaximumSlots"/>.</param>
    /// <param name="notification">Signalled once for each batch of slots that come back, and when the link changes.</param>
    /// <param name="bits">The bits to signal.</param>
    /// <exception cref="ServiceException"><see cref="ServiceError.Busy"/>: the queue is there already; <see cref="ServiceError.AccessDenied"/>:
    /// the session, or a capability, lacks the right; <see cref="ServiceError.BadArgument"/>: slots or memory do not fit.</exception>
    QueueRing Connect(NicDirection direction, Capability frames, uint slots, Capability notification, ulong bits);

    /// <summary>Ends the session. Slots in flight come back as they may or as <see cref="FrameStatus.Aborted"/>; neither driver nor device
    /// touch the frames' memory afterwards. Closing twice does no harm.</summary>
    void Close();
}
