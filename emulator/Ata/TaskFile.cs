namespace Emulator;

/// <summary>
/// The command block registers of one device that hold parameters. Sector Count and the three LBA registers (Features too) keep the
/// byte written before the last one, for 48-bit commands (ATA/ATAPI-6, clause 6, "48-bit Address feature set").
/// </summary>
internal sealed class TaskFile
{
    private readonly byte[] _current = new byte[AtaRegister.Count];
    private readonly byte[] _previous = new byte[AtaRegister.Count];

    /// <summary>Features register.</summary>
    public byte Features => _current[AtaRegister.ErrorOrFeatures];

    /// <summary>Sector Count register.</summary>
    public byte SectorCount
    {
        get => _current[AtaRegister.SectorCount];
        set => _current[AtaRegister.SectorCount] = value;
    }

    /// <summary>Device register.</summary>
    public byte Device
    {
        get => _current[AtaRegister.Device];
        set => _current[AtaRegister.Device] = value;
    }

    /// <summary>Sectors of a 28-bit command: 0 means 256.</summary>
    public int Count28 => SectorCount == 0 ? 256 : SectorCount;

    /// <summary>Sectors of a 48-bit command: 0 means 65536.</summary>
    public int Count48
    {
        get
        {
            int count = _previous[AtaRegister.SectorCount] << 8 | _current[AtaRegister.SectorCount];
            return count == 0 ? 65536 : count;
        }
    }

    /// <summary>Whether the address registers hold a logical block address, or cylinder, head and sector.</summary>
    public bool IsLba => (Device & AtaDevice.Lba) != 0;

    /// <summary>28-bit logical block address; bits 27:24 are in the Device register.</summary>
    public ulong Lba28 => Low24(_current) | (ulong)(Device & AtaDevice.AddressMask) << 24;

    /// <summary>48-bit logical block address.</summary>
    public ulong Lba48 => Low24(_current) | Low24(_previous) << 24;

    /// <summary>Cylinder number of a CHS address.</summary>
    public uint Cylinder => (uint)(_current[AtaRegister.LbaHigh] << 8 | _current[AtaRegister.LbaMid]);

    /// <summary>Head number of a CHS address.</summary>
    public uint Head => (uint)(Device & AtaDevice.AddressMask);

    /// <summary>Sector number of a CHS address; the first is 1.</summary>
    public uint Sector => _current[AtaRegister.LbaLow];

    /// <summary>A register as the host reads it; <paramref name="previous"/> is the HOB bit.</summary>
    public byte Read(int register, bool previous) =>
        previous && register != AtaRegister.Device ? _previous[register] : _current[register];

    /// <summary>The host writes a register.</summary>
    public void Write(int register, byte value)
    {
        _previous[register] = _current[register];
        _current[register] = value;
    }

    /// <summary>Leaves an address as the output of a 28-bit command.</summary>
    public void SetLba28(ulong lba)
    {
        SetLow24(_current, lba);
        Device = (byte)(Device & ~AtaDevice.AddressMask | (int)(lba >> 24 & AtaDevice.AddressMask));
    }

    /// <summary>Leaves an address as the output of a 48-bit command.</summary>
    public void SetLba48(ulong lba)
    {
        SetLow24(_current, lba);
        SetLow24(_previous, lba >> 24);
    }

    /// <summary>Leaves a CHS address as the output of a command.</summary>
    public void SetChs(uint cylinder, uint head, uint sector)
    {
        SetLow24(_current, sector & 0xff | (ulong)(cylinder & 0xffff) << 8);
        Device = (byte)(Device & ~AtaDevice.AddressMask | (int)(head & AtaDevice.AddressMask));
    }

    /// <summary>Leaves the signature of a device that is not a packet device: count 1, LBA 000001h, device 0
    /// (ATA/ATAPI-6, clause 9, "Signature and persistence").</summary>
    public void SetSignature()
    {
        Array.Clear(_current);
        Array.Clear(_previous);
        SectorCount = 1;
        _current[AtaRegister.LbaLow] = 1;
    }

    private static ulong Low24(byte[] registers) =>
        registers[AtaRegister.LbaLow] | (ulong)registers[AtaRegister.LbaMid] << 8 | (ulong)registers[AtaRegister.LbaHigh] << 16;

    private static void SetLow24(byte[] registers, ulong value)
    {
        registers[AtaRegister.LbaLow] = (byte)(value & 0xff);
        registers[AtaRegister.LbaMid] = (byte)(value >> 8 & 0xff);
        registers[AtaRegister.LbaHigh] = (byte)(value >> 16 & 0xff);
    }
}
