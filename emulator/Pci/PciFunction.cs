using L4;
using L4Io;

namespace Emulator;

/// <summary>One PCI function: its configuration space, made from the data sheet's registers, and the memory that it may reach.</summary>
internal class PciFunction
{
    private readonly byte[] _values = new byte[PciRegister.SpaceSize];
    private readonly byte[] _writable = new byte[PciRegister.SpaceSize];
    private readonly byte[] _clearByOne = new byte[PciRegister.SpaceSize];
    private readonly byte[] _reserved = new byte[PciRegister.SpaceSize];
    private readonly byte[] _unmodelled = new byte[PciRegister.SpaceSize];
    private volatile IDmaMemory? _dmaMemory;
    private int _dmaInFlight;
    private volatile IServiceSink? _serviceSink;
    private int _wantsService;

    /// <param name="name">Name for events, e.g. <c>piix3-ide</c>.</param>
    /// <param name="address">Where it sits.</param>
    /// <param name="registers">Its configuration registers.</param>
    /// <param name="events">Where bad accesses are reported.</param>
    public PciFunction(string name, PciAddress address, ReadOnlySpan<ConfigurationRegister> registers, EventLog events)
    {
        Name = name;
        Address = address;
        Events = events;
        Array.Fill(_reserved, byte.MaxValue);
        foreach (ConfigurationRegister register in registers)
        {
            for (int i = 0; i < register.Width; i++)
            {
                int offset = register.Offset + i;
                _values[offset] = ByteOf(register.Reset, i);
                _writable[offset] = ByteOf(register.Writable | register.Unmodelled, i);
                _clearByOne[offset] = ByteOf(register.ClearByOne, i);
                _reserved[offset] = ByteOf(register.Reserved, i);
                _unmodelled[offset] = ByteOf(register.Unmodelled, i);
            }
        }
    }

    /// <summary>Name for events.</summary>
    public string Name { get; }

    /// <summary>Where it sits.</summary>
    public PciAddress Address { get; }

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

    /// <summary>Where bad accesses are reported.</summary>
    protected EventLog Events { get; }

    /// <summary>Reads configuration space.</summary>
    public uint ReadConfig(int offset, int width)
    {
        if (IsAccess(offset, width))
            return LittleEndian.Load(_values.AsSpan(offset), width);
        Report("bad-configuration-access", $"{width}-byte read at configuration offset 0x{offset:x}");
        return LittleEndian.AllOnes(width);
    }

    /// <summary>Writes configuration space.</summary>
    public void WriteConfig(int offset, int width, uint value)
    {
        if (!IsAccess(offset, width))
        {
            Report("bad-configuration-access", $"{width}-byte write of 0x{value:x} at configuration offset 0x{offset:x}");
            return;
        }

        uint old = LittleEndian.Load(_values.AsSpan(offset), width);
        uint writable = LittleEndian.Load(_writable.AsSpan(offset), width);
        uint clearByOne = LittleEndian.Load(_clearByOne.AsSpan(offset), width);
        uint reserved = LittleEndian.Load(_reserved.AsSpan(offset), width);
        uint unmodelled = LittleEndian.Load(_unmodelled.AsSpan(offset), width);
        value &= LittleEndian.AllOnes(width);
        uint changed = old ^ value;
        if ((changed & reserved) != 0)
            Report("reserved-write", $"{width}-byte write of 0x{value:x} at configuration offset 0x{offset:x2}: reserved bits 0x{changed & reserved:x}");
        if ((changed & unmodelled) != 0)
            Report("unmodelled-write", $"{width}-byte write of 0x{value:x} at configuration offset 0x{offset:x2}: bits 0x{changed & unmodelled:x} have no effect");
        LittleEndian.Store(_values.AsSpan(offset), width, (old & ~writable | value & writable) & ~(value & clearByOne));
        ConfigurationWritten();
    }

    /// <summary>Configuration space was written: decoding or bus mastering may have changed.</summary>
    protected virtual void ConfigurationWritten()
    {
    }

    /// <summary>Begins an access as a bus master; <see cref="EndDma"/> must follow, whatever the answer.</summary>
    /// <returns>The memory, or null when there is none.</returns>
    public IDmaMemory? BeginDma()
    {
        // A locked instruction: SetDmaMemory sees the count, or this sees its new memory.
        Interlocked.Increment(ref _dmaInFlight);
        return _dmaMemory;
    }

    /// <summary>Ends an access as a bus master.</summary>
    public void EndDma() => Interlocked.Decrement(ref _dmaInFlight);

    /// <summary>The function itself sets status bits.</summary>
    protected void SetStatus(ushort bits) =>
        LittleEndian.Store(_values.AsSpan(PciRegister.Status), 2, LittleEndian.Load(_values.AsSpan(PciRegister.Status), 2) | bits);

    /// <summary>Reports an event of this function.</summary>
    protected void Report(string kind, string text) => Events.Report(Name, kind, text);

    // A configuration cycle addresses one doubleword (section 3.2.2, "Configuration space").
    private static bool IsAccess(int offset, int width) => offset is >= 0 and < PciRegister.SpaceSize && (offset & 3) + width <= 4;

    private static byte ByteOf(uint value, int index) => (byte)(value >> 8 * index & 0xff);
}
