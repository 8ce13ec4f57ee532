using L4;

namespace L4Io;

/// <summary>
/// A machine in which things go wrong on demand: what stands in front of another one. Block transfers through ports and configuration space are
/// always as they are there.
/// </summary>
/// <param name="machine">The machine; disposed with this one.</param>
/// <param name="events">Told when a fault struck.</param>
public sealed class FaultyMachine(IMachine machine, EventLog events) : IMachine, IMachineFaults
{
    /// <summary>The event that tells that a fault struck, of driver tasks too: what was hit has been used.</summary>
    public const string StruckEvent = "fault-struck";

    /// <summary>The event that tells that a fault is in place of which nobody can say whether it was ever used.</summary>
    public const string PlacedEvent = "fault-placed";

    private const string Source = "l4io";

    private volatile Armed? _armed;

    /// <summary>A fault that waits.</summary>
    private sealed class Armed(MachineFault fault, uint after, Random random)
    {
        private long _before = after;

        internal MachineFault Fault => fault;

        internal Random Random => random;

        internal bool IsNow() => Interlocked.Decrement(ref _before) < 0;
    }

    /// <summary>What a device has written and what has not arrived.</summary>
    internal LateArrival Late { get; } = new();

    /// <inheritdoc />
    public bool NeedsDelays => machine.NeedsDelays;

    /// <inheritdoc />
    public void Inject(MachineFault fault, uint after, int seed)
    {
        if (!Enum.IsDefined(fault))
            throw new ServiceException(ServiceError.BadArgument, $"there is no fault {(int)fault} of a machine");
        _armed = new Armed(fault, after, new Random(seed));
    }

    /// <inheritdoc />
    public void Clear() => _armed = null;

    /// <inheritdoc />
    public uint ReadConfig(PciAddress address, int offset, int width) => machine.ReadConfig(address, offset, width);

    /// <inheritdoc />
    public void WriteConfig(PciAddress address, int offset, int width, uint value) => machine.WriteConfig(address, offset, width, value);

    /// <inheritdoc />
    public uint ReadPort(ushort port, int width) => (uint)Spoil(machine.ReadPort(port, width), width, port, "port");

    /// <inheritdoc />
    public void WritePort(ushort port, int width, uint value) => machine.WritePort(port, width, value);

    /// <inheritdoc />
    public void ReadPortBlock(ushort port, int width, Span<byte> destination) => machine.ReadPortBlock(port, width, destination);

    /// <inheritdoc />
    public void WritePortBlock(ushort port, int width, ReadOnlySpan<byte> source) => machine.WritePortBlock(port, width, source);

    /// <inheritdoc />
    public ulong ReadMemory(ulong address, int width) => Spoil(machine.ReadMemory(address, width), width, address, "register at");

    /// <inheritdoc />
    public void WriteMemory(ulong address, int width, ulong value) => machine.WriteMemory(address, width, value);

    /// <inheritdoc />
    public void ConnectInterrupt(uint line, IInterruptSink? sink) => machine.ConnectInterrupt(line, sink is null ? null : new FaultyLine(this, line, sink));

    /// <inheritdoc />
    public void SetDmaMemory(PciAddress address, IDmaMemory? memory)
    {
        // What has not arrived never will: its memory goes.
        Late.Drop();
        machine.SetDmaMemory(address, memory is null ? null : new FaultyMemory(this, memory));
    }

    /// <inheritdoc />
    public void Reset(PciAddress address) => machine.Reset(address);

    /// <inheritdoc />
    public void ConnectService(PciAddress address, IServiceSink? sink) => machine.ConnectService(address, sink);

    /// <inheritdoc />
    public long Service(PciAddress address) => machine.Service(address);

    /// <inheritdoc />
    public void Dispose()
    {
        Late.Dispose();
        machine.Dispose();
    }

    /// <summary>Whether a fault strikes now; then it is over.</summary>
    internal Random? Strikes(MachineFault fault)
    {
        if (_armed is not { } armed || armed.Fault != fault || !armed.IsNow())
            return null;
        _armed = null;
        return armed.Random;
    }

    /// <summary>Tells that a fault struck.</summary>
    internal void Report(string what) => events.Report(Source, StruckEvent, what);

    private ulong Spoil(ulong value, int width, ulong register, string kind)
    {
        if (Strikes(MachineFault.WrongRegister) is not { } random)
            return value;
        ulong all = ulong.MaxValue >> (64 - 8 * width);
        ulong spoiled = random.Next(4) switch
        {
            0 => all,
            1 => 0,
            2 => value ^ 1ul << random.Next(8 * width),
            _ => (ulong)random.NextInt64() & all,
        };
        Report($"{kind} 0x{register:x} reads as 0x{spoiled:x} instead of 0x{value:x}");
        return spoiled;
    }
}
