using System.Buffers.Binary;
using L4Io;

namespace Emulator;

/// <summary>
/// The receive buffer of C mode: frames lie one behind the other, each with a header of four bytes, at multiples of four. The check
/// sequence is not modelled; its place is zeros.
/// </summary>
internal sealed class Rtl8139ReceiveBuffer(Rtl8139 card)
{
    private const int HeaderBytes = 4;
    private const int SmallestBuffer = 8 * 1024;
    private const uint LargestBuffer = 3;

    /// <summary>CAPR is so much less than where software reads.</summary>
    private const uint ReadPointerBias = 16;

    /// <summary>Bytes of the longest frame, with the check sequence.</summary>
    private const int LongestFrame = 4096;

    private const ushort StatusOk = 1 << 0;
    private const ushort StatusBroadcast = 1 << 13;
    private const ushort StatusStation = 1 << 14;
    private const ushort StatusMulticast = 1 << 15;

    private int Size => SmallestBuffer << (int)card.Common.ReceiveConfigurationBufferLength;

    private int Written => (int)card.Common.WritePointerPosition & (Size - 1);

    private int Read => (int)((card.Common.ReadPointerPosition + ReadPointerBias) & (uint)(Size - 1));

    /// <summary>The buffer is empty, and begins at its start.</summary>
    public void Reset()
    {
        card.Common.WritePointerPosition = 0;
        card.Common.ReadPointerPosition = unchecked((ushort)(0 - ReadPointerBias));
        UpdateEmpty();
    }

    /// <summary>A pointer changed.</summary>
    public void UpdateEmpty() => card.Common.CommandEmpty = Written == Read;

    /// <summary>Stores a frame.</summary>
    public Rtl8139Stored Store(IDmaMemory memory, ReadOnlySpan<byte> frame, ref uint causes)
    {
        int size = Size;
        int position = Written;
        int length = frame.Length + EthernetFrame.CheckSequenceBytes;
        int needed = HeaderBytes + length + 3 & ~3;
        if (length > LongestFrame)
        {
            card.Report("bad-frame-length", $"a frame of {frame.Length} bytes came, {LongestFrame - EthernetFrame.CheckSequenceBytes} are the most; it is lost");
            return Rtl8139Stored.Lost;
        }

        // The buffer never becomes full: it would look empty.
        int used = position - Read & (size - 1);
        if (needed >= size - used)
            return Rtl8139Stored.NoRoom;

        bool wraps = !card.Common.ReceiveConfigurationNoWrap || card.Common.ReceiveConfigurationBufferLength == LargestBuffer;
        int bytes = HeaderBytes + length;
        int first = wraps ? Math.Min(bytes, size - position) : bytes;
        uint start = card.Common.ReceiveBufferAddress;
        Span<byte> rest = default;
        if (!memory.TryAccess((ulong)start + (uint)position, first, DmaAccess.Write, out Span<byte> place)
            || first < bytes && !memory.TryAccess(start, bytes - first, DmaAccess.Write, out rest))
        {
            causes |= card.AbortMaster();
            return Rtl8139Stored.Lost;
        }

        BinaryPrimitives.WriteUInt16LittleEndian(place, Status(frame));
        BinaryPrimitives.WriteUInt16LittleEndian(place[2..], (ushort)length);
        CopyWithCheckSequence(frame, 0, place[HeaderBytes..]);
        CopyWithCheckSequence(frame, first - HeaderBytes, rest);
        card.Common.WritePointerPosition = (uint)(position + needed & (size - 1));
        UpdateEmpty();
        return Rtl8139Stored.Done;
    }

    /// <summary>Copies the part of a frame that begins at an offset; behind its end are zeros.</summary>
    internal static void CopyWithCheckSequence(ReadOnlySpan<byte> frame, int offset, Span<byte> destination)
    {
        int bytes = Math.Clamp(frame.Length - offset, 0, destination.Length);
        if (bytes > 0)
            frame.Slice(offset, bytes).CopyTo(destination);
        destination[bytes..].Clear();
    }

    private static ushort Status(ReadOnlySpan<byte> frame)
    {
        if ((frame[0] & 1) == 0)
            return StatusOk | StatusStation;
        return frame[..6].ContainsAnyExcept(byte.MaxValue) ? (ushort)(StatusOk | StatusMulticast) : (ushort)(StatusOk | StatusBroadcast);
    }
}
