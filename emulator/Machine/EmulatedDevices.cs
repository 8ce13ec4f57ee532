using Registers;

namespace Emulator;

/// <summary>The devices whose registers are described beside their models.</summary>
public static class EmulatedDevices
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<DeviceRegisters> All { get; } = [Piix3IdeTables.Device, Intel82540Tables.Device, Rtl8029Tables.Device, Rtl8139Tables.Device];
}
