using L4Io;
using Registers;

namespace Emulator.Tests;

/// <summary>What a driver calls the registers of its disk: the command block.</summary>
[RegisterAccess("ata.rdl", "taskfile")]
internal static partial class TaskFileBlock;

/// <summary>The control block.</summary>
[RegisterAccess("ata.rdl", "control")]
internal static partial class DeviceControlBlock;

/// <summary>One channel's bus master.</summary>
[RegisterAccess("piix3-ide.rdl", "primary.busMaster")]
internal static partial class BusMasterBlock;

/// <summary>A block of registers at ports.</summary>
internal readonly struct PortBus(IPortAccess machine, uint first) : IRegisterBus
{
    public uint Read(int offset, int width) => machine.ReadPort((ushort)(first + (uint)offset), width);

    public void Write(int offset, int width, uint value) => machine.WritePort((ushort)(first + (uint)offset), width, value);
}
