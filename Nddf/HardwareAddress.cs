using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Nddf;

/// <summary>An Ethernet address (IEEE 802-2014, section 8.2): 48 bits, the first octet on the wire in the highest of them.</summary>
/// <param name="Value">The bits; those above 48 are 0.</param>
public readonly record struct HardwareAddress(ulong Value)
{
    /// <summary>Octets of an address.</summary>
    public const int Octets = 6;

    /// <summary>The address that every station takes frames for.</summary>
    public static HardwareAddress Broadcast => new(0xffff_ffff_ffff);

    /// <summary>Whether it names a group of stations: the first bit on the wire, which is bit 0 of the first octet.</summary>
    public bool IsGroup => (Value >> 40 & 1) != 0;

    /// <summary>Whether a station can have it: not a group, and not all zeros.</summary>
    public bool IsStation => !IsGroup && Value != 0;

    /// <summary>The address in the first six bytes of <paramref name="bytes"/>.</summary>
    public static HardwareAddress Read(ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        foreach (byte octet in bytes[..Octets])
            value = value << 8 | octet;
        return new HardwareAddress(value);
    }

    /// <summary>Reads six pairs of hex digits with colons between them.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out HardwareAddress address)
    {
        address = default;
        string[] parts = text?.Split(':') ?? [];
        if (parts.Length != Octets)
            return false;
        ulong value = 0;
        foreach (string part in parts)
        {
            if (part.Length != 2 || !byte.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte octet))
                return false;
            value = value << 8 | octet;
        }
        address = new HardwareAddress(value);
        return true;
    }

    /// <summary>Writes the six octets in the order of the wire.</summary>
    public void Write(Span<byte> bytes)
    {
        for (int i = 0; i < Octets; i++)
            bytes[i] = (byte)(Value >> (40 - 8 * i) & 0xff);
    }

    /// <summary>Six pairs of hex digits with colons between them.</summary>
    public override string ToString()
    {
        Span<byte> octets = stackalloc byte[Octets];
        Write(octets);
        return $"{octets[0]:x2}:{octets[1]:x2}:{octets[2]:x2}:{octets[3]:x2}:{octets[4]:x2}:{octets[5]:x2}";
    }
}
