using System.Runtime.CompilerServices;

namespace Bench;

/// <summary>The card as somebody writes it who has only the data sheet: the same registers, reserved bits and effects.</summary>
internal sealed class HandWrittenCard
{
    private readonly uint[] _filters = new uint[16];
    private readonly uint[] _statistics = new uint[8];
    private uint _control;
    private uint _interruptCause;
    private uint _interruptMask;
    private uint _receiveBaseLow;
    private uint _receiveBaseHigh;
    private uint _receiveLength;
    private uint _receiveHead;
    private uint _receiveTail;

    public int Effects { get; private set; }

    public uint Status { get; set; } = 9;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public uint Read(int offset, int width)
    {
        if (width == 4)
            switch (offset)
            {
                case 0x00: return _control;
                case 0x04: return Status;
                case 0x08: return _interruptCause;
                case 0x0c: return _interruptMask;
                case 0x20: return _receiveBaseLow;
                case 0x24: return _receiveBaseHigh;
                case 0x28: return _receiveLength;
                case 0x2c: return _receiveHead;
                case 0x30: return _receiveTail;
                case >= 0x40 and < 0x80 when (offset & 3) == 0: return _filters[offset - 0x40 >> 2];
                case >= 0x80 and < 0xa0 when (offset & 3) == 0:
                    uint count = _statistics[offset - 0x80 >> 2];
                    _statistics[offset - 0x80 >> 2] = 0;
                    return count;
            }
        Count();
        return 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Write(int offset, int width, uint value)
    {
        if (width == 4)
            switch (offset)
            {
                case 0x00:
                    CheckReserved(value, 0xffff_ffec);
                    _control = value & 0x13;
                    Count();
                    return;
                case 0x04:
                    CheckReserved(value, 0xffff_fff2);
                    return;
                case 0x08:
                    CheckReserved(value, 0xffff_0000);
                    _interruptCause &= ~value;
                    return;
                case 0x0c:
                    CheckReserved(value, 0xffff_0000);
                    _interruptMask = value & 0xffff;
                    return;
                case 0x20:
                    CheckReserved(value, 0xf);
                    _receiveBaseLow = value & ~0xfu;
                    return;
                case 0x24:
                    _receiveBaseHigh = value;
                    return;
                case 0x28:
                    CheckReserved(value, 0xfff0_007f);
                    _receiveLength = value & 0xf_ff80;
                    return;
                case 0x2c:
                    CheckReserved(value, 0xffff_0000);
                    _receiveHead = value & 0xffff;
                    return;
                case 0x30:
                    CheckReserved(value, 0xffff_0000);
                    _receiveTail = value & 0xffff;
                    Count();
                    return;
                case >= 0x40 and < 0x80 when (offset & 3) == 0:
                    _filters[offset - 0x40 >> 2] = value;
                    return;
                case >= 0x80 and < 0xa0 when (offset & 3) == 0:
                    return;
            }
        Count();
    }

    private void CheckReserved(uint value, uint reserved)
    {
        if ((value & reserved) != 0)
            Count();
    }

    private void Count() => Effects = unchecked(Effects + 1);
}
