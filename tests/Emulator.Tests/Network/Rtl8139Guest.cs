using System.Buffers.Binary;
using Registers;

namespace Emulator.Tests;

[RegisterAccess("rtl8139.rdl", "common")]
internal static partial class Rtl8139Block;

[RegisterAccess("rtl8139.rdl", "slots")]
internal static partial class Rtl8139SlotBlock;

[RegisterAccess("rtl8139.rdl", "plus")]
internal static partial class Rtl8139PlusBlock;

/// <summary>A block of registers in device memory.</summary>
internal readonly struct MemoryBus(EmulatedMachine machine, ulong first) : IRegisterBus
{
    public uint Read(int offset, int width) => (uint)machine.ReadMemory(first + (uint)offset, width);

    public void Write(int offset, int width, uint value) => machine.WriteMemory(first + (uint)offset, width, value);
}

/// <summary>The inner functions of drivers of RTL8139C and RTL8139C+.</summary>
internal sealed class Rtl8139Guest(NicMachine nic)
{
    public const uint ReceiveBuffer = TestDmaMemory.Base + 0x1_0000;
    public const uint TransmitBuffers = TestDmaMemory.Base;
    public const uint TransmitRing = TestDmaMemory.Base + 0x4000;
    public const uint ReceiveRing = TestDmaMemory.Base + 0x5000;
    public const uint Own = 1u << 31;
    public const uint EndOfRing = 1u << 30;
    public const uint First = 1u << 29;
    public const uint Last = 1u << 28;

    private int _cursor;

    public Rtl8139Block.Access<MemoryBus> Common { get; } = new(new MemoryBus(nic.Machine, NicMachine.MemoryBase));

    public Rtl8139SlotBlock.Access<MemoryBus> Slots { get; } = new(new MemoryBus(nic.Machine, NicMachine.MemoryBase + 0x10));

    public Rtl8139PlusBlock.Access<MemoryBus> Plus { get; } = new(new MemoryBus(nic.Machine, NicMachine.MemoryBase + 0x10));

    public uint Status => (uint)Common.ReadInterruptStatus();

    public int BufferSize { get; private set; }

    public bool NoWrap { get; private set; }

    /// <summary>A machine with such a card, which knows of its link already.</summary>
    public static NicMachine Machine(NicModel model)
    {
        var machine = new NicMachine(model, (0x10, NicMachine.PortBase), (0x14, NicMachine.MemoryBase));
        machine.Serve();
        return machine;
    }

    public void Acknowledge() => Common.WriteInterruptStatus((Rtl8139Block.InterruptStatusValue)0xffffu);

    public void Reset()
    {
        Common.WriteCommand(new() { Reset = true });
        Common.ReadCommand().Reset.ShouldBeFalse();
    }

    public void Initialise(uint length = 0, bool noWrap = false, bool promiscuous = false)
    {
        Reset();
        _cursor = 0;
        BufferSize = 8192 << (int)length;
        NoWrap = noWrap;
        Common.WriteReceiveBuffer(new() { Address = ReceiveBuffer });
        Common.WriteCommand(new() { TransmitEnable = true, ReceiveEnable = true });
        Common.WriteReceiveConfiguration(new() { AcceptStation = true, AcceptBroadcast = true, AcceptAll = promiscuous, BufferLength = length, NoWrap = noWrap });
        for (int i = 0; i < 4; i++)
            Slots.WriteStart(i, new() { Address = TransmitBuffers + (uint)i * 2048 });
        Common.WriteInterruptMask(new() { Enabled = 0x7f });
        Acknowledge();
    }

    public void Transmit(int slot, byte[] frame)
    {
        frame.CopyTo(nic.Memory.At(TransmitBuffers + (uint)slot * 2048, frame.Length));
        Slots.WriteStatus(slot, new() { Size = (uint)frame.Length });
    }

