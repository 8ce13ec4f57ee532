using L4;
using Registers;

namespace Emulator;

/// <summary>The control block of a cable: Alternate Status and Device Control.</summary>
[RegisterFile("ata.rdl", "control")]
internal sealed partial class AtaControlBlock(string name, AtaChannel channel, EventLog events) : PortRange(name, 1)
{
    private partial uint LoadAlternateStatus(uint accessed) => channel.AlternateStatus;

    private partial void OnDeviceControlWritten(uint old, uint written, uint accessed)
    {
        bool wasReset = (old & DeviceControlSoftwareResetMask) != 0;
        if (DeviceControlSoftwareReset && !wasReset)
            channel.BeginReset();
        else if (!DeviceControlSoftwareReset && wasReset)
            channel.EndReset();
        channel.UpdateInterrupt();
    }

    // One port takes single bytes only, and they are registers.
    private partial void OnUndecodedRead(int offset, int width) => Report("unknown-register", $"{width}-byte read");

    private partial void OnUndecodedWrite(int offset, int width, uint value) => Report("unknown-register", $"{width}-byte write of 0x{value:x}");

    private partial void OnReservedWrite(int offset, uint bits) =>
        Report("reserved-write", $"{RegisterName(offset)}: reserved bits 0x{bits:x} written as one");

    private void Report(string kind, string text) => events.Report(Name, kind, text);
}
