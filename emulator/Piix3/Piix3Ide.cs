using L4;
using L4Io;
using Registers;

namespace Emulator;

/// <summary>
/// PIIX3's IDE function: two channels in compatibility mode (fixed ports and interrupts), each with a bus master. What the
/// configuration registers enable is decoded: nothing after power-on.
/// </summary>
[RegisterFile("piix3-ide.rdl", "configuration")]
internal sealed partial class Piix3Ide : PciFunction
{
    // Compatibility mode: 290550, "PCI configuration registers - IDE interface (function 1)", IDETIM.
    private static readonly (ushort CommandBlock, ushort ControlBlock, int Interrupt)[] s_resources = [(0x1f0, 0x3f6, 14), (0x170, 0x376, 15)];

    private readonly PortTable _ports;
    private readonly AtaChannel[] _channels;
    private readonly BusMasterChannel[] _busMasters;

    public Piix3Ide(
        PciAddress address, AtaChannel primary, AtaChannel secondary, PortTable ports, ReadOnlySpan<InterruptLine> interrupts, EventLog events)
        : base("piix3-ide", address, events)
    {
        _ports = ports;
        _channels = [primary, secondary];
        _busMasters = new BusMasterChannel[_channels.Length];
        for (int i = 0; i < _channels.Length; i++)
            _busMasters[i] = new BusMasterChannel($"bus-master{i}", this, _channels[i], interrupts[s_resources[i].Interrupt], events);
    }

    /// <inheritdoc />
    public override void ResetFunction()
    {
        foreach (BusMasterChannel busMaster in _busMasters)
            busMaster.ResetChannel();
    }

    private partial void OnCommandWritten(uint old, uint written, uint accessed)
    {
        Decode();
        if (!CommandBusMaster || (old & CommandBusMasterMask) != 0)
            return;
        foreach (BusMasterChannel busMaster in _busMasters)
            busMaster.Run();
    }

    private partial void OnBusMasterBaseWritten(uint old, uint written, uint accessed) => Decode();

    private partial void OnIdeTimingWritten(int index, uint old, uint written, uint accessed) => Decode();

    private void Decode()
    {
        // A base of zero is what sizing software and an unconfigured machine leave; those ports belong to the ISA DMA controller.
        uint busMasterBase = BusMasterBaseRegister & BusMasterBaseAddressMask;
        for (int i = 0; i < _channels.Length; i++)
        {
            _ports.Release(_channels[i].CommandBlock);
            _ports.Release(_channels[i].ControlBlock);
            _ports.Release(_busMasters[i]);
        }

        // Fixed ports come first: a base address that hits them loses.
        for (int i = 0; CommandIoSpace && i < _channels.Length; i++)
        {
            if (!IdeTimingDecodeEnable(i))
                continue;
            _ports.Claim(_channels[i].CommandBlock, s_resources[i].CommandBlock);
            _ports.Claim(_channels[i].ControlBlock, s_resources[i].ControlBlock);
        }

        for (int i = 0; CommandIoSpace && busMasterBase != 0 && i < _busMasters.Length; i++)
            _ports.Claim(_busMasters[i], (ushort)(busMasterBase + BusMasterChannel.PortCount * i));
    }
}
