namespace DdeLinux;

/// <summary>What user space asks drivers by ethtool: answered or asked here in its place.</summary>
internal sealed partial class Ethtool(LinuxKernel kernel)
{
    /// <summary>Bytes of a counter's name (ETH_GSTRING_LEN).</summary>
    private const int NameBytes = 32;

    [KernelFunction]
    public uint ethtool_op_get_link(NetDevice device) => (device.state & kernel.NetDevices.NoCarrier) == 0 ? 1u : 0;

    /// <summary>The link modes of one word as a bit map of link modes.</summary>
    [KernelFunction]
    public void ethtool_convert_legacy_u32_to_link_mode(nint target, uint legacy)
    {
        var modes = LinkModes(target);
        modes.Clear();
        modes[0] = legacy;
    }

    /// <summary>A bit map of link modes as one word; false when it does not fit.</summary>
    [KernelFunction]
    public bool ethtool_convert_link_mode_to_legacy_u32(nint legacy, nint source)
    {
        var modes = LinkModes(source);
        kernel.Memory.At<uint>(legacy) = unchecked((uint)modes[0]);
        return modes[0] <= uint.MaxValue && !modes[1..].ContainsAnyExcept(0UL);
    }

    /// <summary>A driver's own counters.</summary>
    internal IReadOnlyList<(string Name, ulong Value)> ReadStatistics(NetDevice device)
    {
        int kind = (int)KernelTypes.Current.EnumValue("ETH_SS_STATS");
        var operations = device.ethtool_ops;
        if (operations.IsNull || operations.get_sset_count == 0 || operations.get_strings == 0 || operations.get_ethtool_stats == 0)
            return [];
        int count = unchecked((int)kernel.Call(operations.get_sset_count, device.Address, kind));
        if (count <= 0)
            return [];
        // A header of two words comes first (struct ethtool_stats).
        int headerBytes = KernelTypes.Current.SizeOf("ethtool_stats");
        nint memory = kernel.AllocateOrPanic(headerBytes + count * (NameBytes + sizeof(ulong)), "a driver's counters");
        nint values = memory + headerBytes;
        nint names = values + count * sizeof(ulong);
        kernel.Call(operations.get_strings, device.Address, kind, names);
        kernel.Call(operations.get_ethtool_stats, device.Address, memory, values);
        var result = new (string, ulong)[count];
        for (int index = 0; index < count; index++)
            result[index] = (kernel.Memory.CheckString(names + index * NameBytes).ToString(), kernel.Memory.At<ulong>(values + index * sizeof(ulong)));
        kernel.Slab.kfree(memory);
        return result;
    }

    private Span<ulong> LinkModes(nint address)
    {
        int bits = (int)KernelTypes.Current.EnumValue("__ETHTOOL_LINK_MODE_MASK_NBITS");
        return kernel.Memory.Span<ulong>(address, (bits + 63) / 64);
    }
}

public sealed partial class LinuxKernel
{
    internal Ethtool Ethtool => field ??= new Ethtool(this);
}
