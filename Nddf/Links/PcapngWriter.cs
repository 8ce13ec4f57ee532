using System.Buffers.Binary;
using System.Text;
using L4;

namespace Nddf.Links;

/// <summary>Which way a captured frame went, as seen from the card.</summary>
public enum CaptureDirection
{
    /// <summary>From the wire to the host (bits 0-1 of the flags: 01).</summary>
    Inbound = 1,

    /// <summary>From the host to the wire (bits 0-1 of the flags: 10).</summary>
    Outbound = 2,
}

/// <summary>
/// Writes frames into a pcapng file (IETF draft-ietf-opsawg-pcapng: section header block 4.1, interface description block 4.2, enhanced packet block
/// 4.3), with times in nanoseconds of the system's clock, real or virtual. Any thread.
/// </summary>
public sealed class PcapngWriter : IDisposable
{
    private const uint SectionHeaderBlock = 0x0a0d0d0a;
    private const uint ByteOrderMagic = 0x1a2b3c4d;
    private const uint InterfaceDescriptionBlock = 1;
    private const uint EnhancedPacketBlock = 6;
    private const ushort EthernetLinkType = 1;
    private const ushort NameOption = 2;
    private const ushort PacketFlagsOption = 2;
    private const ushort TimeResolutionOption = 9;
    private const byte Nanoseconds = 9;
    private const int PacketHead = 28;
    private const int PacketTail = 16;

    private readonly Lock _lock = new();
    private readonly Stream _stream;
    private readonly Clock _clock;
    private readonly long _epoch;
    private readonly byte[] _block = new byte[PacketHead + FrameRing.SlotBytes + PacketTail];

    /// <param name="stream">Where to; this object's from here on.</param>
    /// <param name="interfaceName">The card's name, for readers.</param>
    /// <param name="clock">The system's time.</param>
    /// <param name="epochNanoseconds">What is added to the clock: the nanoseconds since 1970 when it started, or 0 to show the system's own time.</param>
    public PcapngWriter(Stream stream, string interfaceName, Clock clock, long epochNanoseconds)
    {
        _stream = stream;
        _clock = clock;
        _epoch = epochNanoseconds;
        WriteHeaders(interfaceName);
    }

    /// <summary>Frames written.</summary>
    public long Frames { get; private set; }

    /// <summary>Appends a frame. Allocates nothing.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Write(ReadOnlySpan<byte> frame, CaptureDirection direction)
    {
        lock (_lock)
        {
            ulong time = (ulong)(_epoch + _clock.Now);
            int captured = Math.Min(frame.Length, FrameRing.SlotBytes);
            int padded = (captured + 3) & ~3;
            int total = PacketHead + padded + PacketTail;
            var block = _block.AsSpan(0, total);
            Put(block, 0, EnhancedPacketBlock, (uint)total, 0, (uint)(time >> 32), (uint)(time & uint.MaxValue), (uint)captured, (uint)frame.Length);
            frame[..captured].CopyTo(block[PacketHead..]);
            block[(PacketHead + captured)..(PacketHead + padded)].Clear();
            // The option, the end of the options, and the length once more.
            Put(block, PacketHead + padded, PacketFlagsOption | sizeof(uint) << 16, (uint)direction, 0, (uint)total);
            _stream.Write(block);
            Frames++;
        }
    }

    /// <summary>Writes out what is buffered, and closes the file.</summary>
    public void Dispose()
    {
        lock (_lock)
            _stream.Dispose();
    }

    private void WriteHeaders(string interfaceName)
    {
        Span<byte> section = stackalloc byte[28];
        // Version 1.0; the length of the section, of which nothing is said: -1.
        Put(section, 0, SectionHeaderBlock, 28, ByteOrderMagic, 1, uint.MaxValue, uint.MaxValue, 28);
        _stream.Write(section);

        byte[] name = Encoding.UTF8.GetBytes(interfaceName);
        int padded = (name.Length + 3) & ~3;
        byte[] block = new byte[16 + 4 + padded + 8 + 4 + 4];
        Put(block, 0, InterfaceDescriptionBlock, (uint)block.Length, EthernetLinkType, FrameRing.SlotBytes, NameOption | (uint)name.Length << 16);
        name.CopyTo(block, 20);
        Put(block, 20 + padded, TimeResolutionOption | 1 << 16, Nanoseconds, 0, (uint)block.Length);
        _stream.Write(block);
    }

    private static void Put(Span<byte> block, int at, params ReadOnlySpan<uint> words)
    {
        for (int i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(block[(at + 4 * i)..], words[i]);
    }
}
