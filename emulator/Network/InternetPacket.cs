using System.Buffers.Binary;

namespace Emulator;

/// <summary>An IP packet in an Ethernet frame without a tag, as far as network cards look into one: RFC 791, RFC 8200.</summary>
/// <param name="IsIpv4">Whether it is IPv4, whose header has a checksum; else IPv6.</param>
/// <param name="TransportStart">Where its payload begins in the frame.</param>
/// <param name="End">Where it ends; the frame's padding lies behind.</param>
/// <param name="Protocol"><see cref="Tcp"/> or <see cref="Udp"/>, or 0 where there is no header of these to look at: others, fragments, and headers that are
/// cut off.</param>
internal readonly record struct InternetPacket(bool IsIpv4, int TransportStart, int End, byte Protocol)
{
    /// <summary>Where it begins in the frame.</summary>
    public const int Start = EthernetFrame.HeaderBytes;

    /// <summary>Transmission Control Protocol.</summary>
    public const byte Tcp = 6;

    /// <summary>User Datagram Protocol.</summary>
    public const byte Udp = 17;

    /// <summary>Where the checksum lies in the header of a datagram.</summary>
    public const int UdpChecksum = 6;

    private const ushort Ipv4Type = 0x0800;
    private const ushort Ipv6Type = 0x86dd;
    private const int ShortestIpv4Header = 20;
    private const int Ipv6Header = 40;

    /// <summary>Finds the packet of a frame. False when there is none that is whole.</summary>
    public static bool TryParse(ReadOnlySpan<byte> frame, out InternetPacket packet)
    {
        packet = default;
        if (frame.Length < Start + ShortestIpv4Header)
            return false;
        ReadOnlySpan<byte> ip = frame[Start..];
        switch (BinaryPrimitives.ReadUInt16BigEndian(frame[12..]))
        {
            case Ipv4Type when ip[0] >> 4 == 4:
                int header = (ip[0] & 0xf) * 4;
                int total = BinaryPrimitives.ReadUInt16BigEndian(ip[2..]);
                if (header < ShortestIpv4Header || total < header || total > ip.Length)
                    return false;
                bool isFragment = (BinaryPrimitives.ReadUInt16BigEndian(ip[6..]) & 0x3fff) != 0;
                packet = new(true, Start + header, Start + total, isFragment ? (byte)0 : Transport(ip[9], total - header));
                return true;
            case Ipv6Type when ip[0] >> 4 == 6 && ip.Length >= Ipv6Header:
                // Extension headers are not followed: what they carry is not looked at.
                int payload = BinaryPrimitives.ReadUInt16BigEndian(ip[4..]);
                if (Ipv6Header + payload > ip.Length)
                    return false;
                packet = new(false, Start + Ipv6Header, Start + Ipv6Header + payload, Transport(ip[6], payload));
                return true;
            default:
                return false;
        }
    }

    /// <summary>Whether it is a datagram whose sender made no checksum.</summary>
    public bool HasNoChecksum(ReadOnlySpan<byte> frame) =>
        Protocol == Udp && BinaryPrimitives.ReadUInt16LittleEndian(frame[(TransportStart + UdpChecksum)..]) == 0;

    /// <summary>The sum of what a transport's checksum covers besides the transport's part: RFC 9293, section 3.1; RFC 8200, section 8.1.</summary>
    public ulong PseudoHeader(ReadOnlySpan<byte> frame) =>
        InternetChecksum.Sum(IsIpv4 ? frame.Slice(Start + 12, 8) : frame.Slice(Start + 8, 32))
        + BinaryPrimitives.ReverseEndianness((ushort)(End - TransportStart)) + ((ulong)Protocol << 8);

    private static byte Transport(byte protocol, int length) => protocol switch
    {
        Tcp when length >= 20 => Tcp,
        Udp when length >= 8 => Udp,
        _ => 0,
    };
}
