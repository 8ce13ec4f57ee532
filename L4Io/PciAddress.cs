using System.Globalization;

namespace L4Io;

/// <summary>Where a PCI function sits: bus, device (0-31) and function (0-7).</summary>
public readonly record struct PciAddress(byte Bus, byte Device, byte Function)
{
    /// <summary>The customary form, e.g. <c>00:01.1</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Bus:x2}:{Device:x2}.{Function}");

    /// <summary>Reads the form that <see cref="ToString"/> writes.</summary>
    public static bool TryParse(string text, out PciAddress address)
    {
        address = default;
        return text.Length == 7 && text[2] == ':' && text[5] == '.'
            && byte.TryParse(text.AsSpan(0, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte bus)
            && byte.TryParse(text.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte device) && device < 32
            && byte.TryParse(text.AsSpan(6, 1), NumberStyles.None, CultureInfo.InvariantCulture, out byte function) && function < 8
            && (address = new PciAddress(bus, device, function)) == address;
    }
}
