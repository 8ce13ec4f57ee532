using System.Buffers.Binary;

namespace Emulator;

/// <summary>Whether a frame is for this station: section 3.2.1 "Packet address filtering" and 9.3 "VLAN filtering".</summary>
internal sealed class Intel82540Filter(Intel82540Registers registers)
{
    private const int AddressCount = 16;
    private const ulong AddressMask = 0xffff_ffff_ffff;
    private const ulong GroupBit = 1;

    /// <summary>Exact addresses of destinations; 0, which no frame has, where there is none.</summary>
    private readonly ulong[] _addresses = new ulong[AddressCount];
    private int _addressesUsed;

    /// <summary>The receive addresses were written.</summary>
    public void AddressesChanged()
    {
        _addressesUsed = 0;
        for (int i = 0; i < AddressCount; i++)
        {
            // AS 0 matches destinations; the other values are for sources and reserved.
            bool isUsed = registers.ReceiveAddressHighValid(i) && registers.ReceiveAddressHighSelect(i) == 0;
            _addresses[i] = isUsed ? registers.ReceiveAddressLowAddress(i) | (ulong)registers.ReceiveAddressHighAddress(i) << 32 : 0;
            if (isUsed)
                _addressesUsed = i + 1;
        }
    }

    /// <summary>Whether a frame passes.</summary>
    /// <param name="frame">At least the shortest frame.</param>
    /// <param name="isInexact">Only the multicast table let it pass: software has to look.</param>
    public bool Passes(ReadOnlySpan<byte> frame, out bool isInexact)
    {
        isInexact = false;
        return PassesAddress(BinaryPrimitives.ReadUInt64LittleEndian(frame) & AddressMask, out isInexact) && PassesVlan(frame);
    }

    private bool PassesAddress(ulong destination, out bool isInexact)
    {
        isInexact = false;
        if (_addresses.AsSpan(0, _addressesUsed).Contains(destination))
            return true;
        if ((destination & GroupBit) == 0)
            return registers.ReceiveControlAllUnicast;
        if (destination == AddressMask && registers.ReceiveControlAcceptBroadcast || registers.ReceiveControlAllMulticast)
            return true;
        isInexact = true;
        // Twelve bits of the last two bytes, from bit 4, 3, 2 or 0 on, as MO says (section 13.5.1).
        uint upper = (uint)(destination >> 32);
        int shift = registers.ReceiveControlMulticastOffset switch { 0 => 4, 1 => 3, 2 => 2, _ => 0 };
        uint bit = upper >> shift & 0xfff;
        return (registers.MulticastTableBits((int)(bit >> 5)) >> (int)(bit & 31) & 1) != 0;
    }

    private bool PassesVlan(ReadOnlySpan<byte> frame)
    {
        if (!registers.ReceiveControlVlanFilter || BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) != registers.VlanTypeEtherType)
            return true;
        ushort tag = BinaryPrimitives.ReadUInt16BigEndian(frame[14..]);
        int id = tag & 0xfff;
        bool isCanonical = (tag & 0x1000) != 0;
        return (registers.VlanTableBits(id >> 5) >> (id & 31) & 1) != 0
            && (!registers.ReceiveControlCanonicalFilter || isCanonical == registers.ReceiveControlCanonicalForm);
    }
}
