using System.Buffers.Binary;

namespace Emulator.Tests;

/// <summary>The guest's side of one IDE channel: what a driver's inner functions do, with nothing hidden.</summary>
internal sealed class IdeGuest(
    EmulatedMachine machine, ushort commandBlock, ushort controlBlock, uint busMaster, InterruptRecorder interrupt, TestDmaMemory memory)
{
    public const byte Idle = 0x50;
    public const byte Requesting = 0x58;
    public const byte Failed = 0x51;
    public const byte Aborted = 0x04;
    public const byte IdNotFound = 0x10;
    public const byte Uncorrectable = 0x40;
    public const uint Table = TestDmaMemory.Base;
    public const uint Buffer = TestDmaMemory.Base + 0x1_0000;

    public InterruptRecorder Interrupt => interrupt;

    public byte Status => Read(7);

    public byte AlternateStatus => (byte)machine.ReadPort(controlBlock, 1);

    public byte Error => Read(1);

    public byte SectorCount => Read(2);

    public uint Lba24 => Read(3) | (uint)Read(4) << 8 | (uint)Read(5) << 16;

    public byte BusMasterStatus => (byte)machine.ReadPort((ushort)(busMaster + 2), 1);

    public byte BusMasterCommand => (byte)machine.ReadPort((ushort)busMaster, 1);

    public byte Read(int register) => (byte)machine.ReadPort((ushort)(commandBlock + register), 1);

    public void Write(int register, byte value) => machine.WritePort((ushort)(commandBlock + register), 1, value);

    public void Control(byte value) => machine.WritePort(controlBlock, 1, value);

    public void Select(int device) => Write(6, (byte)(0xe0 | device << 4));

    public void SoftwareReset()
    {
        Control(0x04);
        Control(0x00);
    }

    public void Command(byte command, byte features = 0, byte count = 0)
    {
        Write(1, features);
        Write(2, count);
        Write(7, command);
    }

    /// <summary>Address and count of a 28-bit command to the selected device, then the command.</summary>
    public void Command28(byte command, uint lba, int count, int device = 0)
    {
        Write(6, (byte)(0xe0 | device << 4 | (int)(lba >> 24)));
        Write(2, (byte)(count & 0xff));
        Write(3, (byte)(lba & 0xff));
        Write(4, (byte)(lba >> 8 & 0xff));
        Write(5, (byte)(lba >> 16 & 0xff));
        Write(7, command);
    }

    /// <summary>The same for a 48-bit command: high-order bytes first.</summary>
    public void Command48(byte command, ulong lba, int count, int device = 0)
    {
        Write(6, (byte)(0xe0 | device << 4));
        for (int shift = 24; shift >= 0; shift -= 24)
        {
            Write(2, (byte)(count >> shift / 3 & 0xff));
            Write(3, (byte)(lba >> shift & 0xff));
            Write(4, (byte)(lba >> (shift + 8) & 0xff));
            Write(5, (byte)(lba >> (shift + 16) & 0xff));
        }

        Write(7, command);
    }

    public byte[] ReadData(int length, int width = 2)
    {
        var data = new byte[length];
        machine.ReadPortBlock(commandBlock, width, data);
        return data;
    }

    public void WriteData(ReadOnlySpan<byte> data, int width = 2) => machine.WritePortBlock(commandBlock, width, data);

    public byte[] Identify(int device = 0)
    {
        Select(device);
        Write(7, 0xec);
        Status.ShouldBe(Requesting);
        byte[] words = ReadData(512);
        Status.ShouldBe(Idle);
        return words;
    }

    /// <summary>Waits for nothing, because the device is done already: the interrupt is there, and reading Status takes it away.</summary>
    public void ShouldInterruptWithStatus(byte status)
    {
        interrupt.Level.ShouldBeTrue("INTRQ");
        AlternateStatus.ShouldBe(status);
        interrupt.Level.ShouldBeTrue("Alternate Status acknowledges nothing");
        Status.ShouldBe(status);
        interrupt.Level.ShouldBeFalse("Status acknowledges");
    }

    public void ShouldFail(byte error)
    {
        ShouldInterruptWithStatus(Failed);
        Error.ShouldBe(error);
    }

    public void DescriptorTable(params ReadOnlySpan<(uint Address, int Length)> regions)
    {
        for (int i = 0; i < regions.Length; i++)
            Descriptor(i, regions[i].Address, regions[i].Length, last: i == regions.Length - 1);
    }

    public void Descriptor(int index, uint address, int length, bool last)
    {
        Span<byte> descriptor = memory.At(Table + (uint)index * 8, 8);
        BinaryPrimitives.WriteUInt32LittleEndian(descriptor, address);
        BinaryPrimitives.WriteUInt32LittleEndian(descriptor[4..], (uint)(length & 0xffff) | (last ? 1u << 31 : 0));
    }

    public void SetUpBusMaster(bool toMemory, uint table = Table)
    {
        machine.WritePort((ushort)(busMaster + 4), 4, table);
        machine.WritePort((ushort)(busMaster + 2), 1, 0x06);
        machine.WritePort((ushort)busMaster, 1, toMemory ? 0x08u : 0x00);
    }

    public void StartBusMaster(bool toMemory) => machine.WritePort((ushort)busMaster, 1, toMemory ? 0x09u : 0x01);

    public void StopBusMaster(bool toMemory) => machine.WritePort((ushort)busMaster, 1, toMemory ? 0x08u : 0x00);

    public void ClearBusMasterStatus() => machine.WritePort((ushort)(busMaster + 2), 1, 0x06);

    /// <summary>One DMA command as a driver issues it: set up, command, start.</summary>
    public void Dma28(byte command, uint lba, int count, bool toMemory, int device = 0)
    {
        SetUpBusMaster(toMemory);
        Command28(command, lba, count, device);
        StartBusMaster(toMemory);
    }

    public void ShouldEndDma(bool toMemory, byte status = Idle, byte busMasterStatus = 0x04)
    {
        BusMasterStatus.ShouldBe(busMasterStatus);
        StopBusMaster(toMemory);
        ShouldInterruptWithStatus(status);
        ClearBusMasterStatus();
        BusMasterStatus.ShouldBe((byte)0);
    }
}
