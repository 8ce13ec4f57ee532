using L4;

namespace Nddf;

/// <summary>
/// The layout of a ring for frames in a shared dataspace, one ring a queue:
/// <list type="bullet">
/// <item>a line of 64 bytes whose first 32-bit word is the card's <see cref="NicState"/>;</item>
/// <item><c>slots</c> words of 64 bits: descriptors handed over for transmission, or slots handed over for reception;</item>
/// <item><c>slots</c> words of 64 bits: the same descriptors coming back, sent or filled.</item>
/// </list>
/// There are as many words each way as the queue has slots and a slot is in flight once, so neither way can overflow and no index need be
/// shared. A word is valid when its highest bit, the phase, is that of the reader's lap (as in NVM Express 1.4, section 4.6): descriptor and validity
/// are one store and one load, so what the peer wrote is read exactly once by construction.
/// </summary>
public static class FrameRing
{
    /// <summary>Bytes of a slot: a frame with the largest MTU, 2034, and its header.</summary>
    public const int SlotBytes = 2048;

    /// <summary>Bytes before the payload: two addresses and the type (IEEE 802.3-2018, section 3.1.1).</summary>
    public const int HeaderBytes = 14;

    /// <summary>The most slots that a queue can have.</summary>
    public const uint MaximumSlots = 4096;

    internal const int StateAt = 0;
    internal const int SubmissionsAt = 64;
    internal const int WordBytes = 8;
    internal const ulong Phase = 1UL << 63;

    /// <summary>Bytes of a ring for <paramref name="slots"/> slots.</summary>
    /// <exception cref="ServiceException">Not a power of two up to <see cref="MaximumSlots"/>.</exception>
    public static ulong BytesFor(uint slots)
    {
        if (!uint.IsPow2(slots) || slots > MaximumSlots)
            throw new ServiceException(ServiceError.BadArgument, $"a queue of {slots} slots was asked for; a power of two up to {MaximumSlots} is possible");
        return SubmissionsAt + 2 * (ulong)slots * WordBytes;
    }

    internal static ulong CompletionsAt(uint slots) => SubmissionsAt + (ulong)slots * WordBytes;

    /// <summary>The address of the ring in <paramref name="mapping"/>, which is checked to hold all of it.</summary>
    internal static unsafe byte* AddressIn(Mapping mapping, uint slots)
    {
        ulong bytes = BytesFor(slots);
        return new Extent(0, mapping.Length).Contains(0, bytes)
            ? (byte*)mapping.Address
            : throw new ServiceException(ServiceError.BadArgument, $"the ring's dataspace has {mapping.Length} bytes; {bytes} are needed for {slots} slots");
    }
}

/// <summary>What is to be known of a card without asking.</summary>
[Flags]
public enum NicState : uint
{
    /// <summary>The card is there; its link is down.</summary>
    None = 0,

    /// <summary>The link is up.</summary>
    LinkUp = 1,

    /// <summary>The card or its driver is gone, or the session closed.</summary>
    Gone = 2,

    /// <summary>Between framework and driver only: the driver of a reception waits for slots, and its doorbell is to be rung for the next ones.</summary>
    WantsSlots = 4,
}
