using System.Runtime.InteropServices;
using Registers;

namespace Tracing;

/// <summary>What a trace tells of.</summary>
public enum TraceKind : byte
{
    /// <summary>A register was read.</summary>
    Read = 1,

    /// <summary>A register is written.</summary>
    Write = 2,

    /// <summary>A register filled memory.</summary>
    ReadBlock = 3,

    /// <summary>Memory is written to a register.</summary>
    WriteBlock = 4,

    /// <summary>An interrupt is delivered to a handler.</summary>
    Interrupt = 5,

    /// <summary>The handler said that the interrupt was not its device's.</summary>
    UnhandledInterrupt = 6,

    /// <summary>A piece of the name of a place in the driver; not told to sinks.</summary>
    Site = 7,
}

/// <summary>
/// One entry of a <see cref="TraceRing"/>: 64 bytes, the same in every process. A site record holds a piece of a name in the place of address and value.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal unsafe struct TraceRecord
{
    internal const int Size = 64;
    internal const int TextBytes = 40;

    /// <summary>Of a site record: another piece follows.</summary>
    internal const byte More = 1;

    [FieldOffset(0)] internal TraceKind Kind;
    [FieldOffset(1)] internal PciSpace Space;

    /// <summary>Bytes of one access; of a site record 0, or <see cref="More"/>.</summary>
    [FieldOffset(2)] internal byte Width;

    /// <summary>Of a site record: bytes of <see cref="Text"/>.</summary>
    [FieldOffset(3)] internal byte TextLength;

    /// <summary>The place in the driver, from 1 on; 0 for none.</summary>
    [FieldOffset(4)] internal uint Site;

    /// <summary>The clock's time in nanoseconds.</summary>
    [FieldOffset(8)] internal long Time;

    /// <summary>A configuration offset, port or physical address; the line of an interrupt.</summary>
    [FieldOffset(16)] internal ulong Address;

    /// <summary>What was read or is written; of a block its bytes.</summary>
    [FieldOffset(24)] internal ulong Value;

    [FieldOffset(16)] internal fixed byte Text[TextBytes];
}
