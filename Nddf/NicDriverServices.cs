using L4;

namespace Nddf;

/// <summary>A card as its driver sees it.</summary>
/// <param name="Driver">Port and module, for people.</param>
/// <param name="MinimumMtu">The smallest MTU that it takes.</param>
/// <param name="MaximumMtu">The largest MTU that it takes.</param>
[MessageType]
public sealed record NicDescription(string Driver, uint MinimumMtu, uint MaximumMtu);

/// <summary>A card's changing state.</summary>
/// <param name="Address">The address that it takes frames for.</param>
/// <param name="Mtu">Bytes of payload that a frame may have.</param>
/// <param name="IsLinkUp">Whether the wire is connected and lives.</param>
/// <param name="Statistics">Its counters.</param>
[MessageType]
public sealed record NicReading(HardwareAddress Address, uint Mtu, bool IsLinkUp, NicStatistics Statistics);

/// <summary>How a channel is used.</summary>
/// <param name="Gate">A gate of <see cref="INicChannel"/>.</param>
/// <param name="Doorbell">Notification to signal when frames were handed over for transmission, or slots for a reception that waits for them.</param>
/// <param name="DoorbellBits">The bits to signal.</param>
[MessageType]
public sealed record NicChannelSetup(Capability Gate, Capability Doorbell, ulong DoorbellBits);

/// <summary>A task that drives network cards.</summary>
[Service]
public interface INicDriver
{
    /// <summary>The cards. Their number and order never change.</summary>
    NicDescription[] List();

    /// <summary>Reads a card's state.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>: no such card.</exception>
    NicReading Read(uint nic);

    /// <summary>Gives a card another address.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>; <see cref="ServiceError.DeviceError"/>: the driver refuses.</exception>
    void SetAddress(uint nic, HardwareAddress address);

    /// <summary>Sets a card's MTU; it is in the range of the description.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>; <see cref="ServiceError.DeviceError"/>: the driver refuses.</exception>
    void SetMtu(uint nic, uint mtu);

    /// <summary>Opens one stream of frames from or to a card. The card works while it has at least one.</summary>
    /// <param name="nic">Index into <see cref="List"/>.</param>
    /// <param name="direction">Which way the frames go.</param>
    /// <param name="promiscuous">Whether the stream gets all frames on the wire. Without it, those for the card's address, for all, and for groups.</param>
    /// <param name="frames">The frames' memory, to be mapped for the device (transmission; only to be read) or written by the driver (reception).</param>
    /// <param name="slots">Slots in it.</param>
    /// <param name="ring">A ring (see <see cref="FrameRing"/>) with as many slots, shared by framework and driver alone.</param>
    /// <param name="portal">Portal to enter after slots were given back, once a batch, and when the link changes:
    /// <see cref="FrameChannelEnd"/> does it.</param>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>: no such card; <see cref="ServiceError.DeviceError"/>: it does not
    /// start.</exception>
    NicChannelSetup OpenChannel(uint nic, NicDirection direction, bool promiscuous, Capability frames, uint slots, Capability ring, Capability portal);
}

/// <summary>One stream of frames. <see cref="FrameChannelEnd"/> does what all drivers need.</summary>
/// <remarks>
/// For transmission the framework rings the doorbell after it handed frames over; it has checked slots and lengths. Slots for reception are
/// there to be taken when a frame comes; the doorbell is rung for them only while the driver says that it waits (<see cref="FrameChannelEnd.MustWaitForRoom"/>). A driver gives each slot back exactly once, in any order.
/// </remarks>
[Service]
public interface INicChannel
{
    /// <summary>Ends the channel: when this returns no portal is entered any more, and neither driver nor device touch the frames' memory.
    /// Slots that were not given back never will be.</summary>
    void Close();
}
