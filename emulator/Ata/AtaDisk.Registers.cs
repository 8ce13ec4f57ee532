using Registers;

namespace Emulator;

/// <content>
/// The command block of one device: the registers are generated, and this is what their description cannot say. ATA/ATAPI-6, clause 6,
/// "48-bit Address feature set", and clause 7.
/// </content>
[RegisterFile("ata.rdl", "taskfile")]
internal sealed partial class AtaDisk
{
    // Sector Count and the LBA registers are two deep: a write pushes the byte before it down to here. (Features is too, but no command
    // of this disk looks at its older byte.)
    private readonly byte[] _older = new byte[LbaHighOffset + 1];

    /// <summary>Sectors of a 28-bit command: 0 means 256.</summary>
    private int Count28 => SectorCountValue == 0 ? 256 : (int)SectorCountValue;

    /// <summary>Sectors of a 48-bit command: 0 means 65536.</summary>
    private int Count48 => (_older[SectorCountOffset] << 8 | (int)SectorCountValue) is > 0 and var count ? count : 65536;

    /// <summary>28-bit logical block address; bits 27:24 are in the Device register.</summary>
    private ulong Lba28
    {
        get => Low24 | (ulong)DeviceAddress << 24;
        set
        {
            Low24 = value;
            DeviceAddress = (uint)(value >> 24 & 0xf);
        }
    }

    /// <summary>48-bit logical block address.</summary>
    private ulong Lba48
    {
        get => Low24 | (ulong)(_older[LbaHighOffset] << 16 | _older[LbaMidOffset] << 8 | _older[LbaLowOffset]) << 24;
        set
        {
            Low24 = value;
            (_older[LbaLowOffset], _older[LbaMidOffset], _older[LbaHighOffset]) =
                ((byte)(value >> 24 & 0xff), (byte)(value >> 32 & 0xff), (byte)(value >> 40 & 0xff));
        }
    }

    /// <summary>Cylinder number of a CHS address.</summary>
    private uint Cylinder
    {
        get => LbaHighValue << 8 | LbaMidValue;
        set => (LbaMidValue, LbaHighValue) = (value & 0xff, value >> 8 & 0xff);
    }

    /// <summary>Head number of a CHS address.</summary>
    private uint Head
    {
        get => DeviceAddress;
        set => DeviceAddress = value & 0xf;
    }

    /// <summary>Sector number of a CHS address; the first is 1.</summary>
    private uint Sector
    {
        get => LbaLowValue;
        set => LbaLowValue = value & 0xff;
    }

    private ulong Low24
    {
        get => LbaHighValue << 16 | LbaMidValue << 8 | LbaLowValue;
        set => (LbaLowValue, LbaMidValue, LbaHighValue) = ((uint)(value & 0xff), (uint)(value >> 8 & 0xff), (uint)(value >> 16 & 0xff));
    }

    /// <summary>The host reads a register other than Data. While BSY is one every register reads as Status.</summary>
    public byte ReadRegister(int offset, bool highOrderByte) => (byte)(StatusBusy ? StatusRegister
        : highOrderByte && IsTwoDeep(offset) ? _older[offset] : Read(offset, 1));

    /// <summary>The host writes a register other than Data; the Command register while this device is selected.</summary>
    public void WriteRegister(int offset, byte value)
    {
        if (IsBusy)
        {
            if (offset == CommandOffset)
                Report("command-while-busy", $"command 0x{value:x2}, status 0x{StatusRegister:x2}: ignored");
            else
                Report("register-write-while-busy", $"command block register {offset}, value 0x{value:x2}, status 0x{StatusRegister:x2}: ignored");
            return;
        }

        if (IsTwoDeep(offset))
            _older[offset] = (byte)Read(offset, 1);
        Write(offset, 1, value);
    }

    private partial void OnStatusRead(uint accessed) => InterruptPending = false;

    // None of these three happens as long as the description has a register at each address and a meaning for each bit.
    private partial void OnUndecodedRead(int offset, int width) => Report("unknown-register", $"read of register {offset}");

    private partial void OnUndecodedWrite(int offset, int width, uint value) => Report("unknown-register", $"write of 0x{value:x} to register {offset}");

    private partial void OnReservedWrite(int offset, uint bits) => Report("reserved-write", $"register {offset}: reserved bits 0x{bits:x} written as one");

    private static bool IsTwoDeep(int offset) => offset is >= SectorCountOffset and <= LbaHighOffset;
}
