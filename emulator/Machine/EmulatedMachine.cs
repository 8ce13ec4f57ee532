using L4;
using L4Io;

namespace Emulator;

/// <summary>
/// A PC in C#: host bridge 82441FX at 00:00.0, PIIX3 with its ISA bridge at 00:01.0 and its IDE interface at 00:01.1, ATA disks; network
/// cards from 00:03.0 on, each with an interrupt line of its own. No memory and no processor: those are the user's. Device models run on the
/// thread that accesses a register, and end what it started before the access returns; what comes from outside or with time they do on
/// that thread too, when it serves them. They have no threads of their own.
/// </summary>
public sealed class EmulatedMachine : IMachine
{
    /// <summary>Interrupt lines: the inputs of one I/O APIC.</summary>
    public const int InterruptLineCount = 24;

    private const string Source = "machine";
    private static readonly PciAddress _hostBridgeAddress = new(0, 0, 0);
    private static readonly PciAddress _isaBridgeAddress = new(0, 1, 0);
    private static readonly PciAddress _ideAddress = new(0, 1, 1);

    // Slot 2 is a display's by custom. The upper inputs of an I/O APIC are PCI's.
    private const int FirstNicDevice = 3;
    private const int FirstNicInterrupt = 16;

    private readonly EventLog _events;
    private readonly PortTable _ports;
    private readonly MemoryTable _memory;
    private readonly PciBus _bus = new();
    private readonly InterruptLine[] _interrupts = new InterruptLine[InterruptLineCount];
    private readonly IDiskMedium[] _media;
    private readonly NetworkFunction[] _nics;

    /// <summary>Builds the machine, which owns the description's media from now on.</summary>
    /// <param name="description">What it is made of.</param>
    /// <param name="clock">The system's time, for what takes time in a device.</param>
    /// <param name="events">Where bad accesses are reported.</param>
    /// <exception cref="MachineDescriptionException">There are too many network cards.</exception>
    public EmulatedMachine(MachineDescription description, Clock clock, EventLog events)
    {
        ArgumentNullException.ThrowIfNull(description);
        if (description.Nics.Count > MachineDescription.HighestNicCount)
            throw new MachineDescriptionException($"{description.Nics.Count} network cards: the emulated machine takes {MachineDescription.HighestNicCount}");
        _events = events;
        _ports = new PortTable(events);
        _memory = new MemoryTable(events);
        for (int line = 0; line < _interrupts.Length; line++)
            _interrupts[line] = new InterruptLine();

        IdeControllerDescription disks = description.Ide;
        _media = [.. new[] { disks.PrimaryMaster, disks.PrimarySlave, disks.SecondaryMaster, disks.SecondarySlave }
            .OfType<DiskDescription>().Select(disk => disk.Medium)];
        AtaChannel primary = NewChannel("ata0", disks.PrimaryMaster, disks.PrimarySlave);
        AtaChannel secondary = NewChannel("ata1", disks.SecondaryMaster, disks.SecondarySlave);
        var ide = new Piix3Ide(_ideAddress, primary, secondary, _ports, _interrupts, events);

        _bus.Add(new HostBridge(_hostBridgeAddress, events));
        _bus.Add(new Piix3IsaBridge(_isaBridgeAddress, events));
        _bus.Add(ide);
        _nics = new NetworkFunction[description.Nics.Count];
        for (int index = 0; index < description.Nics.Count; index++)
        {
            int line = FirstNicInterrupt + index;
            var slot = new NicSlot(new PciAddress(0, (byte)(FirstNicDevice + index), 0), _interrupts[line], (byte)line, _ports, _memory, clock, events);
            NicDescription nic = description.Nics[index];
            _nics[index] = nic.Model switch
            {
                NicModel.E1000 => new Intel82540(slot, nic),
                NicModel.Ne2000 => new Rtl8029(slot, nic),
                NicModel.Rtl8139 => new Rtl8139(slot, nic, isPlus: false),
                NicModel.Rtl8139CPlus => new Rtl8139(slot, nic, isPlus: true),
                _ => throw new MachineDescriptionException($"network card model {nic.Model}: there is no such model"),
            };
            _bus.Add(_nics[index]);
        }

        _ports.Claim(new PciConfigurationPorts(_bus, events), PciConfigurationPorts.FirstPort);
        if (description.FirmwareSetUp)
            ide.WriteConfig(Piix3Ide.IdeTiming0Offset, 4, Piix3Ide.IdeTimingDecodeEnableMask << 16 | Piix3Ide.IdeTimingDecodeEnableMask);
    }

    /// <inheritdoc />
    public bool NeedsDelays => false;

    /// <inheritdoc />
    public uint ReadConfig(PciAddress address, int offset, int width) =>
        IsWidth(width) ? _bus.Read(address, offset, width) : BadWidth("configuration read", (ulong)offset, width);

    /// <inheritdoc />
    public void WriteConfig(PciAddress address, int offset, int width, uint value)
    {
        if (!IsWidth(width))
            BadWidth("configuration write", (ulong)offset, width);
        else if (_bus.Find(address) is { } function)
            function.WriteConfig(offset, width, value);
        else
            _events.Report(Source, "unknown-function", $"configuration write of 0x{value:x} at {address} offset 0x{offset:x}: nothing there");
    }

