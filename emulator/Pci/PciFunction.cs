using L4;
using L4Io;

namespace Emulator;

/// <summary>
/// One PCI function: its configuration space, whose registers a derived class has from a description (<see cref="Read"/> and
/// <see cref="Write"/> are generated, effects are written by hand), and the memory that it may reach.
/// </summary>
internal abstract class PciFunction
{
    /// <summary>Bytes of configuration space (PCI 2.1, section 6.1 "Configuration space organization").</summary>
    private const int SpaceSize = 256;

    private volatile IDmaMemory? _dmaMemory;
    private int _dmaInFlight;
    private volatile IServiceSink? _serviceSink;
    private int _wantsService;

    /// <param name="name">Name for events, e.g. <c>piix3-ide</c>.</param>
    /// <param name="address">Where it sits.</param>
    /// <param name="events">Where bad accesses are reported.</param>
    protected PciFunction(string name, PciAddress address, EventLog events)
    {
        Name = name;
        Address = address;
        Events = events;
    }

    /// <summary>Name for events.</summary>
    public string Name { get; }

    /// <summary>Where it sits.</summary>
    public PciAddress Address { get; }

    /// <summary>Where bad accesses are reported.</summary>
    protected EventLog Events { get; }

    /// <summary>Reads configuration registers; the access is aligned and within one doubleword.</summary>
    public abstract uint Read(int offset, int width);

    /// <summary>Writes configuration registers; the access is aligned and within one doubleword.</summary>
    public abstract void Write(int offset, int width, uint value);

    /// <summary>Gives it the only memory that it can reach as a bus master, or none. Returns when no access to the old memory is
    /// under way, so that it can be unmapped.</summary>
    public void SetDmaMemory(IDmaMemory? memory)
    {
        _dmaMemory = memory;
        Interlocked.MemoryBarrier();
        var spin = default(SpinWait);
        while (Volatile.Read(ref _dmaInFlight) != 0)
            spin.SpinOnce();
    }

    /// <summary>Gives up what is under way and resets the registers; see <see cref="IMachine.Reset"/>. A function without registers besides its
    /// configuration space has nothing to do.</summary>
    public virtual void ResetFunction()
    {
    }

    /// <summary>Connects who is told that the model wants service, or disconnects it; see <see cref="IMachine.ConnectService"/>.</summary>
    public void ConnectService(IServiceSink? sink)
    {
        _serviceSink = sink;
        Interlocked.MemoryBarrier();
        ServiceConnected(sink is not null);
        if (Volatile.Read(ref _wantsService) != 0)
            sink?.Request();
    }

    /// <summary>Whether there is somebody who lets the model work when it asks.</summary>
    protected bool IsServed => _serviceSink is not null;

    /// <summary>Asks for service. May be called on any thread; once it was asked for, asking again costs one load.</summary>
    public void RequestService()
    {
        if (Volatile.Read(ref _wantsService) != 0 || Interlocked.Exchange(ref _wantsService, 1) != 0)
            return;
        _serviceSink?.Request();
    }

    /// <summary>Does what the model asked for; see <see cref="IMachine.Service"/>.</summary>
    public long Service()
    {
        // Before the work: who asks from here on is served once more.
        Interlocked.Exchange(ref _wantsService, 0);
        return Serve();
    }

    /// <summary>Does what waits, and says when the model wants to be called again at the latest.</summary>
    protected virtual long Serve() => Clock.Never;

    /// <summary>There is somebody now who lets the model work, or nobody any more. Not called on the thread that accesses registers.</summary>
    protected virtual void ServiceConnected(bool connected)
    {
    }

    /// <summary>Reads configuration space.</summary>
    public uint ReadConfig(int offset, int width)
    {
        if (!IsAccess(offset, width))
        {
            Report("bad-configuration-access", $"{width}-byte read at configuration offset 0x{offset:x}");
            return LittleEndian.AllOnes(width);
        }

        return offset % width == 0 ? Read(offset, width) : Read(offset, 1) | Read(offset + 1, 1) << 8;
    }

    /// <summary>Writes configuration space.</summary>
    public void WriteConfig(int offset, int width, uint value)
    {
        if (!IsAccess(offset, width))
        {
            Report("bad-configuration-access", $"{width}-byte write of 0x{value:x} at configuration offset 0x{offset:x}");
            return;
        }

        value &= LittleEndian.AllOnes(width);
        if (offset % width == 0)
        {
            Write(offset, width, value);
            return;
        }

        Write(offset, 1, value & 0xff);
        Write(offset + 1, 1, value >> 8);
    }

    /// <summary>Begins an access as a bus master, which ends when the result is disposed.</summary>
    public DmaUse UseDma() => new(this);

    /// <summary>A read where no register is: reserved registers read as zero (section 6.1).</summary>
    protected virtual void OnUndecodedRead(int offset, int width)
    {
    }

    /// <summary>A write where no register is: of zeros it is what the specification asks for.</summary>
    protected virtual void OnUndecodedWrite(int offset, int width, uint value)
    {
        if (value != 0)
            Report("reserved-write", $"{width}-byte write of 0x{value:x} at configuration offset 0x{offset:x2}: no register is there");
    }

    /// <summary>Ones for bits that have no meaning.</summary>
    protected virtual void OnReservedWrite(int offset, uint bits) =>
        Report("reserved-write", $"configuration offset 0x{offset:x2}: reserved bits 0x{bits:x} written as one");

    /// <summary>Reports a write of a register whose new value has no effect here.</summary>
    protected void ReportUnmodelled(int offset, uint old, uint now)
    {
        if (old != now)
            Report("unmodelled-write", $"configuration offset 0x{offset:x2}: 0x{now:x} instead of 0x{old:x} has no effect");
    }

    /// <summary>Reports an event of this function.</summary>
    public void Report(string kind, string text) => Events.Report(Name, kind, text);

    // A configuration cycle addresses one doubleword, whose bytes are enabled one by one (section 3.2.2, "Configuration space").
    private static bool IsAccess(int offset, int width) => offset is >= 0 and < SpaceSize && (offset & 3) + width <= 4;

    /// <summary>A bus master's access that is under way: until it is disposed, the memory is not unmapped.</summary>
    internal readonly ref struct DmaUse : IDisposable
    {
        private readonly PciFunction _function;

        internal DmaUse(PciFunction function)
        {
            _function = function;
            // A locked instruction: SetDmaMemory sees the count, or this sees its new memory.
            Interlocked.Increment(ref function._dmaInFlight);
            Memory = function._dmaMemory;
        }

        /// <summary>The memory, or null when there is none.</summary>
        public IDmaMemory? Memory { get; }

        /// <summary>Ends the access.</summary>
        public void Dispose() => Interlocked.Decrement(ref _function._dmaInFlight);
    }
}
