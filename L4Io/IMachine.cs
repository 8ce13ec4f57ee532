namespace L4Io;

/// <summary>
/// A machine as L4Io owns it: the contract between the I/O server and its back ends (the emulator, and later QEMU and VFIO).
/// Nobody but L4Io calls it.
/// </summary>
/// <remarks>
/// Threads: L4Io serialises configuration accesses. The registers of one PCI function are accessed by one thread at a time, because
/// a function is granted to one task only; different functions may be accessed at once. Widths are 1, 2 or 4 bytes (8 too for
/// memory). A driver's mistake never throws: an access that no device answers reads as all ones, is dropped when it writes, and is
/// reported to the system's event log.
/// </remarks>
public interface IMachine : IPortAccess, IDisposable
{
    /// <summary>Whether its devices need the time that a driver lets pass in delay loops. A real device does; a model that has finished when
    /// the access that started it returns does not.</summary>
    bool NeedsDelays { get; }

    /// <summary>Reads PCI configuration space. A function that is not there reads as all ones and reports nothing, for that is how a
    /// bus is enumerated.</summary>
    uint ReadConfig(PciAddress address, int offset, int width);

    /// <summary>Writes PCI configuration space.</summary>
    void WriteConfig(PciAddress address, int offset, int width, uint value);

    /// <summary>Reads device memory at a physical address.</summary>
    ulong ReadMemory(ulong address, int width);

    /// <summary>Writes device memory at a physical address.</summary>
    void WriteMemory(ulong address, int width, ulong value);

    /// <summary>Connects the machine's interrupt line <paramref name="line"/> (global system interrupt number; 0-15 are the ISA ones)
    /// to <paramref name="sink"/>, or disconnects it with null. A line that is high when it is connected is reported at once.</summary>
    void ConnectInterrupt(uint line, IInterruptSink? sink);

    /// <summary>Gives the bus master at <paramref name="address"/> the only memory that it can reach, or none with null.</summary>
    void SetDmaMemory(PciAddress address, IDmaMemory? memory);

    /// <summary>Resets the function at <paramref name="address"/>: it gives up whatever it was doing, lowers its interrupt, and its registers get
    /// their values of power-on, except its configuration space. What it has stored stays stored: no power is taken from a disk, nor its write
    /// cache. Called while nobody accesses its registers, it has no memory and may not master the bus.</summary>
    void Reset(PciAddress address);

    /// <summary>Connects the function at <paramref name="address"/> to who is told that it wants <see cref="Service"/>, or disconnects it
    /// with null. A function that wants it already is reported at once.</summary>
    void ConnectService(PciAddress address, IServiceSink? sink);

    /// <summary>
    /// Lets a device model do what it could not do inside a register access: something came from outside (a frame on the wire), or time
    /// has passed. A model has no thread of its own; it asks, and works on the thread that calls this, which is the one that accesses the
    /// function's registers. Real devices never ask.
    /// </summary>
    /// <returns>When it wants to be called again even if it does not ask: time of the system's clock in nanoseconds, or <see cref="L4.Clock.Never"/>.</returns>
    long Service(PciAddress address);
}

/// <summary>Who is told that a function wants service.</summary>
public interface IServiceSink
{
    /// <summary>The function wants <see cref="IMachine.Service"/> to be called. Called on any thread, often and in vain too; it must not block.</summary>
    void Request();
}

/// <summary>The receiver of one interrupt line. Called on whichever thread changed the line.</summary>
public interface IInterruptSink
{
    /// <summary>The line changed to <paramref name="asserted"/>. Called on changes only.</summary>
    void SetLevel(bool asserted);
}

/// <summary>Direction of a bus master's access, seen from the device.</summary>
[Flags]
public enum DmaAccess
{
    /// <summary>No access.</summary>
    None = 0,

    /// <summary>The device reads memory (a disk write, a descriptor fetch).</summary>
    Read = 1,

    /// <summary>The device writes memory (a disk read).</summary>
    Write = 2,
}

/// <summary>The memory that one bus master can reach: the windows that its driver mapped, and nothing else.</summary>
public interface IDmaMemory
{
    /// <summary>
    /// Finds the memory for a device's access. False when the range does not lie wholly in one window that allows the access; the
    /// refusal was then counted and reported, and the device behaves as on a bus abort. The span is valid until the call into the
    /// device model returns: a model may not keep it.
    /// </summary>
    /// <param name="address">Bus address.</param>
    /// <param name="length">Bytes, 0 or more.</param>
    /// <param name="access">What the device is about to do.</param>
    /// <param name="memory">The bytes, in place: no copy is made.</param>
    bool TryAccess(ulong address, int length, DmaAccess access, out Span<byte> memory);
}
