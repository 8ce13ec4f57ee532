using L4;

namespace L4Io;

/// <summary>I/O ports, as a driver reaches them. Widths are 1, 2 or 4 bytes.</summary>
public interface IPortAccess
{
    /// <summary>Reads an I/O port.</summary>
    uint ReadPort(ushort port, int width);

    /// <summary>Writes an I/O port.</summary>
    void WritePort(ushort port, int width, uint value);

    /// <summary>Reads one port again and again until <paramref name="destination"/> is full (string input). The length is a multiple
    /// of <paramref name="width"/>.</summary>
    void ReadPortBlock(ushort port, int width, Span<byte> destination);

    /// <summary>Writes all of <paramref name="source"/> to one port (string output).</summary>
    void WritePortBlock(ushort port, int width, ReadOnlySpan<byte> source);
}

/// <summary>
/// Stands between a driver and the ports of its function: reads the commands that the driver gives its device, and lets through what somebody
/// whom the driver does not control has authorised. There is one for a function; it outlives the driver that holds the function.
/// </summary>
/// <remarks>Its ports are accessed by one thread at a time, that of <see cref="IMachine"/>'s accesses; the other members are called on the I/O
/// server's thread.</remarks>
public interface IFunctionGuard : IPortAccess
{
    /// <summary>A gate for who authorises, a capability of the I/O server's task.</summary>
    Capability Gate { get; }

    /// <summary>A capability for memory whose owner lets the device do more with it than the driver.</summary>
    /// <param name="dataspace">See <see cref="Dataspace.Identity"/>.</param>
    /// <param name="rights">What the device needs.</param>
    /// <param name="lent">A capability of the I/O server's task; stays the guard's.</param>
    bool TryLend(ulong dataspace, CapabilityRights rights, out Capability lent);

    /// <summary>The function was granted to a driver, which has not touched it yet.</summary>
    void Granted(IGuardedMemory memory);

    /// <summary>The function was taken back; no access comes any more.</summary>
    void Revoked();
}

/// <summary>Makes guards for the functions that it knows how to guard.</summary>
public interface IGuardMaker
{
    /// <summary>A guard for a function, or null when it knows no such function.</summary>
    /// <param name="task">The I/O server's task.</param>
    /// <param name="function">The function.</param>
    /// <param name="ports">The machine's ports.</param>
    IFunctionGuard? TryMake(L4Task task, PciFunctionInfo function, IPortAccess ports);
}

/// <summary>A bus master's memory, as a guard sees it.</summary>
public interface IGuardedMemory : IDmaMemory
{
    /// <summary>Finds out which dataspace lies at a bus address, and where in it.</summary>
    /// <param name="address">The bus address.</param>
    /// <param name="length">Bytes, which all have to lie in one window.</param>
    /// <param name="dataspace">See <see cref="Dataspace.Identity"/>.</param>
    /// <param name="offset">Where in the dataspace the first of them lies.</param>
    bool TryResolve(ulong address, ulong length, out ulong dataspace, out ulong offset);

    /// <summary>Opens a window that is not the driver's: for what the device must read and the driver must not change.</summary>
    /// <param name="dataspace">A capability of the I/O server's task; stays the caller's.</param>
    /// <param name="busAddress">Where.</param>
    /// <exception cref="ServiceException"><see cref="ServiceError.Busy"/>: the driver has a window there.</exception>
    void OpenOwn(Capability dataspace, ulong busAddress);
}