    /// <summary>Takes the next frame out of the receive buffer; null when there is none.</summary>
    public byte[]? Receive()
    {
        if (Common.ReadCommand().Empty)
            return null;
        int offset = _cursor % BufferSize;
        Span<byte> header = nic.Memory.At(ReceiveBuffer + (uint)offset, 4);
        (header[0] & 1).ShouldBe(1);
        int length = BinaryPrimitives.ReadUInt16LittleEndian(header[2..]);
        byte[] frame = new byte[length - 4];
        for (int i = 0; i < frame.Length; i++)
            frame[i] = nic.Memory.At(ReceiveBuffer + (uint)(NoWrap ? offset + 4 + i : (offset + 4 + i) % BufferSize), 1)[0];
        _cursor += length + 4 + 3 & ~3;
        Common.WriteReadPointer(new() { Position = (uint)(_cursor % BufferSize - 16) & 0xffff });
        return frame;
    }

    public void InitialisePlus(int receiveDescriptors = 8, int bufferSize = 1536, bool checksums = false, bool vlan = false)
    {
        Reset();
        _cursor = 0;
        Plus.WriteControl(new() { Transmit = true, Receive = true, Multiple = true, ReceiveChecksum = checksums, ReceiveVlan = vlan });
        Plus.WriteTransmitRing(0, new() { Address = TransmitRing });
        Plus.WriteTransmitRing(1, default);
        Plus.WriteReceiveRing(0, new() { Address = ReceiveRing });
        Plus.WriteReceiveRing(1, default);
        for (int i = 0; i < receiveDescriptors; i++)
            WriteDescriptor(ReceiveRing, i, Own | (i == receiveDescriptors - 1 ? EndOfRing : 0) | (uint)bufferSize, 0, ReceiveBuffer + (uint)i * 0x2000);
        Common.WriteCommand(new() { TransmitEnable = true, ReceiveEnable = true });
        Common.WriteReceiveConfiguration(new() { AcceptStation = true, AcceptBroadcast = true });
        Common.WriteInterruptMask(new() { Enabled = 0xff });
        Acknowledge();
    }

    public void WriteDescriptor(uint ring, int index, uint options, uint tag, ulong address)
    {
        Span<byte> descriptor = nic.Memory.At(ring + (uint)index * 16, 16);
        BinaryPrimitives.WriteUInt32LittleEndian(descriptor, options);
        BinaryPrimitives.WriteUInt32LittleEndian(descriptor[4..], tag);
        BinaryPrimitives.WriteUInt64LittleEndian(descriptor[8..], address);
    }

    public (uint Options, uint Tag) Descriptor(uint ring, int index) =>
        (BinaryPrimitives.ReadUInt32LittleEndian(nic.Memory.At(ring + (uint)index * 16, 4)),
         BinaryPrimitives.ReadUInt32LittleEndian(nic.Memory.At(ring + (uint)index * 16 + 4, 4)));

    /// <summary>Puts a piece of a frame behind a transmit descriptor.</summary>
    public void Piece(int index, byte[] piece, uint flags, uint tag = 0)
    {
        uint address = TransmitBuffers + (uint)index * 1024;
        piece.CopyTo(nic.Memory.At(address, piece.Length));
        WriteDescriptor(TransmitRing, index, Own | flags | (uint)piece.Length, tag, address);
    }

    public void Poll() => Plus.WritePoll(new() { Normal = true });

    /// <summary>A word of the EEPROM as 8139too reads it.</summary>
    public ushort ReadEeprom(int location, int addressBits)
    {
        void Pins(bool clock, bool data) => Common.WriteEepromControl(new() { Mode = 2, Select = true, Clock = clock, DataIn = data });
        uint command = (uint)location | 6u << addressBits;
        Common.WriteEepromControl(new() { Mode = 2 });
        Pins(false, false);
        for (int i = 4 + addressBits; i >= 0; i--)
        {
            bool bit = (command >> i & 1) != 0;
            Pins(false, bit);
            Pins(true, bit);
        }

        Pins(false, false);
        uint value = 0;
        for (int i = 0; i < 16; i++)
        {
            Pins(true, false);
            value = value << 1 | (Common.ReadEepromControl().DataOut ? 1u : 0u);
            Pins(false, false);
        }

        Common.WriteEepromControl(default);
        return (ushort)value;
    }
}
