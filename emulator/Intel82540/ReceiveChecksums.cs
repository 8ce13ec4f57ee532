using System.Buffers.Binary;

namespace Emulator;

/// <summary>What the receiver finds out about the checksums of a frame: section 3.2.9 "Receive packet checksum offloading".</summary>
internal static class ReceiveChecksums
{
    /// <summary>The report's bits for a frame without a tag, and its packet checksum.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="start">Where the packet checksum begins (PCSS).</param>
    /// <param name="checkIp">IPOFLD.</param>
    /// <param name="checkTransport">TUOFLD.</param>
    public static ulong Report(ReadOnlySpan<byte> frame, int start, bool checkIp, bool checkTransport)
    {
        ulong report = 0;
        if (!InternetPacket.TryParse(frame, out InternetPacket packet) || !checkTransport && !checkIp)
            return Whole(frame, start) | ReceiveDescriptor.IgnoreChecksums;
        if (checkIp && packet.IsIpv4)
        {
            report |= ReceiveDescriptor.IpChecked;
            if (InternetChecksum.Fold(InternetChecksum.Sum(frame[InternetPacket.Start..packet.TransportStart])) != ushort.MaxValue)
                report |= ReceiveDescriptor.IpError;
        }

        if (!checkTransport || packet.Protocol == 0 || packet.HasNoChecksum(frame))
            return report | Whole(frame, start);
        // The sum of the transport's part serves both checksums.
        ulong transport = InternetChecksum.Sum(frame[packet.TransportStart..packet.End]);
        report |= ReceiveDescriptor.TransportChecked;
        if (InternetChecksum.Fold(transport + packet.PseudoHeader(frame)) != ushort.MaxValue)
            report |= ReceiveDescriptor.TransportError;
        if (start > packet.TransportStart || (packet.TransportStart - start & 1) != 0)
            return report | Whole(frame, start);
        ulong rest = InternetChecksum.Sum(frame[packet.End..]);
        if ((packet.End - start & 1) != 0)
            rest = InternetChecksum.AtOddOffset(rest);
        return report | Packed(InternetChecksum.Sum(frame[start..packet.TransportStart]) + transport + rest);
    }

    private static ulong Whole(ReadOnlySpan<byte> frame, int start) => start >= frame.Length ? 0 : Packed(InternetChecksum.Sum(frame[start..]));

    /// <summary>Packet checksum: the complement of the sum, as a number (section 3.2.3.2).</summary>
    private static ulong Packed(ulong sum) => (ulong)BinaryPrimitives.ReverseEndianness(InternetChecksum.Complement(sum)) << 16;
}
