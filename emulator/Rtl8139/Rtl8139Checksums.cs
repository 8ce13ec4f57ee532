using System.Buffers.Binary;

namespace Emulator;

/// <summary>Checksums of IPv4, TCP and UDP as C+ mode makes and checks them: RTL8139C(L)+, "Checksum offload".</summary>
internal static class Rtl8139Checksums
{
    /// <summary>Transmit descriptor: IPCS, UDPCS, TCPCS.</summary>
    public const uint InsertIp = 1 << 18;
    public const uint InsertUdp = 1 << 17;
    public const uint InsertTcp = 1 << 16;

    // Receive descriptor: protocol in PID1:0, failures in IPF, UDPF, TCPF.
    private const uint IsTcp = 1 << 16;
    private const uint IsUdp = 2 << 16;
    private const uint IsIp = 3 << 16;
    private const uint IpFailed = 1 << 15;
    private const uint UdpFailed = 1 << 14;
    private const uint TcpFailed = 1 << 13;

    private const ushort Ipv4Type = 0x0800;
    private const byte Tcp = 6;
    private const byte Udp = 17;
    private const int IpChecksum = EthernetFrame.HeaderBytes + 10;
    private const int TcpChecksum = 16;
    private const int UdpChecksum = 6;

    /// <summary>Where the parts of an IPv4 packet are.</summary>
    private readonly record struct Packet(int TransportStart, int End, byte Protocol);

    /// <summary>Puts the checksums into a frame without a tag that a descriptor asks for. False when the frame has no place for one.</summary>
    public static bool Insert(Span<byte> frame, uint options)
    {
        if ((options & (InsertIp | InsertUdp | InsertTcp)) == 0)
            return true;
        if (!TryParse(frame, out Packet packet))
            return false;
        if ((options & InsertIp) != 0)
            Store(frame, IpChecksum, 0, frame[EthernetFrame.HeaderBytes..packet.TransportStart]);
        if ((options & (InsertUdp | InsertTcp)) == 0)
            return true;
        bool isTcp = (options & InsertTcp) != 0;
        if (packet.Protocol != (isTcp ? Tcp : Udp))
            return false;
        int field = packet.TransportStart + (isTcp ? TcpChecksum : UdpChecksum);
        Store(frame, field, PseudoHeader(frame, packet), frame[packet.TransportStart..packet.End]);
        // A UDP checksum of zero would say that there is none.
        if (!isTcp && BinaryPrimitives.ReadUInt16LittleEndian(frame[field..]) == 0)
            BinaryPrimitives.WriteUInt16LittleEndian(frame[field..], ushort.MaxValue);
        return true;
    }

    /// <summary>What a receive descriptor says of a frame without a tag.</summary>
    public static uint Report(ReadOnlySpan<byte> frame)
    {
        if (!TryParse(frame, out Packet packet))
            return 0;
        uint failed = IsRight(InternetChecksum.Sum(frame[EthernetFrame.HeaderBytes..packet.TransportStart])) ? 0 : IpFailed;
        if (packet.Protocol is not (Tcp or Udp))
            return failed | IsIp;
        bool isTcp = packet.Protocol == Tcp;
        bool hasNone = !isTcp && BinaryPrimitives.ReadUInt16LittleEndian(frame[(packet.TransportStart + UdpChecksum)..]) == 0;
        if (!hasNone && !IsRight(PseudoHeader(frame, packet) + InternetChecksum.Sum(frame[packet.TransportStart..packet.End])))
            failed |= isTcp ? TcpFailed : UdpFailed;
        return failed | (isTcp ? IsTcp : IsUdp);
    }

    /// <summary>Protocol 0 stands for what has no transport header to look at: fragments, and headers that are cut off.</summary>
    private static bool TryParse(ReadOnlySpan<byte> frame, out Packet packet)
    {
        packet = default;
        const int ShortestIpHeader = 20;
        if (frame.Length < EthernetFrame.HeaderBytes + ShortestIpHeader || BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) != Ipv4Type)
            return false;
        ReadOnlySpan<byte> ip = frame[EthernetFrame.HeaderBytes..];
        int header = (ip[0] & 0xf) * 4;
        int total = BinaryPrimitives.ReadUInt16BigEndian(ip[2..]);
        if (ip[0] >> 4 != 4 || header < ShortestIpHeader || total < header || total > ip.Length)
            return false;
        bool isFragment = (BinaryPrimitives.ReadUInt16BigEndian(ip[6..]) & 0x3fff) != 0;
        int shortest = ip[9] switch { Tcp => 20, Udp => 8, _ => 0 };
        byte protocol = isFragment || total - header < shortest ? (byte)0 : ip[9];
        packet = new Packet(EthernetFrame.HeaderBytes + header, EthernetFrame.HeaderBytes + total, protocol);
        return true;
    }

    private static ulong PseudoHeader(ReadOnlySpan<byte> frame, Packet packet) =>
        InternetChecksum.Sum(frame.Slice(EthernetFrame.HeaderBytes + 12, 8))
        + BinaryPrimitives.ReverseEndianness((ushort)(packet.End - packet.TransportStart)) + ((ulong)packet.Protocol << 8);

    private static void Store(Span<byte> frame, int field, ulong sum, ReadOnlySpan<byte> part)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(frame[field..], 0);
        BinaryPrimitives.WriteUInt16LittleEndian(frame[field..], InternetChecksum.Complement(sum + InternetChecksum.Sum(part)));
    }

    private static bool IsRight(ulong sum) => InternetChecksum.Fold(sum) == ushort.MaxValue;
}
