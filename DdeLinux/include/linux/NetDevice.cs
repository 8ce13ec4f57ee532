namespace DdeLinux;

/// <summary>A network device (include/linux/netdevice.h). The driver's own data follow it, aligned to <see cref="Alignment"/>.</summary>
[KernelStruct("net_device")]
internal readonly partial struct NetDevice
{
    /// <summary>NETDEV_ALIGN.</summary>
    public const int Alignment = 32;

    /// <summary>Bytes of a device's name with its end mark (IFNAMSIZ).</summary>
    public const int NameBytes = 16;

    /// <summary>IFF_UP.</summary>
    public const uint Up = 1 << 0;

    /// <summary>IFF_BROADCAST.</summary>
    public const uint CanBroadcast = 1 << 1;

    /// <summary>IFF_PROMISC.</summary>
    public const uint Promiscuous = 1 << 8;

    /// <summary>IFF_ALLMULTI.</summary>
    public const uint AllMulticast = 1 << 9;

    /// <summary>IFF_MULTICAST.</summary>
    public const uint CanMulticast = 1 << 12;

    [FieldAddress]
    public partial nint name { get; }

    [Field]
    public partial ulong state { get; set; }

    [Embedded]
    public partial ListHead dev_list { get; }

    [Embedded]
    public partial ListHead napi_list { get; }

    [Embedded]
    public partial ListHead unreg_list { get; }

    [Embedded]
    public partial ListHead close_list { get; }

    [Embedded]
    public partial ListHead ptype_all { get; }

    [Embedded]
    public partial ListHead ptype_specific { get; }

    [Embedded("adj_list.upper")]
    public partial ListHead upper { get; }

    [Embedded("adj_list.lower")]
    public partial ListHead lower { get; }

    [Embedded]
    public partial ListHead link_watch_list { get; }

    [Field]
    public partial uint flags { get; set; }

    [Field]
    public partial NetDeviceOperations netdev_ops { get; set; }

    [Field]
    public partial EthtoolOperations ethtool_ops { get; set; }

    [Field]
    public partial int ifindex { get; set; }

    [Field]
    public partial ushort hard_header_len { get; set; }

    [Field]
    public partial ushort type { get; set; }

    [Field]
    public partial byte min_header_len { get; set; }

    [Field]
    public partial byte addr_len { get; set; }

    [Field]
    public partial byte name_assign_type { get; set; }

    [Field]
    public partial uint mtu { get; set; }

    [Field]
    public partial uint min_mtu { get; set; }

    [Field]
    public partial uint max_mtu { get; set; }

    [Field]
    public partial ulong features { get; set; }

    [Field]
    public partial ulong hw_features { get; set; }

    [Field]
    public partial ulong wanted_features { get; set; }

    [Embedded]
    public partial NetDeviceStatistics stats { get; }

    [Field("carrier_up_count.counter")]
    public partial int carrier_up_count { get; set; }

    [Field("carrier_down_count.counter")]
    public partial int carrier_down_count { get; set; }

    /// <summary>32 bytes.</summary>
    [FieldAddress]
    public partial nint perm_addr { get; }

    [Embedded]
    public partial HardwareAddressList uc { get; }

    [Embedded]
    public partial HardwareAddressList mc { get; }

    [Embedded]
    public partial HardwareAddressList dev_addrs { get; }

    [Field]
    public partial uint promiscuity { get; set; }

    [Field]
    public partial uint allmulti { get; set; }

    [Field]
    public partial nint dev_addr { get; set; }

    /// <summary>32 bytes: what the address was when it was last changed by its function.</summary>
    [FieldAddress]
    public partial nint dev_addr_shadow { get; }

    /// <summary>32 bytes.</summary>
    [FieldAddress]
    public partial nint broadcast { get; }

    [Field]
    public partial nint _rx { get; set; }

    [Field]
    public partial uint num_rx_queues { get; set; }

    [Field]
    public partial uint real_num_rx_queues { get; set; }

    /// <summary>The first transmit queue.</summary>
    [Field("_tx")]
    public partial NetDeviceQueue tx { get; set; }

    [Field]
    public partial uint num_tx_queues { get; set; }

    [Field]
    public partial uint real_num_tx_queues { get; set; }

    [Field]
    public partial uint tx_queue_len { get; set; }

    /// <summary>Jiffies after which a transmission is taken for stuck.</summary>
    [Field]
    public partial int watchdog_timeo { get; set; }

    [Field]
    public partial byte reg_state { get; set; }

    [Embedded]
    public partial Device dev { get; }

    [Field]
    public partial uint gso_max_size { get; set; }

    [Field]
    public partial ushort gso_max_segs { get; set; }

    [Field]
    public partial uint gro_max_size { get; set; }

    [Field]
    public partial uint tso_max_size { get; set; }

    [Field]
    public partial ushort tso_max_segs { get; set; }
}

