namespace DdeLinux;

/// <summary>
/// A network card behind a Linux driver. Belongs to the holder of the domain's baton; what says that it sleeps is for kernel threads
/// (<see cref="LinuxKernel.StartThread"/>), the rest is for the event loop too.
/// </summary>
public sealed partial class LinuxNetworkDevice
{
    private readonly LinuxKernel _kernel;
    private readonly TransmitWatchdog _watchdog;
    private readonly nint _statistics;
    // A frame that lies in pieces or lost its VLAN tag is put together here: a jumbo frame is the largest.
    private readonly byte[] _assembly = new byte[ushort.MaxValue];
    private bool _isWaiting;
    private bool _isBatchOpen;

    internal LinuxNetworkDevice(LinuxKernel kernel, NetDevice device, string name)
    {
        _kernel = kernel;
        Device = device;
        Name = name;
        _watchdog = new TransmitWatchdog(kernel, this);
        _statistics = kernel.AllocateOrPanic(LinkStatistics.Size, "counters of a network device");
        _softnet = kernel.Napi;
        _queueStopped = kernel.LinkState.DriverStopped | kernel.LinkState.LimitReached | kernel.LinkState.Frozen;
        _transmit = device.netdev_ops.ndo_start_xmit;
        _heldDestructor = kernel.NetDevices.HeldDestructor;
        _queue = device.tx;
    }

    /// <summary>The kernel's name: <c>eth0</c>.</summary>
    public string Name { get; }

    /// <summary>The six bytes of its address. Valid during the call; the driver may change them.</summary>
    public ReadOnlySpan<byte> HardwareAddress => _kernel.Memory.Span<byte>(Device.dev_addr, Ethernet.AddressBytes);

    /// <summary>Bytes of payload behind the 14 bytes of an Ethernet header.</summary>
    public int Mtu => (int)Device.mtu;

    /// <summary>The smallest <see cref="Mtu"/>.</summary>
    public int MinimumMtu => (int)Device.min_mtu;

    /// <summary>The largest <see cref="Mtu"/>.</summary>
    public int MaximumMtu => Device.max_mtu == 0 ? int.MaxValue : (int)Device.max_mtu;

    /// <summary>Whether it is open.</summary>
    public bool IsOpen => (Device.flags & NetDevice.Up) != 0;

    /// <summary>Whether the link is up.</summary>
    public bool CarrierUp => (Device.state & _kernel.NetDevices.NoCarrier) == 0;

    /// <summary>What the driver does by itself.</summary>
    public NetworkFeatures Features =>
        (Has("NETIF_F_SG_BIT") ? NetworkFeatures.ScatterGather : 0)
        | (Has("NETIF_F_HW_CSUM_BIT") || Has("NETIF_F_IP_CSUM_BIT") ? NetworkFeatures.TransmitChecksum : 0)
        | (Has("NETIF_F_RXCSUM_BIT") ? NetworkFeatures.ReceiveChecksum : 0);

    internal NetDevice Device { get; }

    /// <summary>Counters; asks the driver.</summary>
    public NetworkStatistics ReadStatistics()
    {
        _kernel.NetworkStatistics.Fill(Device, _statistics);
        var counted = new LinkStatistics(_statistics);
        return new(counted.rx_packets, counted.rx_bytes, counted.rx_errors, counted.rx_dropped,
            counted.tx_packets, counted.tx_bytes, counted.tx_errors, counted.tx_dropped + (ulong)_dropped, (ulong)_watchdog.Timeouts);
    }

    /// <summary>The driver's own counters by name, as ethtool shows them; none if it has none.</summary>
    public IReadOnlyList<(string Name, ulong Value)> ReadDriverStatistics() => _kernel.Ethtool.ReadStatistics(Device);

    /// <summary>Starts the device. Sleeps. Does nothing when it is open.</summary>
    /// <exception cref="NetworkDeviceException">The driver refuses.</exception>
    public void Open()
    {
        _kernel.Rtnl.rtnl_lock();
        try
        {
            if (!IsOpen)
                OpenLocked();
        }
        finally
        {
            _kernel.Rtnl.rtnl_unlock();
        }
    }

    /// <summary>Stops the device; frames that it holds are completed. Sleeps. Does nothing when it is closed.</summary>
    public void Close()
    {
        _kernel.Rtnl.rtnl_lock();
        try
        {
            if (!IsOpen)
                return;
            _watchdog.Stop();
            ChangeState(_kernel.NetDevices.Started, isSet: false);
            if (Device.netdev_ops.ndo_stop != 0)
                _kernel.Call(Device.netdev_ops.ndo_stop, Device.Address);
            ChangeFlags(NetDevice.Up, isSet: false);
        }
        finally
        {
            _kernel.Rtnl.rtnl_unlock();
        }
    }

