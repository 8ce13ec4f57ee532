using L4;
using L4Io;
using Registers;

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
[RegisterFile("network-header.rdl", "")]
internal abstract partial class NetworkFunction : PciFunction, IWireUser
{
    private const uint PortKind = 1;

    private readonly NicSlot _slot;
    private readonly List<(int Index, PortRange Range)> _ports = [];
    private readonly List<(int Index, MemoryRange Range)> _memory = [];

    // The bits of each base address register that can be written.
    private readonly uint[] _addressMasks = new uint[6];

    /// <param name="name">Name for events.</param>
    /// <param name="slot">Where it is put.</param>
    /// <param name="description">Its wire and address.</param>
    /// <param name="vendor">PCI vendor; the subsystem's too.</param>
    /// <param name="device">PCI device; the subsystem's too.</param>
    /// <param name="revision">PCI revision.</param>
    protected NetworkFunction(string name, NicSlot slot, NicDescription description, ushort vendor, ushort device, byte revision)
        : base(name, slot.Address, slot.Events)
    {
        _slot = slot;
        VendorIdValue = SubsystemVendorIdValue = vendor;
        DeviceIdValue = SubsystemIdValue = device;
        RevisionIdValue = revision;
        InterruptLineValue = slot.InterruptNumber;
        // A socket without a wire is one whose other end nobody holds.
        Wire = description.Wire ?? new Wire().Left;
        Faults = description.Faults;
        Faults.Connect(slot.Interrupt, RequestService);
        Wire.Attach(this);
    }

    /// <summary>What is wrong with it.</summary>
    public NicFaults Faults { get; }

    /// <summary>Its end of the wire.</summary>
    protected WireEnd Wire { get; }

    /// <summary>Its interrupt pin.</summary>
    protected InterruptLine Interrupt => _slot.Interrupt;

    /// <summary>The system's time.</summary>
    protected Clock Clock => _slot.Clock;

    /// <summary>Whether the command register lets it master the bus.</summary>
    public bool CanMaster => CommandBusMaster;

    /// <inheritdoc />
    public void WireChanged() => RequestService();

    /// <summary>The machine is taken apart.</summary>
    public void LeaveWire() => Wire.Attach(null);

    /// <summary>A bus master's access was refused, and reported by who refused it.</summary>
    public void ReceivedMasterAbort() => StatusReceivedMasterAbort = true;

    /// <summary>Reports that software asked for what is not modelled.</summary>
    public void ReportUnmodelled(string what, uint value) => Report("unmodelled-write", $"{what}: write of 0x{value:x} has no effect");

    /// <summary>Frames are wanted, or not any more. Nobody gets any while nobody works for the card.</summary>
    protected void Listen(bool wanted)
    {
        bool listens = wanted && IsServed;
        // What came before is not for this receiver.
        if (listens && !Wire.IsListening)
            Wire.DiscardReceived();
        Wire.IsListening = listens;
    }

    /// <inheritdoc />
    protected override void ServiceConnected(bool connected)
    {
        // Nobody works for the card any more: its wire must not make the other end wait.
        if (!connected)
            Wire.IsListening = false;
        RequestService();
    }

    /// <summary>Lets a base address register place some ports, at most 256 (section 6.2.5.1), a power of two.</summary>
    protected void Decode(int index, PortRange range)
    {
        // Ports above 64 KiB do not exist on this machine: those bits are hardwired to zero.
        _addressMasks[index] = 0x1_0000 - (uint)range.Count;
        SetBaseAddressRegister(index, PortKind);
        _ports.Add((index, range));
    }

    /// <summary>Lets a base address register place device memory.</summary>
    protected void Decode(int index, MemoryRange range)
    {
        _addressMasks[index] = unchecked(0u - range.Size);
        _memory.Add((index, range));
    }

    private partial void OnCommandWritten(uint old, uint written, uint accessed)
    {
        PlaceRanges();
        if (((old ^ CommandRegister) & CommandBusMasterMask) != 0)
            RequestService();
    }

    private partial void OnBaseAddressWritten(int index, uint old, uint written, uint accessed)
    {
        SetBaseAddressRegister(index, BaseAddressRegister(index) & _addressMasks[index] | old & ~_addressMasks[index]);
        PlaceRanges();
    }

    private void PlaceRanges()
    {
        foreach (var (index, range) in _ports)
        {
            _slot.Ports.Release(range);
            uint place = BaseAddressRegister(index) & _addressMasks[index];
            if (CommandIoSpace && place != 0)
                _slot.Ports.Claim(range, (ushort)place);
        }

        foreach (var (index, range) in _memory)
        {
            _slot.Memory.Release(range);
            uint place = BaseAddressRegister(index);
            if (CommandMemorySpace && place != 0)
                _slot.Memory.Claim(range, place);
        }
    }
}
