using System.Buffers.Binary;
using System.Runtime.InteropServices;
using L4Io;

namespace Emulator;

/// <summary>
/// Takes frames from the wire to the receive ring: section 3.2. A frame for which there are not enough descriptors stays on the wire, which
/// stops its sender. The check sequence is not modelled: where software wants it stored it reads as zeros.
/// </summary>
internal sealed class Intel82540Receiver(Intel82540 card, Intel82540Registers registers, Intel82540Interrupts interrupts, WireEnd wire)
{
    /// <summary>Frames that are taken in one go; then others have a turn, and the card asks to go on.</summary>
    private const int BatchLimit = 512;

    private const int AddressBytes = 12;
    private const int TagBytes = 4;

    /// <summary>Bytes of the longest frame with a tag, without the check sequence (section 13.4.22, LPE).</summary>
    private const int LongestOrdinaryFrame = 1518;

    private readonly Intel82540Filter _filter = new(registers);
    private bool _isCounted;

    /// <summary>The receive addresses were written.</summary>
    public void AddressesChanged() => _filter.AddressesChanged();

    /// <summary>Receives what can be received.</summary>
    public void Run()
    {
        if (!wire.IsListening || !card.CanMaster)
            return;
        using var dma = card.UseDma();
        if (dma.Memory is { } memory)
            Run(memory);
    }

    private void Run(IDmaMemory memory)
    {
        if (!wire.TryReceive(out ReadOnlySpan<byte> frame) && wire.MustWaitForFrames())
            return;
        uint head = registers.ReceiveRingHeadIndex;
        uint tail = registers.ReceiveRingTailIndex;
        // No descriptor at all is how a driver begins; the frames wait.
        if (head == tail)
        {
            CountNoBuffers();
            return;
        }
        ulong place = (ulong)registers.ReceiveRingBaseHighAddress << 32 | (ulong)registers.ReceiveRingBaseLowAddress << 4;
        if (!card.TryOpenRing("receive", memory, place, registers.ReceiveRingLengthBlocks, head, tail, out Span<byte> bytes))
            return;
        Span<ReceiveDescriptor> ring = MemoryMarshal.Cast<byte, ReceiveDescriptor>(bytes);
        int size = BufferSize();
        int next = (int)head;
        int free = (int)tail - next + (tail < head ? ring.Length : 0);
        int received = 0;
        bool isSmall = false;
        bool isOutOfBuffers = false;
        int budget = BatchLimit;
        while (budget > 0)
        {
            if (!wire.TryReceive(out frame))
            {
                wire.Flush();
                if (wire.MustWaitForFrames())
                    break;
                continue;
            }

            budget--;
            if (Accepts(frame, out ulong report))
            {
                bool strip = registers.ControlVlanMode && BinaryPrimitives.ReadUInt16BigEndian(frame[AddressBytes..]) == registers.VlanTypeEtherType;
                int length = frame.Length - (strip ? TagBytes : 0) + (registers.ReceiveControlStripCrc ? 0 : EthernetFrame.CheckSequenceBytes);
                int needed = (length + (size - 1)) / size;
                if (needed >= ring.Length)
                {
                    card.Report("ring-too-small", $"a frame of {frame.Length} bytes needs {needed} buffers of {size} bytes, the ring has {ring.Length}; it is dropped");
                    wire.Release();
                    continue;
                }
                if (needed > free)
                {
                    CountNoBuffers();
                    isOutOfBuffers = true;
                    break;
                }
                if (strip)
                    report |= ReceiveDescriptor.TagStripped | (ulong)BinaryPrimitives.ReadUInt16BigEndian(frame[(AddressBytes + 2)..]) << 48;
                Store(ring, next, memory, frame, strip, length, size, report | Checksums(frame, strip));
                next = (next + needed) % ring.Length;
                free -= needed;
                received++;
                isSmall |= frame.Length + EthernetFrame.CheckSequenceBytes <= registers.SmallPacketThresholdSize;
                Intel82540Statistics.CountReceived(registers, frame);
                _isCounted = false;
            }
            wire.Release();
        }

        registers.ReceiveRingHeadIndex = (uint)next;
        wire.Flush();
        if (budget == 0)
            card.RequestService();
        if (received == 0 && !isOutOfBuffers)
            return;
        // RDMTS: 1/2, 1/4 or 1/8 of the ring.
        uint causes = free <= ring.Length >> (int)(registers.ReceiveControlThreshold + 1) ? Intel82540Registers.InterruptCauseReceiveDescriptorsLowMask : 0;
        if (isSmall)
            causes |= Intel82540Registers.InterruptCauseSmallReceivePacketMask;
        if (causes != 0)
            interrupts.Raise(causes);
        if (received != 0)
            interrupts.RaiseReceived();
    }

