using L4;
using L4Io;

namespace Emulator;

/// <summary>Bus 0: which function sits where.</summary>
internal sealed class PciBus
{
    private const int DeviceCount = 32;
    private const int FunctionCount = 8;
    private readonly PciFunction?[] _functions = new PciFunction?[DeviceCount * FunctionCount];

    /// <summary>Puts a function on the bus.</summary>
    public void Add(PciFunction function) => _functions[Index(function.Address)] = function;

    /// <summary>The function at an address, or null.</summary>
    public PciFunction? Find(PciAddress address) =>
        address is { Bus: 0, Device: < DeviceCount, Function: < FunctionCount } ? _functions[Index(address)] : null;

    /// <summary>Reads configuration space; nobody there reads as all ones (PCI 2.1, section 6.1).</summary>
    public uint Read(PciAddress address, int offset, int width) => Find(address)?.ReadConfig(offset, width) ?? LittleEndian.AllOnes(width);

    private static int Index(PciAddress address) => address.Device * FunctionCount + address.Function;
}

/// <summary>
/// Configuration mechanism 1 (PCI 2.1, section 3.2.2.3.2; 82441FX registers CONFADD and CONFDATA): the address goes to port CF8h as a
/// doubleword, the data through ports CFCh-CFFh.
/// </summary>
internal sealed class PciConfigurationPorts : PortRange
{
    /// <summary>CONFADD.</summary>
    public const ushort FirstPort = 0xcf8;

    private const int DataOffset = 4;

    /// <summary>Bit 31: accesses to CONFDATA are configuration cycles.</summary>
    private const uint Enable = 1u << 31;

    /// <summary>Bits 30:24 and 1:0 read as zero.</summary>
    private const uint AddressMask = 0x80ff_fffc;

    private readonly PciBus _bus;
    private readonly EventLog _events;
    private uint _address;

    public PciConfigurationPorts(PciBus bus, EventLog events)
        : base("pci-configuration", 8)
    {
        _bus = bus;
        _events = events;
    }

    private PciAddress Target => new((byte)(_address >> 16 & 0xff), (byte)(_address >> 11 & 0x1f), (byte)(_address >> 8 & 7));

    /// <inheritdoc />
    public override uint Read(int offset, int width)
    {
        if (offset == 0 && width == 4)
            return _address;
        if (IsData(offset, width))
            return _bus.Read(Target, ConfigurationOffset(offset), width);
        Report("read", offset, width);
        return LittleEndian.AllOnes(width);
    }

    /// <inheritdoc />
    public override void Write(int offset, int width, uint value)
    {
        if (offset == 0 && width == 4)
            _address = value & AddressMask;
        else if (IsData(offset, width))
            _bus.Find(Target)?.WriteConfig(ConfigurationOffset(offset), width, value);
        else
            Report("write", offset, width);
    }

    private int ConfigurationOffset(int offset) => (int)(_address & 0xfc) + offset - DataOffset;

    private bool IsData(int offset, int width) => offset >= DataOffset && offset + width <= Count && (_address & Enable) != 0;

    private void Report(string access, int offset, int width) =>
        _events.Report(Name, "unknown-register", $"{width}-byte {access} of port 0x{FirstPort + offset:x}, CONFADD 0x{_address:x8}");
}
