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

    private const int IpChecksum = InternetPacket.Start + 10;
    private const int TcpChecksum = 16;

    /// <summary>Puts the checksums into a frame without a tag that a descriptor asks for. False when the frame has no place for one.</summary>
    public static bool Insert(Span<byte> frame, uint options)
    {
        if ((options & (InsertIp | InsertUdp | InsertTcp)) == 0)
            return true;
        if (!TryParse(frame, out InternetPacket packet))
            return false;
        if ((options & InsertIp) != 0)
            Store(frame, IpChecksum, 0, frame[InternetPacket.Start..packet.TransportStart]);
        if ((options & (InsertUdp | InsertTcp)) == 0)
            return true;
        bool isTcp = (options & InsertTcp) != 0;
        if (packet.Protocol != (isTcp ? InternetPacket.Tcp : InternetPacket.Udp))
            return false;
        int field = packet.TransportStart + (isTcp ? TcpChecksum : InternetPacket.UdpChecksum);
        Store(frame, field, packet.PseudoHeader(frame), frame[packet.TransportStart..packet.End]);
        // A UDP checksum of zero would say that there is none.
        if (!isTcp && BinaryPrimitives.ReadUInt16LittleEndian(frame[field..]) == 0)
            BinaryPrimitives.WriteUInt16LittleEndian(frame[field..], ushort.MaxValue);
        return true;
    }

    /// <summary>What a receive descriptor says of a frame without a tag.</summary>
    public static uint Report(ReadOnlySpan<byte> frame)
    {
        if (!TryParse(frame, out InternetPacket packet))
            return 0;
        uint failed = IsRight(InternetChecksum.Sum(frame[InternetPacket.Start..packet.TransportStart])) ? 0 : IpFailed;
        if (packet.Protocol == 0)
            return failed | IsIp;
        bool isTcp = packet.Protocol == InternetPacket.Tcp;
        if (!packet.HasNoChecksum(frame) && !IsRight(packet.PseudoHeader(frame) + InternetChecksum.Sum(frame[packet.TransportStart..packet.End])))
            failed |= isTcp ? TcpFailed : UdpFailed;
        return failed | (isTcp ? IsTcp : IsUdp);
    }

    private static void Store(Span<byte> frame, int field, ulong sum, ReadOnlySpan<byte> part)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(frame[field..], 0);
        BinaryPrimitives.WriteUInt16LittleEndian(frame[field..], InternetChecksum.Complement(sum + InternetChecksum.Sum(part)));
    }

    /// <summary>The card knows IPv4 alone.</summary>
    private static bool TryParse(ReadOnlySpan<byte> frame, out InternetPacket packet) => InternetPacket.TryParse(frame, out packet) && packet.IsIpv4;

    private static bool IsRight(ulong sum) => InternetChecksum.Fold(sum) == ushort.MaxValue;
}
