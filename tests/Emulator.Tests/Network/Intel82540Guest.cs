using System.Buffers.Binary;

namespace Emulator.Tests;

/// <summary>A small driver of the 82540EM: what a real one's inner functions do, with nothing hidden. Numbers of registers are the
/// manual's, so that they check the description.</summary>
internal sealed class Intel82540Guest : IDisposable
{
    public const uint Control = 0x0;
    public const uint Status = 0x8;
    public const uint EepromControl = 0x10;
    public const uint EepromRead = 0x14;
    public const uint Mdi = 0x20;
    public const uint Cause = 0xc0;
    public const uint Throttling = 0xc4;
    public const uint CauseSet = 0xc8;
    public const uint MaskSet = 0xd0;
    public const uint MaskClear = 0xd8;
    public const uint ReceiveControl = 0x100;
    public const uint TransmitControl = 0x400;
    public const uint ReceiveTail = 0x2818;
    public const uint TransmitTail = 0x3818;
    public const uint TransmitHead = 0x3810;
    public const uint ReceiveHead = 0x2810;

    public const uint LinkUp = 1 << 6;
    public const uint Written = 1 << 0;
    public const uint LinkChange = 1 << 2;
    public const uint FewDescriptors = 1 << 4;
    public const uint Received = 1 << 7;

    public const uint TransmitRing = TestDmaMemory.Base;
    public const uint ReceiveRing = TestDmaMemory.Base + 0x1000;
    public const uint Buffers = TestDmaMemory.Base + 0x1_0000;
    public const uint ReceiveBuffers = TestDmaMemory.Base + 0x4_0000;
    public const int RingLength = 32;
    public const int BufferSize = 2048;

    /// <summary>EOP, IFCS and RS.</summary>
    public const uint Whole = 0x0b00_0000;

    private uint _tail;

    public NicMachine Test { get; } = new(NicModel.E1000, (0x10, NicMachine.MemoryBase), (0x18, NicMachine.PortBase));

    public uint this[uint register]
    {
        get => (uint)Test.Machine.ReadMemory(NicMachine.MemoryBase + register, 4);
        set => Test.Machine.WriteMemory(NicMachine.MemoryBase + register, 4, value);
    }

    public void Start(uint receiveControl = 0x8002)
    {
        this[Control] = LinkUp | 1;
        _ = this[Cause];
        this[0x3800] = TransmitRing;
        this[0x3808] = RingLength * 16;
        this[TransmitControl] = 0x2 | 0x8;
        this[0x2800] = ReceiveRing;
        this[0x2808] = RingLength * 16;
        for (int i = 0; i < RingLength; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(Test.Memory.At(ReceiveRing + 16 * (uint)i, 8), ReceiveBuffers + (uint)i * BufferSize);
        this[ReceiveControl] = receiveControl;
        this[ReceiveTail] = RingLength - 1;
        Test.Serve();
    }

    public void Descriptor(uint index, ulong address, uint lower, uint upper = 0)
    {
        Span<byte> descriptor = Test.Memory.At(TransmitRing + 16 * index, 16);
        BinaryPrimitives.WriteUInt64LittleEndian(descriptor, address);
        BinaryPrimitives.WriteUInt32LittleEndian(descriptor[8..], lower);
        BinaryPrimitives.WriteUInt32LittleEndian(descriptor[12..], upper);
    }

    /// <summary>Puts a descriptor at the ring's end, without telling the card.</summary>
    public void Queue(ulong address, uint lower, uint upper = 0)
    {
        Descriptor(_tail, address, lower, upper);
        _tail = (_tail + 1) % RingLength;
    }

    public void Kick() => this[TransmitTail] = _tail;

    public void Transmit(byte[] frame, uint command = Whole, uint upper = 0)
    {
        frame.CopyTo(Test.Memory.At(Buffers, frame.Length));
        Queue(Buffers, command | (uint)frame.Length, upper);
        Kick();
    }

    public uint TransmitStatus(uint index) => BinaryPrimitives.ReadUInt32LittleEndian(Test.Memory.At(TransmitRing + 16 * index + 12, 4)) & 0xf;

    public (int Length, ushort Checksum, byte Status, byte Errors, ushort Tag) Report(uint index)
    {
        ReadOnlySpan<byte> report = Test.Memory.At(ReceiveRing + 16 * index + 8, 8);
        return (BinaryPrimitives.ReadUInt16LittleEndian(report), BinaryPrimitives.ReadUInt16LittleEndian(report[2..]), report[4], report[5],
            BinaryPrimitives.ReadUInt16LittleEndian(report[6..]));
    }

    public byte[] ReceivedIn(uint index, int length) => Test.Memory.At(ReceiveBuffers + index * BufferSize, length).ToArray();

    public ushort ReadPhy(uint register, uint phy = 1)
    {
        this[Mdi] = 2u << 26 | phy << 21 | register << 16;
        (this[Mdi] & 1u << 28).ShouldNotBe(0u);
        return unchecked((ushort)this[Mdi]);
    }

    public void WritePhy(uint register, ushort value) => this[Mdi] = 1u << 26 | 1 << 21 | register << 16 | value;

    public void Dispose() => Test.Dispose();
}
