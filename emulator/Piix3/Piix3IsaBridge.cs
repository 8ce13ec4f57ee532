using L4;
using L4Io;
using Registers;

namespace Emulator;

/// <summary>PIIX3's ISA bridge, of a machine without ISA devices.</summary>
[RegisterFile("piix3-isa.rdl", "")]
internal sealed partial class Piix3IsaBridge(PciAddress address, EventLog events) : PciFunction("piix3-isa", address, events)
{
    private partial void OnCommandWritten(uint old, uint written, uint accessed) => ReportUnmodelled(CommandOffset, old, CommandRegister);

    private partial void OnPirqRouteControlWritten(int index, uint old, uint written, uint accessed) =>
        ReportUnmodelled(PirqRouteControl0Offset + index, old, PirqRouteControlRegister(index));
}
