namespace Emulator;

/// <summary>Which block of registers an offset belongs to: ports and device memory show the same.</summary>
internal sealed class Rtl8139Decoder(Rtl8139 card)
{
    /// <summary>Ports, and bytes of device memory.</summary>
    public const int Size = 256;

    /// <summary>Where the slots are, or the transmit rings.</summary>
    public const int TransmitBlock = 0x10;

    private const int TransmitBlockEnd = 0x30;

    /// <summary>From here on a C+ has registers of its own.</summary>
    private const int PlusBlock = 0xd9;

    public uint Read(int offset, int width) => BlockAt(ref offset).Read(offset, width);

    public void Write(int offset, int width, uint value) => BlockAt(ref offset).Write(offset, width, value);

    private Rtl8139Block BlockAt(ref int offset)
    {
        bool isTransmit = offset is >= TransmitBlock and < TransmitBlockEnd;
        bool isPlus = isTransmit ? card.IsPlusTransmit : card.IsPlus && offset >= PlusBlock;
        if (!isTransmit && !isPlus)
            return card.Common;
        offset -= TransmitBlock;
        return isPlus ? card.Plus : card.Slots;
    }
}

/// <summary>The registers as ports.</summary>
internal sealed class Rtl8139Ports(Rtl8139Decoder decoder) : PortRange("rtl8139-ports", Rtl8139Decoder.Size)
{
    public override uint Read(int offset, int width) => decoder.Read(offset, width);

    public override void Write(int offset, int width, uint value) => decoder.Write(offset, width, value);
}

/// <summary>The registers as device memory.</summary>
internal sealed class Rtl8139DeviceMemory(Rtl8139Decoder decoder) : MemoryRange("rtl8139-memory", Rtl8139Decoder.Size)
{
    // The bus has 32 bits: an access of eight bytes is two.
    private const int BusWidth = 4;

    public override ulong Read(int offset, int width) =>
        width <= BusWidth ? decoder.Read(offset, width) : decoder.Read(offset, BusWidth) | (ulong)decoder.Read(offset + BusWidth, BusWidth) << 32;

    public override void Write(int offset, int width, ulong value)
    {
        decoder.Write(offset, Math.Min(width, BusWidth), (uint)(value & uint.MaxValue));
        if (width > BusWidth)
            decoder.Write(offset + BusWidth, BusWidth, (uint)(value >> 32));
    }
}
