using System.Buffers.Binary;
using Registers;

namespace Emulator.Tests;

[RegisterAccess("rtl8029.rdl", "common")]
internal static partial class Ne2000Command;

[RegisterAccess("rtl8029.rdl", "page0")]
internal static partial class Ne2000Page0;

[RegisterAccess("rtl8029.rdl", "page1")]
internal static partial class Ne2000Page1;

[RegisterAccess("rtl8029.rdl", "page3")]
internal static partial class Ne2000Page3;

/// <summary>The inner functions of an NE2000's driver.</summary>
internal sealed class Ne2000Guest(NicMachine nic)
{
    public const int TransmitPage = 0x40;
    public const int FirstPage = 0x46;
    public const int StopPage = 0x80;
    public const uint ReadOperation = 1;
    public const uint WriteOperation = 2;
    public const uint NoOperation = 4;

    private const ushort DataPort = (ushort)(NicMachine.PortBase + 0x10);
    private readonly PortBus _bus = new(nic.Machine, NicMachine.PortBase);

    /// <summary>A machine with such a card.</summary>
    public static NicMachine Machine()
    {
        var machine = new NicMachine(NicModel.Ne2000, (0x10, NicMachine.PortBase));
        machine.Serve();
        return machine;
    }

    public Ne2000Command.Access<PortBus> Common => new(_bus);

    public Ne2000Page0.Access<PortBus> Page0 => new(_bus);

    public Ne2000Page1.Access<PortBus> Page1 => new(_bus);

    public Ne2000Page3.Access<PortBus> Page3 => new(_bus);

    public void Command(uint page = 0, bool stop = false, uint remote = NoOperation, bool transmit = false) =>
        Common.WriteCommand(new() { Page = page, Stop = stop, Start = !stop, Remote = remote, Transmit = transmit });

    public void Initialise(bool promiscuous = false)
    {
        Command(stop: true);
        Page0.WriteDataControl(new() { Word = true, Normal = true, Threshold = 2 });
        Page0.WriteReceiveControl(new() { Monitor = true });
        Page0.WriteTransmitControl(new() { Loopback = 1 });
        Page0.WritePageStart(new() { Page = FirstPage });
        Page0.WritePageStop(new() { Page = StopPage });
        Page0.WriteBoundary(new() { Page = StopPage - 1 });
        Page0.WriteInterruptStatus((Ne2000Page0.InterruptStatusValue)0xffu);
        Page0.WriteInterruptMask(default);
        Command(page: 1, stop: true);
        for (int i = 0; i < 6; i++)
            Page1.WriteStation(i, new() { Value = NicMachine.Station[i] });
        Page1.WriteCurrent(new() { Page = FirstPage });
        Command(stop: true);
        Page0.WriteInterruptMask(new() { Enabled = 0x3f });
        Command();
        Page0.WriteTransmitControl(default);
        Page0.WriteReceiveControl(new() { AcceptBroadcast = true, Promiscuous = promiscuous });
    }

    public uint Status => (uint)Page0.ReadInterruptStatus();

    public void Acknowledge() => Page0.WriteInterruptStatus((Ne2000Page0.InterruptStatusValue)0x7fu);

    public void SetUpRemote(int address, int count, uint operation)
    {
        Command();
        Page0.WriteRemoteCountLow(new() { Count = (uint)count & 0xff });
        Page0.WriteRemoteCountHigh(new() { Count = (uint)count >> 8 });
        Page0.WriteRemoteStartLow(new() { Address = (uint)address & 0xff });
        Page0.WriteRemoteStartHigh(new() { Address = (uint)address >> 8 });
        Command(remote: operation);
    }

    public byte[] Read(int address, int count, int width = 4)
    {
        SetUpRemote(address, count, ReadOperation);
        byte[] bytes = new byte[(count + width - 1) / width * width];
        nic.Machine.ReadPortBlock(DataPort, width, bytes);
        return bytes[..count];
    }

    public void Write(int address, byte[] bytes, int width = 2)
    {
        SetUpRemote(address, bytes.Length, WriteOperation);
        nic.Machine.WritePortBlock(DataPort, width, bytes);
    }

    public byte ReadByte() => (byte)nic.Machine.ReadPort(DataPort, 1);

    public void Transmit(byte[] frame)
    {
        byte[] even = new byte[frame.Length + (frame.Length & 1)];
        frame.CopyTo(even, 0);
        Write(TransmitPage << 8, even);
        Start(TransmitPage, frame.Length);
    }

    public void Start(int page, int length)
    {
        Page0.WriteTransmitCountLow(new() { Count = (uint)length & 0xff });
        Page0.WriteTransmitCountHigh(new() { Count = (uint)length >> 8 });
        Page0.WriteTransmitPage(new() { Page = (uint)page });
        Command(transmit: true);
    }

    /// <summary>Takes the next frame out of the ring as lib8390 does; null when there is none.</summary>
    public byte[]? Receive()
    {
        Command(page: 1);
        int current = (int)Page1.ReadCurrent().Page;
        Command();
        int page = (int)Page0.ReadBoundary().Page + 1;
        if (page >= StopPage)
            page = FirstPage;
        if (page == current)
            return null;
        byte[] header = Read(page << 8, 4);
        (header[0] & 0x0f).ShouldBe(1);
        int length = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(2)) - 4;
        byte[] frame = Read((page << 8) + 4, length);
        int next = header[1];
        Page0.WriteBoundary(new() { Page = (uint)(next == FirstPage ? StopPage - 1 : next - 1) });
        return frame;
    }
}