    /// <inheritdoc />
    public uint ReadPort(ushort port, int width) =>
        _ports[port] is { } range && Fits(range, port, width) ? range.Read(port - range.First, width) : UnknownPort("read", port, width);

    /// <inheritdoc />
    public void WritePort(ushort port, int width, uint value)
    {
        if (_ports[port] is { } range && Fits(range, port, width))
            range.Write(port - range.First, width, value);
        else
            UnknownPort($"write of 0x{value:x}", port, width);
    }

    /// <inheritdoc />
    public void ReadPortBlock(ushort port, int width, Span<byte> destination)
    {
        if (_ports[port] is { } range && Fits(range, port, width) && destination.Length % width == 0)
        {
            range.ReadBlock(port - range.First, width, destination);
            return;
        }

        UnknownPort($"string read of {destination.Length} bytes", port, width);
        destination.Fill(0xff);
    }

    /// <inheritdoc />
    public void WritePortBlock(ushort port, int width, ReadOnlySpan<byte> source)
    {
        if (_ports[port] is { } range && Fits(range, port, width) && source.Length % width == 0)
            range.WriteBlock(port - range.First, width, source);
        else
            UnknownPort($"string write of {source.Length} bytes", port, width);
    }

    /// <inheritdoc />
    public ulong ReadMemory(ulong address, int width)
    {
        if (width is 1 or 2 or 4 or 8 && _memory.Find(address, width) is { } range)
            return range.Read((int)(address - range.First), width);
        _events.Report(Source, "unknown-memory", $"{width}-byte read at 0x{address:x}: no device decodes it");
        return width is > 0 and <= 8 ? ulong.MaxValue >> (64 - 8 * width) : ulong.MaxValue;
    }

    /// <inheritdoc />
    public void WriteMemory(ulong address, int width, ulong value)
    {
        if (width is 1 or 2 or 4 or 8 && _memory.Find(address, width) is { } range)
            range.Write((int)(address - range.First), width, value);
        else
            _events.Report(Source, "unknown-memory", $"{width}-byte write of 0x{value:x} at 0x{address:x}: no device decodes it");
    }

    /// <inheritdoc />
    /// <exception cref="ArgumentOutOfRangeException">There is no such line.</exception>
    public void ConnectInterrupt(uint line, IInterruptSink? sink)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(line, (uint)InterruptLineCount);
        _interrupts[line].Connect(sink);
    }

    /// <inheritdoc />
    /// <exception cref="ArgumentException">There is no function at that address.</exception>
    public void SetDmaMemory(PciAddress address, IDmaMemory? memory) => FunctionAt(address).SetDmaMemory(memory);

    /// <inheritdoc />
    /// <exception cref="ArgumentException">There is no function at that address.</exception>
    public void Reset(PciAddress address) => FunctionAt(address).ResetFunction();

    /// <inheritdoc />
    /// <exception cref="ArgumentException">There is no function at that address.</exception>
    public void ConnectService(PciAddress address, IServiceSink? sink) => FunctionAt(address).ConnectService(sink);

    /// <inheritdoc />
    /// <exception cref="ArgumentException">There is no function at that address.</exception>
    public long Service(PciAddress address) => FunctionAt(address).Service();

    /// <summary>Closes the media and leaves the wires.</summary>
    public void Dispose()
    {
        foreach (IDiskMedium medium in _media)
            medium.Dispose();
        foreach (NetworkFunction nic in _nics)
            nic.LeaveWire();
    }

    private PciFunction FunctionAt(PciAddress address) =>
        _bus.Find(address) ?? throw new ArgumentException($"no function at {address}", nameof(address));

    private AtaChannel NewChannel(string name, DiskDescription? master, DiskDescription? slave)
    {
        AtaDisk? device0 = master is null ? null : NewDisk(name + ".0", master, isDevice1: false, isAlone: slave is null);
        AtaDisk? device1 = slave is null ? null : NewDisk(name + ".1", slave, isDevice1: true, isAlone: master is null);
        return new AtaChannel(name, device0, device1, _events);
    }

    private AtaDisk NewDisk(string name, DiskDescription disk, bool isDevice1, bool isAlone)
    {
        string firmware = typeof(EmulatedMachine).Assembly.GetName().Version?.ToString(3) ?? "0";
        var identity = new DiskIdentity(disk.Model, disk.Serial, firmware);
        return new AtaDisk(name, disk.Medium, identity, isDevice1, _events) { IsAlone = isAlone };
    }

    private static bool IsWidth(int width) => width is 1 or 2 or 4;

    private static bool Fits(PortRange range, ushort port, int width) => IsWidth(width) && port - range.First + width <= range.Count;

    private uint UnknownPort(string access, ushort port, int width)
    {
        _events.Report(Source, "unknown-port", $"{width}-byte {access} at port 0x{port:x4}: no device decodes it");
        return IsWidth(width) ? LittleEndian.AllOnes(width) : uint.MaxValue;
    }

    private uint BadWidth(string access, ulong offset, int width)
    {
        _events.Report(Source, "bad-width", $"{width}-byte {access} at 0x{offset:x}");
        return uint.MaxValue;
    }
}