/// <summary>A queue of a device's transmitter (include/linux/netdevice.h).</summary>
[KernelStruct("netdev_queue")]
internal readonly partial struct NetDeviceQueue
{
    [Field]
    public partial nint dev { get; set; }

    [Field("_xmit_lock.rlock.raw_lock.val.counter")]
    public partial int xmit_lock { get; set; }

    /// <summary>The processor that holds the lock, or -1.</summary>
    [Field]
    public partial int xmit_lock_owner { get; set; }

    /// <summary>Jiffy of the latest transmission.</summary>
    [Field]
    public partial long trans_start { get; set; }

    [Field("trans_timeout.counter")]
    public partial long trans_timeout { get; set; }

    [Field]
    public partial ulong state { get; set; }

    [Field]
    public partial int numa_node { get; set; }

    [Embedded]
    public partial DynamicQueueLimit dql { get; }
}

/// <summary>A device's poll function and its state (include/linux/netdevice.h).</summary>
[KernelStruct("napi_struct")]
internal readonly partial struct NapiStruct
{
    [Embedded]
    public partial ListHead poll_list { get; }

    [Field]
    public partial ulong state { get; set; }

    [Field]
    public partial int weight { get; set; }

    /// <summary>int (*)(struct napi_struct *, int).</summary>
    [Field]
    public partial nint poll { get; set; }

    [Field]
    public partial int poll_owner { get; set; }

    [Field]
    public partial nint dev { get; set; }

    /// <summary>The frame that is being put together from fragments.</summary>
    [Field]
    public partial SkBuff skb { get; set; }

    [Embedded]
    public partial ListHead rx_list { get; }

    [Embedded]
    public partial ListHead dev_list { get; }
}

/// <summary>What a driver does for its device (include/linux/netdevice.h).</summary>
[KernelStruct("net_device_ops")]
internal readonly partial struct NetDeviceOperations
{
    [Field]
    public partial nint ndo_init { get; }

    [Field]
    public partial nint ndo_uninit { get; }

    [Field]
    public partial nint ndo_open { get; set; }

    [Field]
    public partial nint ndo_stop { get; set; }

    [Field]
    public partial nint ndo_start_xmit { get; set; }

    [Field]
    public partial nint ndo_change_rx_flags { get; }

    [Field]
    public partial nint ndo_set_rx_mode { get; }

    [Field]
    public partial nint ndo_set_mac_address { get; }

    [Field]
    public partial nint ndo_validate_addr { get; }

    [Field]
    public partial nint ndo_change_mtu { get; }

    [Field]
    public partial nint ndo_tx_timeout { get; set; }

    [Field]
    public partial nint ndo_get_stats64 { get; }

    [Field]
    public partial nint ndo_get_stats { get; }

    [Field]
    public partial nint ndo_fix_features { get; }

    [Field]
    public partial nint ndo_set_features { get; }
}

/// <summary>Counters (include/linux/netdevice.h).</summary>
[KernelStruct("net_device_stats")]
internal readonly partial struct NetDeviceStatistics
{
    [Field]
    public partial ulong rx_packets { get; }

    [Field]
    public partial ulong tx_dropped { get; set; }
}

/// <summary>Counters as user space sees them (include/uapi/linux/if_link.h).</summary>
[KernelStruct("rtnl_link_stats64")]
internal readonly partial struct LinkStatistics
{
    [Field]
    public partial ulong rx_packets { get; }

    [Field]
    public partial ulong tx_packets { get; }

    [Field]
    public partial ulong rx_bytes { get; }

    [Field]
    public partial ulong tx_bytes { get; }

    [Field]
    public partial ulong rx_errors { get; }

    [Field]
    public partial ulong tx_errors { get; }

    [Field]
    public partial ulong rx_dropped { get; }

    [Field]
    public partial ulong tx_dropped { get; }
}

/// <summary>Addresses that a device receives (include/linux/netdevice.h).</summary>
[KernelStruct("netdev_hw_addr_list")]
internal readonly partial struct HardwareAddressList
{
    [Embedded]
    public partial ListHead list { get; }

    [Field]
    public partial int count { get; set; }
}

/// <summary>One of them.</summary>
[KernelStruct("netdev_hw_addr")]
internal readonly partial struct HardwareAddressEntry
{
    /// <summary>NETDEV_HW_ADDR_T_LAN.</summary>
    public const byte Lan = 1;

    /// <summary>NETDEV_HW_ADDR_T_MULTICAST.</summary>
    public const byte Multicast = 5;

    [Embedded]
    public partial ListHead list { get; }

    /// <summary>32 bytes.</summary>
    [FieldAddress]
    public partial nint addr { get; }

    [Field]
    public partial byte type { get; set; }

    [Field]
    public partial int refcount { get; set; }
}
