namespace Emulator;

/// <summary>Configuration registers that network cards have alike: PCI Local Bus Specification 2.1, section 6.2.</summary>
internal static class NetworkRegisters
{
    /// <summary>Class code of an Ethernet controller.</summary>
    public const uint EthernetClass = 0x020000;

    /// <summary>The header of a card. A base address register is described by the size that its writable bits give, and a low bit that is
    /// set for ports.</summary>
    /// <param name="vendor">Vendor id; the subsystem's too.</param>
    /// <param name="device">Device id; the subsystem's too.</param>
    /// <param name="revision">Revision.</param>
    /// <param name="interruptLine">What firmware tells drivers of INTA#.</param>
    /// <param name="baseAddresses">Configuration offset, size in bytes, and whether it is for ports.</param>
    public static ConfigurationRegister[] Header(
        ushort vendor, ushort device, byte revision, byte interruptLine, params ReadOnlySpan<(int Offset, uint Size, bool IsPorts)> baseAddresses)
    {
        List<ConfigurationRegister> registers =
        [
            new("vendor id", PciRegister.VendorId, 2, vendor),
            new("device id", PciRegister.DeviceId, 2, device),

            // Memory write and invalidate, parity and SERR# are kept: nothing goes wrong on this bus that they would report.
            new("command", PciRegister.Command, 2, 0,
                Writable: PciCommand.IoSpace | PciCommand.MemorySpace | PciCommand.BusMaster | 1 << 4 | 1 << 6 | 1 << 8, Reserved: PciCommand.Reserved),
            new("status", PciRegister.Status, 2, PciStatus.MediumDecode,
                ClearByOne: PciStatus.ReceivedMasterAbort | PciStatus.ReceivedTargetAbort | PciStatus.SignalledTargetAbort),
            new("revision", PciRegister.RevisionId, 1, revision),
            new("class code", PciRegister.ClassCode, 3, EthernetClass),
            new("cache line size", PciRegister.CacheLineSize, 1, 0, Writable: 0xff),
            new("latency timer", PciRegister.LatencyTimer, 1, 0, Writable: 0xff),
            new("header type", PciRegister.HeaderType, 1, 0),
            new("subsystem vendor id", PciRegister.SubsystemVendorId, 2, vendor),
            new("subsystem id", PciRegister.SubsystemId, 2, device),
            new("expansion ROM", PciRegister.RomBaseAddress, 4, 0),
            new("interrupt line", PciRegister.InterruptLine, 1, interruptLine, Writable: 0xff),
            new("interrupt pin", PciRegister.InterruptPin, 1, 1),
            new("minimum grant", PciRegister.MinimumGrant, 1, 0),
            new("maximum latency", PciRegister.MaximumLatency, 1, 0),
        ];
        for (int offset = PciRegister.BaseAddress0; offset <= PciRegister.BaseAddress5; offset += 4)
            registers.Add(BaseAddress(offset, baseAddresses));
        return [.. registers];
    }

    private static ConfigurationRegister BaseAddress(int offset, ReadOnlySpan<(int Offset, uint Size, bool IsPorts)> baseAddresses)
    {
        foreach (var (place, size, isPorts) in baseAddresses)
        {
            // Ports above 64 KiB do not exist on this machine: those bits are hardwired to zero.
            if (place == offset)
                return new("base address", offset, 4, isPorts ? 1u : 0u, Writable: isPorts ? 0x1_0000 - size : unchecked(0u - size));
        }

        return new("base address", offset, 4, 0);
    }
}
