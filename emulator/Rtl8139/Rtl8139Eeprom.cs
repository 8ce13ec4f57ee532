using System.Net.NetworkInformation;

namespace Emulator;

/// <summary>What is in the EEPROM of a card: RTL8139C(L), "EEPROM (93C46 or 93C56) contents".</summary>
internal static class Rtl8139Eeprom
{
    /// <summary>The first of three words of the station's address.</summary>
    public const int StationWord = 7;

    // Says that the contents are valid.
    private const ushort Signature = 0x8129;

    /// <summary>The contents for a station address.</summary>
    public static ushort[] Contents(PhysicalAddress address)
    {
        byte[] station = address.GetAddressBytes();
        ushort[] words = new ushort[MicrowireEeprom.WordCount];
        words[0] = Signature;
        words[1] = words[3] = Rtl8139.VendorId;
        words[2] = words[4] = Rtl8139.DeviceId;
        for (int i = 0; i < 3; i++)
            words[StationWord + i] = (ushort)(station[2 * i] | station[2 * i + 1] << 8);
        return words;
    }
}
