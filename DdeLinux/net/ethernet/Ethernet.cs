using System.Buffers.Binary;

namespace DdeLinux;

/// <summary>Ethernet: what all devices of this kind have in common (IEEE 802.3, 3).</summary>
internal sealed partial class Ethernet(LinuxKernel kernel)
{
    /// <summary>Two addresses and a type (ETH_HLEN).</summary>
    internal const int HeaderBytes = 14;

    /// <summary>ETH_ALEN.</summary>
    internal const int AddressBytes = 6;

    /// <summary>The smallest frame without check sequence (ETH_ZLEN): shorter ones are padded.</summary>
    internal const int SmallestFrame = 60;

    /// <summary>A VLAN tag (IEEE 802.1Q, 9.3).</summary>
    internal const int TagBytes = 4;

    /// <summary>Payload (ETH_DATA_LEN).</summary>
    private const uint DefaultMtu = 1500;

    /// <summary>Smaller values are lengths, not types (ETH_P_802_3_MIN).</summary>
    private const ushort SmallestType = 0x0600;

    /// <summary>ETH_P_802_3 and ETH_P_802_2: frames that have a length where others have a type.</summary>
    private const ushort Novell = 0x0001;

    /// <inheritdoc cref="Novell"/>
    private const ushort LogicalLink = 0x0004;

    /// <summary>ARPHRD_ETHER.</summary>
    private const ushort HardwareType = 1;

    /// <summary>ETH_MIN_MTU.</summary>
    private const uint SmallestMtu = 68;

    /// <summary>Makes an Ethernet device of a new one.</summary>
    [KernelFunction]
    public void ether_setup(NetDevice device)
    {
        device.type = HardwareType;
        device.hard_header_len = HeaderBytes;
        device.min_header_len = HeaderBytes;
        device.mtu = DefaultMtu;
        device.min_mtu = SmallestMtu;
        device.max_mtu = DefaultMtu;
        device.addr_len = AddressBytes;
        device.tx_queue_len = 1000;
        device.flags = NetDevice.CanBroadcast | NetDevice.CanMulticast;
        kernel.Memory.Span<byte>(device.broadcast, AddressBytes).Fill(0xff);
    }

    /// <summary>Takes the header off a received frame; the result is its protocol, in network order.</summary>
    [KernelFunction]
    public ushort eth_type_trans(SkBuff frame, NetDevice device)
    {
        nint header = frame.data;
        if (frame.HeadLength < HeaderBytes || frame.data_len > frame.len)
            throw new KernelFaultException($"a frame of {frame.len} bytes was received, {frame.data_len} of them in fragments: shorter than its header");
        frame.dev = device.Address;
        frame.mac_header = (ushort)(header - frame.head);
        frame.data = header + HeaderBytes;
        frame.len -= HeaderBytes;
        var bytes = kernel.Memory.Span<byte>(header, HeaderBytes);
        uint kind = KindOf(bytes, kernel.Memory.Span<byte>(device.dev_addr, AddressBytes));
        if (kind != 0)
            frame.pkt_type = kind;
        ushort type = BinaryPrimitives.ReadUInt16BigEndian(bytes[(2 * AddressBytes)..]);
        if (type >= SmallestType)
            return BinaryPrimitives.ReverseEndianness(type);
        // Novell's raw IPX has no logical link header, but a checksum that is never used.
        bool isRaw = frame.HeadLength >= sizeof(ushort) && kernel.Memory.At<ushort>(frame.data) == ushort.MaxValue;
        return BinaryPrimitives.ReverseEndianness(isRaw ? Novell : LogicalLink);
    }

    /// <summary>Refuses an address that no device may have.</summary>
    [KernelFunction]
    public int eth_validate_addr(NetDevice device) =>
        IsUnicast(kernel.Memory.Span<byte>(device.dev_addr, AddressBytes)) ? 0 : -Errno.EADDRNOTAVAIL;

    /// <summary>Takes a new address (a struct sockaddr) while the device is closed.</summary>
    [KernelFunction]
    public int eth_mac_addr(NetDevice device, nint socketAddress)
    {
        const int FamilyBytes = 2;
        if (kernel.NetDevices.IsRunning(device))
            return -Errno.EBUSY;
        nint address = socketAddress + FamilyBytes;
        if (!IsUnicast(kernel.Memory.Span<byte>(address, AddressBytes)))
            return -Errno.EADDRNOTAVAIL;
        kernel.AddressLists.dev_addr_mod(device, 0, address, AddressBytes);
        return 0;
    }

    /// <summary>Whether an address can be a device's: neither a group's nor all zeros.</summary>
    internal static bool IsUnicast(ReadOnlySpan<byte> address) => (address[0] & 1) == 0 && address.ContainsAnyExcept((byte)0);

    private static uint KindOf(ReadOnlySpan<byte> header, ReadOnlySpan<byte> own)
    {
        var destination = header[..AddressBytes];
        if ((destination[0] & 1) != 0)
            return destination.ContainsAnyExcept((byte)0xff) ? SkBuff.Multicast : SkBuff.Broadcast;
        return destination.SequenceEqual(own) ? 0 : SkBuff.OtherHost;
    }
}

public sealed partial class LinuxKernel
{
    internal Ethernet Ethernet => field ??= new Ethernet(this);
}
