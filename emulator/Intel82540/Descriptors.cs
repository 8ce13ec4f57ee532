using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Emulator;

/// <summary>A transmit descriptor: section 3.3.3 legacy, 3.3.6 context, 3.3.7 data.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TransmitDescriptor
{
    /// <summary>Bytes.</summary>
    public const int Size = 16;

    /// <summary>Bus address of the buffer. In a context descriptor: IPCSS, IPCSO, IPCSE, TUCSS, TUCSO, TUCSE.</summary>
    public ulong Address;

    /// <summary>Length, type and command.</summary>
    public uint Lower;

    /// <summary>Status, checksum start or options, and the VLAN tag. In a context descriptor: status, HDRLEN, MSS.</summary>
    public uint Upper;

    /// <summary>Lower: EOP, the frame ends here.</summary>
    public const uint EndOfPacket = 1u << 24;

    /// <summary>Lower: IFCS, the device appends the check sequence.</summary>
    public const uint InsertCheckSequence = 1u << 25;

    /// <summary>Lower, legacy: IC, insert a checksum.</summary>
    public const uint InsertChecksum = 1u << 26;

    /// <summary>Lower, data: TSE, the frame is to be cut into segments.</summary>
    public const uint Segment = 1u << 26;

    /// <summary>Lower: RS, the status is to be written back.</summary>
    public const uint ReportStatus = 1u << 27;

    /// <summary>Lower: DEXT, not a legacy descriptor.</summary>
    public const uint Extended = 1u << 29;

    /// <summary>Lower: VLE, insert the tag.</summary>
    public const uint InsertTag = 1u << 30;

    /// <summary>Lower: IDE, the interrupt may be delayed.</summary>
    public const uint DelayInterrupt = 1u << 31;

    /// <summary>Lower, context: the packet is TCP, not UDP.</summary>
    public const uint ContextTcp = 1u << 24;

    /// <summary>Lower, context: the packet is IPv4, not IPv6.</summary>
    public const uint ContextIpv4 = 1u << 25;

    /// <summary>Upper, data: IXSM, insert the IP checksum.</summary>
    public const uint InsertIpChecksum = 1u << 8;

    /// <summary>Upper, data: TXSM, insert the TCP or UDP checksum.</summary>
    public const uint InsertTransportChecksum = 1u << 9;

    /// <summary>Upper: DD, done.</summary>
    public const uint Done = 1;

    /// <summary>Whether it describes offsets for those that follow, and no data.</summary>
    public readonly bool IsContext => (Lower & (Extended | 0xf0_0000)) == Extended;

    /// <summary>Bytes in its buffer.</summary>
    public readonly int Length => (int)(Lower & ((Lower & Extended) != 0 ? 0xf_ffffu : 0xffffu));
}

/// <summary>A receive descriptor: section 3.2.3.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ReceiveDescriptor
{
    /// <summary>Bytes.</summary>
    public const int Size = 16;

    /// <summary>Bus address of the buffer.</summary>
    public ulong Address;

    /// <summary>What the device reports: length (15:0), packet checksum (31:16), status (39:32), errors (47:40), VLAN tag (63:48).</summary>
    public ulong Report;

    /// <summary>DD, done.</summary>
    public const ulong Done = 1ul << 32;

    /// <summary>EOP, the frame ends here.</summary>
    public const ulong EndOfPacket = 1ul << 33;

    /// <summary>IXSM, the checksum bits mean nothing.</summary>
    public const ulong IgnoreChecksums = 1ul << 34;

    /// <summary>VP, the tag was stripped.</summary>
    public const ulong TagStripped = 1ul << 35;

    /// <summary>TCPCS, the TCP or UDP checksum was looked at.</summary>
    public const ulong TransportChecked = 1ul << 37;

    /// <summary>IPCS, the IP checksum was looked at.</summary>
    public const ulong IpChecked = 1ul << 38;

    /// <summary>PIF, only the multicast filter let it pass.</summary>
    public const ulong PassedInexactFilter = 1ul << 39;

    /// <summary>TCPE, the TCP or UDP checksum is wrong.</summary>
    public const ulong TransportError = 1ul << 45;

    /// <summary>IPE, the IP checksum is wrong.</summary>
    public const ulong IpError = 1ul << 46;

    /// <summary>RXE, the data are bad.</summary>
    public const ulong DataError = 1ul << 47;
}

/// <summary>The offsets of a context descriptor.</summary>
/// <param name="Offsets">Its first eight bytes.</param>
/// <param name="Command">Its payload length, type and command.</param>
/// <param name="Segmentation">Its header length and segment size.</param>
internal readonly record struct TransmitContext(ulong Offsets, uint Command, uint Segmentation)
{
    public int IpStart => Byte(0);

    public int IpChecksum => Byte(8);

    public int IpEnd => Word(16);

    public int TransportStart => Byte(32);

    public int TransportChecksum => Byte(40);

    public int TransportEnd => Word(48);

    public bool IsTcp => (Command & TransmitDescriptor.ContextTcp) != 0;

    public bool IsIpv4 => (Command & TransmitDescriptor.ContextIpv4) != 0;

    /// <summary>HDRLEN.</summary>
    public int HeaderLength => (int)(Segmentation >> 8 & 0xff);

    /// <summary>MSS.</summary>
    public int SegmentSize => (int)(Segmentation >> 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Byte(int shift) => (int)(Offsets >> shift & 0xff);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Word(int shift) => (int)(Offsets >> shift & 0xffff);
}
