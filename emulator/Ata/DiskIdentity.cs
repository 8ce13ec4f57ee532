namespace Emulator;

/// <summary>The strings of IDENTIFY DEVICE: printable ASCII, no longer than the standard has room for.</summary>
internal sealed record DiskIdentity(string Model, string Serial, string Firmware)
{
    /// <summary>Words 10-19.</summary>
    public const int SerialLength = 20;

    /// <summary>Words 23-26.</summary>
    public const int FirmwareLength = 8;

    /// <summary>Words 27-46.</summary>
    public const int ModelLength = 40;

    /// <summary>Whether <paramref name="text"/> can be reported in a field of <paramref name="length"/> characters.</summary>
    public static bool Fits(string text, int length) =>
        text.Length > 0 && text.Length <= length && text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0;
}
