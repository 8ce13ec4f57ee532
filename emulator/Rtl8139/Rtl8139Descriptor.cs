using System.Runtime.InteropServices;
using L4Io;

namespace Emulator;

/// <summary>A descriptor of C+ mode: RTL8139C(L)+, "Transmit descriptors" and "Receive descriptors".</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Rtl8139Descriptor
{
    /// <summary>Bytes.</summary>
    public const int Size = 16;

    /// <summary>Descriptors of the longest ring.</summary>
    public const int LongestRing = 64;

    public const uint Own = 1u << 31;
    public const uint EndOfRing = 1 << 30;
    public const uint FirstSegment = 1 << 29;
    public const uint LastSegment = 1 << 28;

    /// <summary>Flags and length.</summary>
    public uint Options;

    /// <summary>VLAN.</summary>
    public uint Tag;

    /// <summary>The buffer.</summary>
    public ulong Address;

    /// <summary>Finds a descriptor in memory; false when the device may not access it.</summary>
    public static bool TryFind(IDmaMemory memory, ulong ring, int index, out Span<Rtl8139Descriptor> descriptor)
    {
        bool isThere = memory.TryAccess(unchecked(ring + (ulong)(index * Size)), Size, DmaAccess.Read | DmaAccess.Write, out Span<byte> bytes);
        descriptor = MemoryMarshal.Cast<byte, Rtl8139Descriptor>(bytes);
        return isThere;
    }

    /// <summary>The index behind this one's.</summary>
    public readonly int Next(int index) => (Options & EndOfRing) != 0 || index + 1 >= LongestRing ? 0 : index + 1;
}
