using System.Buffers.Binary;

namespace Emulator;

/// <summary>What the receiver finds out about the checksums of a frame: section 3.2.9 "Receive packet checksum offloading".</summary>
internal static class ReceiveChecksums
{
    private const ushort Ipv4Type = 0x0800;
    private const ushort Ipv6Type = 0x86dd;
    private const byte TcpProtocol = 6;
    private const byte UdpProtocol = 17;

    /// <summary>The report's bits for a frame without a tag, and its packet checksum.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="start">Where the packet checksum begins (PCSS).</param>
    /// <param name="checkIp">IPOFLD.</param>
    /// <param name="checkTransport">TUOFLD.</param>
    public static ulong Report(ReadOnlySpan<byte> frame, int start, bool checkIp, bool checkTransport)
    {
        Packet packet = Parse(frame);
        ulong report = 0;
        if (packet.TransportEnd == 0 || !checkTransport && !checkIp)
            return Whole(frame, start) | ReceiveDescriptor.IgnoreChecksums;
        if (checkIp && packet.IsIpv4)
        {
            report |= ReceiveDescriptor.IpChecked;
            if (InternetChecksum.Fold(InternetChecksum.Sum(frame[EthernetFrame.HeaderBytes..packet.TransportStart])) != ushort.MaxValue)
                report |= ReceiveDescriptor.IpError;
        }

        if (!checkTransport || !packet.HasTransport)
            return report | Whole(frame, start);
        // The sum of the transport's part serves both checksums.
        ulong transport = InternetChecksum.Sum(frame[packet.TransportStart..packet.TransportEnd]);
        report |= ReceiveDescriptor.TransportChecked;
        if (InternetChecksum.Fold(transport + PseudoHeader(frame, packet)) != ushort.MaxValue)
            report |= ReceiveDescriptor.TransportError;
        if (start > packet.TransportStart || (packet.TransportStart - start & 1) != 0)
            return report | Whole(frame, start);
        ulong rest = InternetChecksum.Sum(frame[packet.TransportEnd..]);
        if ((packet.TransportEnd - start & 1) != 0)
            rest = InternetChecksum.AtOddOffset(rest);
        return report | Packed(InternetChecksum.Sum(frame[start..packet.TransportStart]) + transport + rest);
    }

    /// <summary>Where the parts of an IP packet are; <see cref="TransportEnd"/> is 0 when it is none.</summary>
    private readonly record struct Packet(bool IsIpv4, int TransportStart, int TransportEnd, byte Protocol)
    {
        /// <summary>Whether there is a TCP or UDP header with a checksum that can be looked at.</summary>
        public bool HasTransport { get; init; }
    }

    private static Packet Parse(ReadOnlySpan<byte> frame)
    {
        ReadOnlySpan<byte> ip = frame[EthernetFrame.HeaderBytes..];
        switch (BinaryPrimitives.ReadUInt16BigEndian(frame[12..]))
        {
            case Ipv4Type when ip[0] >> 4 == 4:
                int header = (ip[0] & 0xf) * 4;
                int total = BinaryPrimitives.ReadUInt16BigEndian(ip[2..]);
                if (header < 20 || total < header || total > ip.Length)
                    return default;
                bool isFragment = (BinaryPrimitives.ReadUInt16BigEndian(ip[6..]) & 0x3fff) != 0;
                return WithTransport(frame, new Packet(true, EthernetFrame.HeaderBytes + header, EthernetFrame.HeaderBytes + total, ip[9]), isFragment);
            case Ipv6Type when ip[0] >> 4 == 6 && ip.Length >= 40:
                // Extension headers are not followed: what they carry is not looked at.
                int payload = BinaryPrimitives.ReadUInt16BigEndian(ip[4..]);
                return 40 + payload > ip.Length ? default : WithTransport(frame, new Packet(false, EthernetFrame.HeaderBytes + 40, EthernetFrame.HeaderBytes + 40 + payload, ip[6]), false);
            default:
                return default;
        }
    }

    private static Packet WithTransport(ReadOnlySpan<byte> frame, Packet packet, bool isFragment)
    {
        int length = packet.TransportEnd - packet.TransportStart;
        bool hasTransport = !isFragment && packet.Protocol switch
        {
            TcpProtocol => length >= 20,
            // A UDP checksum of zero says that there is none.
            UdpProtocol => length >= 8 && BinaryPrimitives.ReadUInt16LittleEndian(frame[(packet.TransportStart + 6)..]) != 0,
            _ => false,
        };
        return packet with { HasTransport = hasTransport };
    }

    private static ulong PseudoHeader(ReadOnlySpan<byte> frame, Packet packet)
    {
        ReadOnlySpan<byte> addresses = packet.IsIpv4 ? frame.Slice(EthernetFrame.HeaderBytes + 12, 8) : frame.Slice(EthernetFrame.HeaderBytes + 8, 32);
        int length = packet.TransportEnd - packet.TransportStart;
        return InternetChecksum.Sum(addresses) + BinaryPrimitives.ReverseEndianness((ushort)length) + ((ulong)packet.Protocol << 8);
    }

    private static ulong Whole(ReadOnlySpan<byte> frame, int start) => start >= frame.Length ? 0 : Packed(InternetChecksum.Sum(frame[start..]));

    /// <summary>Packet checksum: the complement of the sum, as a number (section 3.2.3.2).</summary>
    private static ulong Packed(ulong sum) => (ulong)BinaryPrimitives.ReverseEndianness(InternetChecksum.Complement(sum)) << 16;
}
