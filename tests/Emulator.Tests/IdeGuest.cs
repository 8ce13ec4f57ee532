using System.Buffers.Binary;
using L4Io;

namespace Emulator.Tests;

/// <summary>The guest's side of one IDE channel: what a driver's inner functions do, with nothing hidden.</summary>
internal sealed class IdeGuest(
    IPortAccess machine, ushort commandBlock, ushort controlBlock, uint busMaster, InterruptRecorder interrupt, IGuestMemory memory)
{
    public const byte Idle = 0x50;
    public const byte Requesting = 0x58;
    public const byte Failed = 0x51;
    public const byte Aborted = 0x04;
    public const byte IdNotFound = 0x10;
    public const byte Uncorrectable = 0x40;
    public const uint Table = TestDmaMemory.Base;
    public const uint Buffer = TestDmaMemory.Base + 0x1_0000;

    private readonly TaskFileBlock.Access<PortBus> _taskFile = new(new PortBus(machine, commandBlock));
    private readonly DeviceControlBlock.Access<PortBus> _control = new(new PortBus(machine, controlBlock));
    private readonly BusMasterBlock.Access<PortBus> _busMaster = new(new PortBus(machine, busMaster));

    public InterruptRecorder Interrupt => interrupt;

    public byte Status => (byte)(uint)_taskFile.ReadStatus();

    public byte AlternateStatus => (byte)(uint)_control.ReadAlternateStatus();

    public byte Error => (byte)(uint)_taskFile.ReadError();

    public byte SectorCount => (byte)_taskFile.ReadSectorCount().Value;

    public uint Lba24 => _taskFile.ReadLbaLow().Value | _taskFile.ReadLbaMid().Value << 8 | _taskFile.ReadLbaHigh().Value << 16;

    public byte BusMasterStatus => (byte)(uint)_busMaster.ReadStatus();

    public byte BusMasterCommand => (byte)(uint)_busMaster.ReadCommand();

    /// <summary>Any port of the command block, also with what no driver would write.</summary>
    public byte Read(int register) => (byte)machine.ReadPort((ushort)(commandBlock + register), 1);

    public void Write(int register, byte value) => machine.WritePort((ushort)(commandBlock + register), 1, value);

    public void Control(byte value) => _control.WriteDeviceControl((DeviceControlBlock.DeviceControlValue)value);

    public void Select(int device, uint address = 0) => _taskFile.WriteDevice(
        new() { Obsolete7 = true, Lba = true, Obsolete5 = true, Device1 = device == 1, Address = address });

    public void SoftwareReset()
    {
        _control.WriteDeviceControl(new() { SoftwareReset = true });
        _control.WriteDeviceControl(default);
    }

    public void Command(byte command, byte features = 0, byte count = 0)
    {
        _taskFile.WriteFeatures(new() { Value = features });
        _taskFile.WriteSectorCount(new() { Value = count });
        Start(command);
    }

    /// <summary>Address and count of a 28-bit command to the selected device, then the command.</summary>
    public void Command28(byte command, uint lba, int count, int device = 0)
    {
        Select(device, lba >> 24);
        WriteAddress((uint)count, lba);
        Start(command);
    }

    /// <summary>The same for a 48-bit command: high-order bytes first.</summary>
    public void Command48(byte command, ulong lba, int count, int device = 0)
    {
        Select(device);
        WriteAddress((uint)count >> 8, (uint)(lba >> 24));
        WriteAddress((uint)count, (uint)(lba & 0xff_ffff));
        Start(command);
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
        Start((byte)TaskFileBlock.AtaCommand.IdentifyDevice);
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
        _busMaster.WriteDescriptorTable((BusMasterBlock.DescriptorTableValue)table);
        ClearBusMasterStatus();
        StopBusMaster(toMemory);
    }

    public void StartBusMaster(bool toMemory) => _busMaster.WriteCommand(new() { Start = true, ToMemory = toMemory });

    public void StopBusMaster(bool toMemory) => _busMaster.WriteCommand(new() { ToMemory = toMemory });

    public void ClearBusMasterStatus() => _busMaster.WriteStatus(new() { Error = true, Interrupt = true });

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

    private void Start(byte command) => _taskFile.WriteCommand(new() { Code = (TaskFileBlock.AtaCommand)command });

    /// <summary>The registers take 8 bits of each number.</summary>
    private void WriteAddress(uint count, uint lba)
    {
        _taskFile.WriteSectorCount(new() { Value = count });
        _taskFile.WriteLbaLow(new() { Value = lba });
        _taskFile.WriteLbaMid(new() { Value = lba >> 8 });
        _taskFile.WriteLbaHigh(new() { Value = lba >> 16 });
    }
}
