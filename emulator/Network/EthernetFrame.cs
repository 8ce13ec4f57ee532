namespace Emulator;

/// <summary>Sizes of an Ethernet frame: IEEE 802.3, 3.1.1.</summary>
internal static class EthernetFrame
{
    /// <summary>Two addresses and the type: less is no frame.</summary>
    public const int HeaderBytes = 14;

    /// <summary>The check sequence behind the data, which the wire of this machine does not carry.</summary>
    public const int CheckSequenceBytes = 4;
}
