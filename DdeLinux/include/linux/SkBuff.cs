namespace DdeLinux;

/// <summary>A frame (include/linux/skbuff.h). Data lie from <see cref="data"/> on; <see cref="tail"/> and <see cref="end"/> are offsets from <see cref="head"/>, and behind the
/// end stands a <see cref="SkbSharedInfo"/>.</summary>
[KernelStruct("sk_buff")]
internal readonly partial struct SkBuff
{
    /// <summary>CHECKSUM_UNNECESSARY: the device found it right.</summary>
    public const uint ChecksumGood = 1;

    /// <summary>CHECKSUM_PARTIAL: it is to be filled in from csum_start on.</summary>
    public const uint ChecksumPartial = 3;

    /// <summary>PACKET_BROADCAST, PACKET_MULTICAST and PACKET_OTHERHOST (linux/if_packet.h); 0 is for this host.</summary>
    public const uint Broadcast = 1;

    /// <inheritdoc cref="Broadcast"/>
    public const uint Multicast = 2;

    /// <inheritdoc cref="Broadcast"/>
    public const uint OtherHost = 3;

    /// <summary>A header offset that is not set.</summary>
    public const ushort NoHeader = ushort.MaxValue;

    [Field]
    public partial nint dev { get; set; }

    /// <summary>void (*)(struct sk_buff *): told when the frame is freed.</summary>
    [Field]
    public partial nint destructor { get; set; }

    /// <summary>Bytes of data in all.</summary>
    [Field]
    public partial uint len { get; set; }

    /// <summary>Bytes of data that lie in page fragments.</summary>
    [Field]
    public partial uint data_len { get; set; }

    [BitField]
    public partial bool cloned { get; set; }

    [BitField]
    public partial bool head_frag { get; set; }

    [BitField]
    public partial uint pkt_type { get; set; }

    [BitField]
    public partial uint ip_summed { get; set; }

    [BitField]
    public partial bool vlan_present { get; set; }

    [Field]
    public partial ushort csum_start { get; set; }

    [Field]
    public partial ushort csum_offset { get; set; }

    /// <summary>Big-endian.</summary>
    [Field]
    public partial ushort vlan_proto { get; set; }

    [Field]
    public partial ushort vlan_tci { get; set; }

    /// <summary>Big-endian.</summary>
    [Field]
    public partial ushort protocol { get; set; }

    [Field]
    public partial ushort transport_header { get; set; }

    [Field]
    public partial ushort network_header { get; set; }

    [Field]
    public partial ushort mac_header { get; set; }

    [Field]
    public partial uint tail { get; set; }

    /// <summary>Address of the field above: what a new frame has zeroed lies before it.</summary>
    [FieldAddress("tail")]
    public partial nint tail_address { get; }

    [Field]
    public partial uint end { get; set; }

    [Field]
    public partial nint head { get; set; }

    [Field]
    public partial nint data { get; set; }

    [Field]
    public partial uint truesize { get; set; }

    [Field("users.refs.counter")]
    public partial int users { get; set; }

    /// <summary>Bytes of data that are not in page fragments.</summary>
    public uint HeadLength => len - data_len;
}

/// <summary>What stands behind a frame's head (include/linux/skbuff.h).</summary>
[KernelStruct("skb_shared_info")]
internal readonly partial struct SkbSharedInfo
{
    /// <summary>Fragments at most (MAX_SKB_FRAGS with pages of 4 KiB).</summary>
    public const int LargestFragments = 17;

    [Field]
    public partial byte nr_frags { get; set; }

    [Field]
    public partial nint frag_list { get; set; }

    [Field("dataref.counter")]
    public partial int dataref { get; set; }

    /// <summary>What the frame's owner wants back when it is freed.</summary>
    [Field]
    public partial ulong destructor_arg { get; set; }

    [FieldAddress]
    public partial nint frags { get; }

    /// <summary>A fragment.</summary>
    public SkbFragment FragmentAt(int index) => new(frags + index * SkbFragment.Size);
}

/// <summary>A piece of a frame in a page (skb_frag_t).</summary>
[KernelStruct("bio_vec")]
internal readonly partial struct SkbFragment
{
    [Field]
    public partial nint bv_page { get; set; }

    [Field]
    public partial uint bv_len { get; set; }

    [Field]
    public partial uint bv_offset { get; set; }
}
