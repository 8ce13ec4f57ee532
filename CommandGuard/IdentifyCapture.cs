using System.Buffers.Binary;
using System.Text;

namespace CommandGuard;

/// <summary>What a device said of itself.</summary>
/// <param name="Model">Its model, without padding.</param>
/// <param name="Serial">Its serial number, without padding.</param>
/// <param name="Sectors">Logical sectors.</param>
/// <param name="SectorSize">Bytes in a logical sector.</param>
internal sealed record DeviceIdentity(string Model, string Serial, ulong Sectors, uint SectorSize);

/// <summary>Listens to the data of an IDENTIFY DEVICE command on its way to the driver, which so cannot say that a disk is another.</summary>
internal sealed class IdentifyCapture
{
    private const int Bytes = 512;

    private readonly byte[] _data = new byte[Bytes];
    private int _captured = Bytes;

    /// <summary>Whether data is awaited.</summary>
    public bool IsActive => _captured < Bytes;

    /// <summary>The command was given.</summary>
    public void Begin() => _captured = 0;

    /// <summary>Another command was given, or the devices were reset.</summary>
    public void Cancel() => _captured = Bytes;

    /// <summary>Data passed.</summary>
    /// <returns>The identity once the last word has passed; null before.</returns>
    public DeviceIdentity? Add(ReadOnlySpan<byte> data)
    {
        int taken = Math.Min(data.Length, Bytes - _captured);
        data[..taken].CopyTo(_data.AsSpan(_captured));
        _captured += taken;
        return _captured == Bytes ? Parse() : null;
    }

    // Words: ATA/ATAPI-7 (T13/1532D), clause 6.17 "IDENTIFY DEVICE".
    private DeviceIdentity Parse()
    {
        const ushort isValidMask = 0xc000, isValid = 0x4000;
        bool hasExtended = (Word(83) & (isValidMask | 1 << 10)) == (isValid | 1 << 10);
        ulong sectors = hasExtended ? Word(100) | (ulong)Word(101) << 16 | (ulong)Word(102) << 32 | (ulong)Word(103) << 48 : Word(60) | (ulong)Word(61) << 16;
        bool hasLongSectors = (Word(106) & (isValidMask | 1 << 12)) == (isValid | 1 << 12);
        // Words to a sector, in words 117 and 118.
        ulong sectorSize = hasLongSectors ? 2UL * (Word(117) | (uint)Word(118) << 16) : Bytes;
        return new DeviceIdentity(Text(27, 40), Text(10, 20), sectors, (uint)Math.Min(sectorSize, uint.MaxValue));
    }

    private ushort Word(int index) => BinaryPrimitives.ReadUInt16LittleEndian(_data.AsSpan(index * 2));

    /// <summary>The first character of each pair is in the high byte of its word.</summary>
    private string Text(int word, int length)
    {
        var text = new StringBuilder(length);
        for (int i = 0; i < length; i++)
            text.Append((char)_data[word * 2 + (i ^ 1)]);
        return text.ToString().Trim(' ', '\0');
    }
}
