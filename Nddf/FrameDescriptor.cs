namespace Nddf;

/// <summary>What the holder of a session may do.</summary>
[Flags]
public enum NicRights : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Get frames that are addressed to the card, to all, or to a group.</summary>
    Receive = 1,

    /// <summary>Send frames.</summary>
    Transmit = 2,

    /// <summary>Get all frames that pass on the wire. Means something only with <see cref="Receive"/>.</summary>
    Promiscuous = 4,

    /// <summary>Everything.</summary>
    All = Receive | Transmit | Promiscuous,
}

/// <summary>Which way the frames of a queue go.</summary>
public enum NicDirection : uint
{
    /// <summary>From the client to the wire.</summary>
    Transmit = 0,

    /// <summary>From the wire to the client.</summary>
    Receive = 1,
}

/// <summary>What became of a frame, or of a slot for one.</summary>
public enum FrameStatus : byte
{
    /// <summary>Handed to the device, or received.</summary>
    Ok = 0,

    /// <summary>The descriptor makes no sense: no such slot, or something set that has no meaning. Nothing was done.</summary>
    Malformed = 1,

    /// <summary>Less than an Ethernet header. Nothing was done.</summary>
    TooShort = 2,

    /// <summary>Longer than the card's MTU and header. Nothing was done.</summary>
    TooLong = 3,

    /// <summary>The slot is in flight already, and stays so. Nothing was done.</summary>
    InFlight = 4,

    /// <summary>The device, or its driver, did not take the frame; it is lost, as a network may lose frames.</summary>
    Dropped = 5,

    /// <summary>The queue was closed before the slot was used.</summary>
    Aborted = 6,

    /// <summary>The device or its driver failed.</summary>
    DeviceFault = 7,

    /// <summary>The card or its driver is gone.</summary>
    DeviceGone = 8,

    /// <summary>The driver ended while it had the frame, and another took its place; whether the frame was sent is not known.</summary>
    Lost = 9,
}

/// <summary>One frame on its way, or the slot for one: what lies in a <see cref="FrameRing"/>, in one 64-bit word.</summary>
/// <param name="Slot">Number of the slot in the queue's frame memory.</param>
/// <param name="Length">Bytes of the frame, without its checksum; 0 for a slot that waits for one.</param>
/// <param name="Status">What became of it; <see cref="FrameStatus.Ok"/> when it is handed over.</param>
public readonly record struct FrameDescriptor(uint Slot, uint Length, FrameStatus Status = FrameStatus.Ok)
{
    private const int SlotShift = 16;
    private const int StatusShift = 32;
    private const ulong Meaningless = 0x7fff_ff00_0000_0000;

    /// <summary>The word without its phase bit.</summary>
    internal ulong Pack() => Length & 0xffff | (ulong)(Slot & 0xffff) << SlotShift | (ulong)Status << StatusShift;

    /// <summary>What a word says. Bits without a meaning make it malformed, so that they can get one later.</summary>
    internal static FrameDescriptor Unpack(ulong word) => new(
        (uint)(word >> SlotShift & 0xffff), (uint)(word & 0xffff),
        (word & Meaningless) == 0 ? (FrameStatus)(word >> StatusShift & 0xff) : FrameStatus.Malformed);
}
