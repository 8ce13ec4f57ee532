using System.Buffers.Binary;
using L4Io;

namespace Emulator;

/// <summary>What was sent and received, for DTCCR: RTL8139C(L)+, "Dump tally counter command". Errors that a wire does not have stay zero.</summary>
internal sealed class Rtl8139Counters
{
    private const int DumpBytes = 64;

    private ulong _sent;
    private ulong _sendErrors;
    private ulong _received;
    private ulong _receivedForStation;
    private ulong _receivedBroadcasts;
    private uint _receivedMulticasts;
    private ushort _missed;

    /// <summary>A frame was sent.</summary>
    public void CountSent() => _sent++;

    /// <summary>A frame could not be sent.</summary>
    public void CountSendError() => _sendErrors++;

    /// <summary>A frame was received.</summary>
    public void CountReceived(ReadOnlySpan<byte> frame)
    {
        _received++;
        if ((frame[0] & 1) == 0)
            _receivedForStation++;
        else if (frame[..6].ContainsAnyExcept(byte.MaxValue))
            _receivedMulticasts = unchecked(_receivedMulticasts + 1);
        else
            _receivedBroadcasts++;
    }

    /// <summary>A frame was lost for want of room.</summary>
    public void CountMissed() => _missed = unchecked((ushort)(_missed + 1));

    /// <summary>Writes all counters to memory; false when the device may not.</summary>
    public bool Dump(Rtl8139 card, ulong address)
    {
        using var dma = card.UseDma();
        if (dma.Memory is not { } memory || !card.CanMaster || !memory.TryAccess(address, DumpBytes, DmaAccess.Write, out Span<byte> dump))
            return false;
        dump.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(dump, _sent);
        BinaryPrimitives.WriteUInt64LittleEndian(dump[8..], _received);
        BinaryPrimitives.WriteUInt64LittleEndian(dump[16..], _sendErrors);
        BinaryPrimitives.WriteUInt16LittleEndian(dump[28..], _missed);
        BinaryPrimitives.WriteUInt64LittleEndian(dump[40..], _receivedForStation);
        BinaryPrimitives.WriteUInt64LittleEndian(dump[48..], _receivedBroadcasts);
        BinaryPrimitives.WriteUInt32LittleEndian(dump[56..], _receivedMulticasts);
        return true;
    }
}
