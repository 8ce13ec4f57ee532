namespace DdeLinux;

/// <summary>Counters of network devices.</summary>
internal sealed partial class DeviceStatistics(LinuxKernel kernel)
{
    /// <summary>Widens counters; those that a driver's structure does not have are zeros.</summary>
    [KernelFunction]
    public void netdev_stats_to_stats64(LinkStatistics wide, NetDeviceStatistics narrow)
    {
        // Both are rows of 64-bit numbers in the same order; the wide one is longer.
        var target = kernel.Memory.Span<ulong>(wide.Address, LinkStatistics.Size / sizeof(ulong));
        target.Clear();
        kernel.Memory.Span<ulong>(narrow.Address, NetDeviceStatistics.Size / sizeof(ulong)).CopyTo(target);
    }

    /// <summary>Asks a driver for its counters.</summary>
    internal void Fill(NetDevice device, nint target)
    {
        var wide = new LinkStatistics(target);
        var operations = device.netdev_ops;
        if (operations.ndo_get_stats64 != 0)
        {
            kernel.Memory.Span<byte>(target, LinkStatistics.Size).Clear();
            kernel.Call(operations.ndo_get_stats64, device.Address, target);
            return;
        }
        nint narrow = operations.ndo_get_stats != 0 ? kernel.Call(operations.ndo_get_stats, device.Address) : device.stats.Address;
        netdev_stats_to_stats64(wide, new NetDeviceStatistics(kernel.Memory.Check(narrow, NetDeviceStatistics.Size)));
    }
}

public sealed partial class LinuxKernel
{
    internal DeviceStatistics NetworkStatistics => field ??= new DeviceStatistics(this);
}
