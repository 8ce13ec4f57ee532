using static CommandGuard.TaskfileBlock;

namespace CommandGuard;

/// <summary>
/// What a channel's command block holds, known from what was written to it. The devices change their registers too: at a reset, and when
/// a command ends. So an address counts only if all of it was written since.
/// </summary>
internal sealed class TaskfileShadow
{
    private const int FirstRegister = Offsets.Features;
    private const int Registers = Offsets.LbaHigh - FirstRegister + 1;
    private const uint AddressRegisters = 0b1_1110;

    private readonly byte[] _current = new byte[Registers];
    private readonly byte[] _previous = new byte[Registers];
    private uint _written;
    private uint _writtenTwice;
    private bool _deviceWritten;
    private bool _deviceWrittenSinceReset;

    /// <summary>The Device register.</summary>
    public DeviceValue Device { get; private set; }

    /// <summary>Features, as last written.</summary>
    public byte Features => _current[0];

    /// <summary>A register from Features to Device was written.</summary>
    public void Write(int offset, byte value)
    {
        if (offset == Offsets.Device)
        {
            Device = (DeviceValue)value;
            _deviceWritten = _deviceWrittenSinceReset = true;
            return;
        }
        int index = offset - FirstRegister;
        uint bit = 1u << index;
        _previous[index] = _current[index];
        _current[index] = value;
        _writtenTwice |= _written & bit;
        _written |= bit;
    }

    /// <summary>A command was given: the device may change the registers from here on.</summary>
    public void CommandGiven()
    {
        _written = _writtenTwice = 0;
        _deviceWritten = false;
    }

    /// <summary>The devices were reset: device 0 is selected.</summary>
    public void Reset()
    {
        CommandGiven();
        _deviceWrittenSinceReset = false;
        Device = default;
    }

    /// <summary>The sectors that a command would name now.</summary>
    /// <returns>False when a part of the address was not written since the device may have changed it, or is no logical block address.</returns>
    public bool TryGetSectors(bool isExtended, out ulong first, out uint count)
    {
        const int sectorCount = Offsets.SectorCount - FirstRegister;
        const int low = Offsets.LbaLow - FirstRegister, mid = Offsets.LbaMid - FirstRegister, high = Offsets.LbaHigh - FirstRegister;
        first = _current[low] | (ulong)_current[mid] << 8 | (ulong)_current[high] << 16;
        count = _current[sectorCount];
        bool known = (_written & AddressRegisters) == AddressRegisters && Device.Lba;
        if (isExtended)
        {
            first |= (ulong)_previous[low] << 24 | (ulong)_previous[mid] << 32 | (ulong)_previous[high] << 40;
            count |= (uint)_previous[sectorCount] << 8;
            count = count == 0 ? 65536 : count;
            return known && (_writtenTwice & AddressRegisters) == AddressRegisters && _deviceWrittenSinceReset;
        }
        first |= (ulong)Device.Address << 24;
        count = count == 0 ? 256 : count;
        return known && _deviceWritten;
    }
}
