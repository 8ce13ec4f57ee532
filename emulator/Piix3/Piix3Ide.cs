using L4;
using L4Io;

namespace Emulator;

/// <summary>
/// PIIX3's IDE function: two channels in compatibility mode (fixed ports and interrupts), each with a bus master. What the
/// configuration registers enable is decoded: nothing after power-on.
/// </summary>
internal sealed class Piix3Ide : PciFunction
{
    private readonly PortTable _ports;
    private readonly AtaChannel[] _channels;
    private readonly BusMasterChannel[] _busMasters;
    private readonly PortRange _busMasterPorts;

    public Piix3Ide(
        PciAddress address, AtaChannel primary, AtaChannel secondary, PortTable ports, ReadOnlySpan<InterruptLine> interrupts, EventLog events)
        : base("piix3-ide", address, IdeRegisters.All, events)
    {
        _ports = ports;
        _channels = [primary, secondary];
        _busMasters =
        [
            new BusMasterChannel("bus-master0", this, primary, interrupts[IdeRegisters.Primary.Interrupt], events),
            new BusMasterChannel("bus-master1", this, secondary, interrupts[IdeRegisters.Secondary.Interrupt], events),
        ];
        _busMasterPorts = new BusMasterPortRange(this);
    }

    /// <summary>PCICMD.BME.</summary>
    public bool MayMaster { get; private set; }

    /// <summary>A bus master's access was refused.</summary>
    public void ReceivedMasterAbort() => SetStatus(PciStatus.ReceivedMasterAbort);

    /// <inheritdoc />
    protected override void ConfigurationWritten()
    {
        uint command = ReadConfig(PciRegister.Command, 2);
        bool ioSpace = (command & PciCommand.IoSpace) != 0;
        DecodeChannel(0, IdeRegisters.Primary, ioSpace);
        DecodeChannel(1, IdeRegisters.Secondary, ioSpace);

        // A base of zero is what sizing software and an unconfigured machine leave; those ports belong to the ISA DMA controller.
        uint busMasterBase = ReadConfig(PciRegister.BaseAddress4, 4) & IdeRegisters.BaseAddressMask;
        Decode(_busMasterPorts, (ushort)busMasterBase, ioSpace && busMasterBase != 0);

        bool couldMaster = MayMaster;
        MayMaster = (command & PciCommand.BusMaster) != 0;
        if (couldMaster || !MayMaster)
            return;
        foreach (BusMasterChannel busMaster in _busMasters)
            busMaster.Run();
    }

    private void DecodeChannel(int index, (ushort Command, ushort Control, int Interrupt) resources, bool ioSpace)
    {
        bool enabled = ioSpace && (ReadConfig(IdeRegisters.IdeTiming + 2 * index, 2) & IdeRegisters.IdeDecodeEnable) != 0;
        Decode(_channels[index].CommandBlock, resources.Command, enabled);
        Decode(_channels[index].ControlBlock, resources.Control, enabled);
    }

    private void Decode(PortRange range, ushort first, bool enabled)
    {
        _ports.Release(range);
        if (enabled)
            _ports.Claim(range, first);
    }

    /// <summary>The 16 bus master ports: "can be accessed as byte, word, or doubleword quantities".</summary>
    private sealed class BusMasterPortRange(Piix3Ide controller) : PortRange("piix3-ide-bus-master", IdeRegisters.BusMasterPorts)
    {
        public override uint Read(int offset, int width)
        {
            BusMasterChannel channel = controller._busMasters[offset / BusMasterRegister.ChannelPorts];
            int register = offset % BusMasterRegister.ChannelPorts;
            if (width == 1)
                return channel.Read(register);
            if (!IsAligned(register, width))
            {
                ReportAlignment("read", offset, width);
                return LittleEndian.AllOnes(width);
            }

            uint value = 0;
            for (int i = 0; i < width; i++)
                value |= (uint)channel.Read(register + i) << 8 * i;
            return value;
        }

        public override void Write(int offset, int width, uint value)
        {
            BusMasterChannel channel = controller._busMasters[offset / BusMasterRegister.ChannelPorts];
            int register = offset % BusMasterRegister.ChannelPorts;
            if (width == 1)
                channel.Write(register, unchecked((byte)value));
            else if (width == 4 && register == BusMasterRegister.DescriptorTable)
                channel.WriteDescriptorTable(value);
            else if (IsAligned(register, width))
                WriteBytes(channel, register, width, value);
            else
                ReportAlignment("write", offset, width);
        }

        private static bool IsAligned(int register, int width) => register % width == 0;

        private static void WriteBytes(BusMasterChannel channel, int register, int width, uint value)
        {
            for (int i = 0; i < width; i++)
                channel.Write(register + i, unchecked((byte)(value >> 8 * i)));
        }

        private void ReportAlignment(string access, int offset, int width) =>
            controller.Report("bad-width", $"{width}-byte {access} of bus master register 0x{offset:x}: not aligned");
    }
}
