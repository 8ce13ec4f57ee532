using L4;
using L4Io;
using Registers;

namespace Emulator;

/// <summary>The host bridge, 82441FX.</summary>
[RegisterFile("82441fx.rdl", "")]
internal sealed partial class HostBridge(PciAddress address, EventLog events) : PciFunction("82441fx", address, events);
