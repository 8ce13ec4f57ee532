using L4;
using L4Io;

namespace Emulator;

/// <summary>What a machine gives a network card that is put into it.</summary>
/// <param name="Address">Its place on the bus.</param>
/// <param name="Interrupt">Where its INTA# leads.</param>
/// <param name="InterruptNumber">The number of that line, for the configuration space.</param>
/// <param name="Ports">Who decodes ports.</param>
/// <param name="Memory">Who decodes device memory.</param>
/// <param name="Clock">The system's time.</param>
/// <param name="Events">Where bad accesses are reported.</param>
internal sealed record NicSlot(PciAddress Address, InterruptLine Interrupt, byte InterruptNumber, PortTable Ports, MemoryTable Memory, Clock Clock, EventLog Events);

/// <summary>
/// A network card on the bus: base addresses, its wire, its interrupt. All of a model's work is done on the thread that accesses its
/// registers; what happens on the wire makes it ask for service on that thread.
/// </summary>
internal abstract class NetworkFunction : PciFunction, IWireUser
{
    private readonly NicSlot _slot;
    private readonly List<(int Register, PortRange Range)> _ports = [];
    private readonly List<(int Register, MemoryRange Range)> _memory = [];

    /// <param name="name">Name for events.</param>
    /// <param name="slot">Where it is put.</param>
    /// <param name="description">Its wire and address.</param>
    /// <param name="registers">Its configuration registers.</param>
    protected NetworkFunction(string name, NicSlot slot, NicDescription description, ReadOnlySpan<ConfigurationRegister> registers)
        : base(name, slot.Address, registers, slot.Events)
    {
        _slot = slot;
        // A socket without a wire is one whose other end nobody holds.
        Wire = description.Wire ?? new Wire().Left;
        Wire.Attach(this);
    }

    /// <summary>Its end of the wire.</summary>
    protected WireEnd Wire { get; }

    /// <summary>Its interrupt pin.</summary>
    protected InterruptLine Interrupt => _slot.Interrupt;

    /// <summary>The system's time.</summary>
    protected Clock Clock => _slot.Clock;

    /// <summary>Whether the command register lets it master the bus.</summary>
    protected bool MayMaster { get; private set; }

    /// <inheritdoc />
    public void WireChanged() => RequestService();

    /// <summary>The machine is taken apart.</summary>
    public void LeaveWire() => Wire.Attach(null);

    /// <summary>A bus master's access was refused.</summary>
    protected void ReceivedMasterAbort() => SetStatus(PciStatus.ReceivedMasterAbort);

    /// <summary>Lets the base address register at configuration offset <paramref name="register"/> place some ports.</summary>
    protected void Decode(int register, PortRange range) => _ports.Add((register, range));

    /// <summary>Lets the base address register at configuration offset <paramref name="register"/> place device memory.</summary>
    protected void Decode(int register, MemoryRange range) => _memory.Add((register, range));

    /// <inheritdoc />
    protected override void ConfigurationWritten()
    {
        uint command = ReadConfig(PciRegister.Command, 2);
        foreach (var (register, range) in _ports)
        {
            _slot.Ports.Release(range);
            uint place = ReadConfig(register, 4) & 0xfffc;
            if ((command & PciCommand.IoSpace) != 0 && place != 0)
                _slot.Ports.Claim(range, (ushort)place);
        }

        foreach (var (register, range) in _memory)
        {
            _slot.Memory.Release(range);
            uint place = ReadConfig(register, 4) & 0xffff_fff0;
            if ((command & PciCommand.MemorySpace) != 0 && place != 0)
                _slot.Memory.Claim(range, place);
        }

        bool couldMaster = MayMaster;
        MayMaster = (command & PciCommand.BusMaster) != 0;
        if (MayMaster != couldMaster)
            RequestService();
    }
}
