namespace DdeKit.Foreign;

/// <summary>
/// Where the device accesses of trapped instructions go. Called on the host thread that trapped; a mistake of the driver does not
/// throw: it reads as all ones and is reported by whoever refuses it.
/// </summary>
public interface IDeviceAccess
{
    /// <summary>Reads an I/O port; width 1, 2 or 4 bytes.</summary>
    uint ReadPort(ushort port, int width);

    /// <summary>Writes an I/O port.</summary>
    void WritePort(ushort port, int width, uint value);

    /// <summary>Reads one port until <paramref name="destination"/> is full; its length is a multiple of the width.</summary>
    void ReadPortBlock(ushort port, int width, Span<byte> destination);

    /// <summary>Writes all of <paramref name="source"/> to one port.</summary>
    void WritePortBlock(ushort port, int width, ReadOnlySpan<byte> source);

    /// <summary>Reads device memory at the physical address that <see cref="DeviceWindows.Map"/> got; width 1, 2, 4 or 8 bytes.</summary>
    ulong ReadMemory(ulong address, int width);

    /// <summary>Writes device memory.</summary>
    void WriteMemory(ulong address, int width, ulong value);
}
