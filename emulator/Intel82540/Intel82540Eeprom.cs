using System.Net.NetworkInformation;

namespace Emulator;

/// <summary>What is in the EEPROM of a card: section 5.6, "EEPROM address map".</summary>
internal static class Intel82540Eeprom
{
    private const int SubsystemId = 0x0b;
    private const int SubsystemVendor = 0x0c;
    private const int DeviceId = 0x0d;
    private const int VendorId = 0x0e;
    private const int Checksum = 0x3f;

    // All words together give this (section 5.6.35).
    private const ushort ChecksumTotal = 0xbaba;

    /// <summary>The contents for a station address.</summary>
    public static ushort[] Contents(PhysicalAddress address)
    {
        byte[] station = address.GetAddressBytes();
        ushort[] words = new ushort[MicrowireEeprom.WordCount];
        for (int i = 0; i < 3; i++)
            words[i] = (ushort)(station[2 * i] | station[2 * i + 1] << 8);
        // Initialization control 1: bits 15:14 are the signature of a valid EEPROM, 01b. Control 2: symmetric and asymmetric pause.
        words[0x0a] = 0x4000;
        words[SubsystemId] = Intel82540.DeviceId;
        words[SubsystemVendor] = Intel82540.VendorId;
        words[DeviceId] = Intel82540.DeviceId;
        words[VendorId] = Intel82540.VendorId;
        words[0x0f] = 0x3000;
        ushort sum = 0;
        foreach (ushort word in words)
            sum = unchecked((ushort)(sum + word));
        words[Checksum] = unchecked((ushort)(ChecksumTotal - sum));
        return words;
    }
}