    /// <summary>Gives the device another address. Sleeps.</summary>
    /// <param name="address">Six bytes.</param>
    /// <exception cref="NetworkDeviceException">The driver refuses.</exception>
    public unsafe void SetHardwareAddress(ReadOnlySpan<byte> address)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(address.Length, Ethernet.AddressBytes);
        // struct sockaddr: a family and fourteen bytes (include/linux/socket.h).
        byte* socketAddress = stackalloc byte[16];
        *(ushort*)socketAddress = Device.type;
        address.CopyTo(new Span<byte>(socketAddress + sizeof(ushort), address.Length));
        nint change = Device.netdev_ops.ndo_set_mac_address;
        Configure("set the address", () => change == 0 ? -Errno.EOPNOTSUPP : unchecked((int)_kernel.Call(change, Device.Address, (nint)socketAddress)));
    }

    /// <summary>Changes <see cref="Mtu"/>. Sleeps.</summary>
    /// <exception cref="NetworkDeviceException">The driver refuses, or it is out of range.</exception>
    public void SetMtu(int mtu) => Configure($"set the MTU to {mtu}", () =>
    {
        var device = Device;
        if (mtu < MinimumMtu || mtu > MaximumMtu)
            return -Errno.EINVAL;
        if (device.netdev_ops.ndo_change_mtu != 0)
            return unchecked((int)_kernel.Call(device.netdev_ops.ndo_change_mtu, device.Address, mtu));
        device.mtu = (uint)mtu;
        return 0;
    });

    /// <summary>Whether to receive frames for everybody.</summary>
    public void SetPromiscuous(bool on)
    {
        var device = Device;
        device.promiscuity = on ? 1u : 0;
        ChangeFlags(NetDevice.Promiscuous, on);
        if (device.netdev_ops.ndo_change_rx_flags != 0)
            _kernel.Call(device.netdev_ops.ndo_change_rx_flags, device.Address, (nint)NetDevice.Promiscuous);
        UpdateFilter();
    }

    /// <summary>Whether to receive frames for all groups.</summary>
    public void SetAllMulticast(bool on)
    {
        var device = Device;
        device.allmulti = on ? 1u : 0;
        ChangeFlags(NetDevice.AllMulticast, on);
        UpdateFilter();
    }

    /// <summary>Sets the multicast addresses to receive: six bytes each, in place of those before.</summary>
    /// <exception cref="NetworkDeviceException">There is no memory for them: those that have room are in force.</exception>
    public void SetMulticast(ReadOnlySpan<byte> addresses)
    {
        if (addresses.Length % Ethernet.AddressBytes != 0)
            throw new ArgumentException($"{addresses.Length} bytes are no whole number of addresses", nameof(addresses));
        bool isComplete = _kernel.AddressLists.SetMulticast(Device, addresses);
        UpdateFilter();
        if (!isComplete)
            throw new NetworkDeviceException(Name, $"setting {addresses.Length / Ethernet.AddressBytes} multicast addresses", -Errno.ENOMEM);
    }

    /// <summary>Its memory goes.</summary>
    internal void Dispose()
    {
        _watchdog.Stop();
        _kernel.Slab.kfree(_statistics);
    }

    internal void ChangeCarrier(bool isUp) => _kernel.NetworkOwner?.CarrierChanged(this, isUp);

    private void OpenLocked()
    {
        var operations = Device.netdev_ops;
        int error = operations.ndo_validate_addr != 0 ? unchecked((int)_kernel.Call(operations.ndo_validate_addr, Device.Address)) : 0;
        if (error == 0)
        {
            ChangeState(_kernel.NetDevices.Started, isSet: true);
            error = operations.ndo_open != 0 ? unchecked((int)_kernel.Call(operations.ndo_open, Device.Address)) : 0;
        }
        if (error != 0)
        {
            ChangeState(_kernel.NetDevices.Started, isSet: false);
            throw new NetworkDeviceException(Name, "opening it", error);
        }
        ChangeFlags(NetDevice.Up, isSet: true);
        UpdateFilter();
        var queue = _queue;
        queue.trans_start = _kernel.Timekeeping.JiffiesNow;
        _watchdog.Start();
    }

    private void Configure(string operation, Func<int> change)
    {
        _kernel.Rtnl.rtnl_lock();
        int error = change();
        _kernel.Rtnl.rtnl_unlock();
        if (error != 0)
            throw new NetworkDeviceException(Name, operation, error);
    }

    private void UpdateFilter()
    {
        if (IsOpen && Device.netdev_ops.ndo_set_rx_mode != 0)
            _kernel.PerCpu.CallIn(PerCpu.SoftInterrupt, Device.netdev_ops.ndo_set_rx_mode, Device.Address);
    }

    private void ChangeState(ulong bit, bool isSet)
    {
        var device = Device;
        device.state = isSet ? device.state | bit : device.state & ~bit;
    }

    private void ChangeFlags(uint bit, bool isSet)
    {
        var device = Device;
        device.flags = isSet ? device.flags | bit : device.flags & ~bit;
    }

    private bool Has(string featureBit) => (Device.features >> (int)KernelTypes.Current.EnumValue(featureBit) & 1) != 0;
}
