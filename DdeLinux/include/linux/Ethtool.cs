namespace DdeLinux;

/// <summary>What a driver tells of its device (include/linux/ethtool.h).</summary>
[KernelStruct("ethtool_ops")]
internal readonly partial struct EthtoolOperations
{
    /// <summary>void (*)(struct net_device *, u32, u8 *).</summary>
    [Field]
    public partial nint get_strings { get; }

    /// <summary>void (*)(struct net_device *, struct ethtool_stats *, u64 *).</summary>
    [Field]
    public partial nint get_ethtool_stats { get; }

    /// <summary>int (*)(struct net_device *, int).</summary>
    [Field]
    public partial nint get_sset_count { get; }
}
