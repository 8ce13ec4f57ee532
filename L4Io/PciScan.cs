using L4;

namespace L4Io;

/// <summary>Finds the functions on bus 0 and gives their base address registers addresses, as a firmware would.</summary>
/// <remarks>Register numbers: PCI Local Bus Specification 3.0, section 6.1 (header type 0) and 6.2.5.1 (sizing). IDE legacy resources:
/// PCI IDE Controller Specification 1.0, section 2.</remarks>
internal sealed class PciScan
{
    internal const int VendorId = 0x00;
    internal const int DeviceId = 0x02;
    internal const int Command = 0x04;
    internal const int Revision = 0x08;
    internal const int HeaderType = 0x0e;
    internal const int FirstBar = 0x10;
    internal const int SubsystemVendorId = 0x2c;
    internal const int SubsystemId = 0x2e;
    internal const int ExpansionRom = 0x30;
    internal const int InterruptLine = 0x3c;
    internal const int InterruptPin = 0x3d;
    internal const int BarCount = 6;
    internal const uint CommandDecode = 0x0003;
    internal const uint CommandBusMaster = 0x0004;

    private const uint IdeClass = 0x0101;
    private const uint IdePrimaryNative = 0x01;
    private const uint IdeSecondaryNative = 0x04;
    private const byte NoBar = 255;

    private readonly IMachine _machine;
    // Above the legacy ports of chip sets, and below the chip set's own memory windows.
    private ulong _nextPort = 0xc000;
    private ulong _nextMemory = 0xe000_0000;

    internal PciScan(IMachine machine) => _machine = machine;

    internal List<PciFunctionInfo> Run()
    {
        var found = new List<PciFunctionInfo>();
        for (byte device = 0; device < 32; device++)
        {
            var first = new PciAddress(0, device, 0);
            if (Read16(first, VendorId) == 0xffff)
                continue;
            int functions = (_machine.ReadConfig(first, HeaderType, 1) & 0x80) != 0 ? 8 : 1;
            for (byte function = 0; function < functions; function++)
            {
                var address = new PciAddress(0, device, function);
                if (Read16(address, VendorId) != 0xffff)
                    found.Add(Inspect(address));
            }
        }
        return found;
    }

    private PciFunctionInfo Inspect(PciAddress address)
    {
        uint classAndRevision = _machine.ReadConfig(address, Revision, 4);
        uint classCode = classAndRevision >> 8;
        var resources = new List<PciResource>();
        bool plainHeader = (_machine.ReadConfig(address, HeaderType, 1) & 0x7f) == 0;
        bool ide = classCode >> 8 == IdeClass;
        bool primaryLegacy = ide && (classCode & IdePrimaryNative) == 0;
        bool secondaryLegacy = ide && (classCode & IdeSecondaryNative) == 0;
        if (primaryLegacy)
        {
            resources.Add(new PciResource(ResourceKind.Ports, 0, 0x1f0, 8));
            resources.Add(new PciResource(ResourceKind.Ports, 1, 0x3f6, 1));
            resources.Add(new PciResource(ResourceKind.Interrupt, NoBar, 14, 1));
        }
        if (secondaryLegacy)
        {
            resources.Add(new PciResource(ResourceKind.Ports, 2, 0x170, 8));
            resources.Add(new PciResource(ResourceKind.Ports, 3, 0x376, 1));
            resources.Add(new PciResource(ResourceKind.Interrupt, NoBar, 15, 1));
        }
        if (plainHeader)
            AddBars(address, resources, primaryLegacy, secondaryLegacy);
        uint pin = _machine.ReadConfig(address, InterruptPin, 1);
        uint line = _machine.ReadConfig(address, InterruptLine, 1);
        if (plainHeader && pin != 0 && line is not (0 or 255) && !primaryLegacy)
            resources.Add(new PciResource(ResourceKind.Interrupt, NoBar, line, 1));
        return new PciFunctionInfo(address, Read16(address, VendorId), Read16(address, DeviceId),
            plainHeader ? Read16(address, SubsystemVendorId) : (ushort)0, plainHeader ? Read16(address, SubsystemId) : (ushort)0,
            classCode, (byte)(classAndRevision & 0xff), [.. resources], _machine.NeedsDelays, null);
    }

    private void AddBars(PciAddress address, List<PciResource> resources, bool primaryLegacy, bool secondaryLegacy)
    {
        uint command = _machine.ReadConfig(address, Command, 2);
        // Decoding stays off while the registers hold the sizing pattern, or the device would answer at the pattern's addresses.
        _machine.WriteConfig(address, Command, 2, command & ~CommandDecode);
        for (int bar = 0; bar < BarCount; bar++)
        {
            if ((primaryLegacy && bar < 2) || (secondaryLegacy && bar is 2 or 3))
                continue;
            int register = FirstBar + bar * 4;
            uint old = _machine.ReadConfig(address, register, 4);
            _machine.WriteConfig(address, register, 4, 0xffff_ffff);
            uint mask = _machine.ReadConfig(address, register, 4);
            _machine.WriteConfig(address, register, 4, old);
            if (mask == 0)
                continue;
            bool ports = (mask & 1) != 0;
            bool wide = !ports && (mask & 6) == 4;
            uint bits = mask & (ports ? 0xffff_fffcu : 0xffff_fff0u);
            ulong size = ports ? unchecked(~(bits | 0xffff_0000u) + 1) & 0xffff : unchecked(~bits + 1);
            if (size == 0)
                continue;
            ulong current = old & (ports ? 0xffff_fffcu : 0xffff_fff0u);
            ulong place = current != 0 ? current : ports ? Allocate(ref _nextPort, size) : Allocate(ref _nextMemory, Math.Max(size, Dataspace.PageSize));
            _machine.WriteConfig(address, register, 4, (uint)place | (old & (ports ? 3u : 15u)));
            if (wide)
                _machine.WriteConfig(address, register + 4, 4, 0);
            resources.Add(new PciResource(ports ? ResourceKind.Ports : ResourceKind.Memory, (byte)bar, place, size));
            if (wide)
                bar++;
        }
        _machine.WriteConfig(address, Command, 2, command);
    }

    private static ulong Allocate(ref ulong next, ulong size)
    {
        // Sizes are powers of two and addresses are aligned to them.
        ulong place = (next + (size - 1)) & ~(size - 1);
        next = place + size;
        return place;
    }

    private ushort Read16(PciAddress address, int offset) => (ushort)_machine.ReadConfig(address, offset, 2);
}