    /// <summary>The oldest frame has to wait; it counts once.</summary>
    private void CountNoBuffers()
    {
        if (!_isCounted)
            registers.IncrementStatisticsReceiveNoBuffersCount();
        _isCounted = true;
    }

    private bool Accepts(ReadOnlySpan<byte> frame, out ulong report)
    {
        report = 0;
        Intel82540Statistics.CountArrived(registers, frame.Length);
        if (frame.Length < WireEnd.ShortestFrame)
        {
            registers.IncrementStatisticsReceiveUndersizeCount();
            return false;
        }
        if (frame.Length > LongestOrdinaryFrame && !registers.ReceiveControlLongFrames)
        {
            registers.IncrementStatisticsReceiveOversizeCount();
            return false;
        }
        if (!_filter.Passes(frame, out bool isInexact))
            return false;
        if (isInexact)
            report = ReceiveDescriptor.PassedInexactFilter;
        return true;
    }

    private ulong Checksums(ReadOnlySpan<byte> frame, bool strip) => strip
        // The parser stops at a tag that is left in, and begins behind one that is stripped only in later devices.
        ? ReceiveDescriptor.IgnoreChecksums
        : ReceiveChecksums.Report(frame, (int)registers.ReceiveChecksumStart, registers.ReceiveChecksumIpOffload, registers.ReceiveChecksumTcpUdpOffload);

    private void Store(
        Span<ReceiveDescriptor> ring, int next, IDmaMemory memory, ReadOnlySpan<byte> frame, bool strip, int length, int size, ulong report)
    {
        for (int offset = 0; offset < length; offset += size)
        {
            int bytes = Math.Min(size, length - offset);
            ref ReceiveDescriptor descriptor = ref ring[next];
            next = next + 1 == ring.Length ? 0 : next + 1;
            ulong own = (uint)bytes | ReceiveDescriptor.Done;
            if (memory.TryAccess(descriptor.Address, bytes, DmaAccess.Write, out Span<byte> buffer))
            {
                CopyStored(frame, strip, offset, buffer);
            }
            else
            {
                // The frame is lost; software gets its descriptors back, with an error in the last one.
                card.ReceivedMasterAbort();
                report |= ReceiveDescriptor.DataError;
            }
            if (offset + bytes == length)
                own |= report | ReceiveDescriptor.EndOfPacket;
            descriptor.Report = own;
        }
    }

    /// <summary>Copies a part of the frame as it is stored: without its tag, and with room for the check sequence.</summary>
    private static void CopyStored(ReadOnlySpan<byte> frame, bool strip, int offset, Span<byte> destination)
    {
        if (strip && offset < AddressBytes)
        {
            int first = Math.Min(AddressBytes - offset, destination.Length);
            frame.Slice(offset, first).CopyTo(destination);
            destination = destination[first..];
            offset += first;
        }
        if (strip)
            offset += TagBytes;
        int bytes = Math.Clamp(frame.Length - offset, 0, destination.Length);
        if (bytes > 0)
            frame.Slice(offset, bytes).CopyTo(destination);
        destination[bytes..].Clear();
    }

    /// <summary>BSIZE and BSEX (section 13.4.22).</summary>
    private int BufferSize()
    {
        int size = 2048 >> (int)registers.ReceiveControlBufferSize;
        // With BSEX the first value is reserved; the device takes it for the largest.
        return !registers.ReceiveControlBufferSizeExtension ? size : size == 2048 ? 16384 : 16 * size;
    }
}
