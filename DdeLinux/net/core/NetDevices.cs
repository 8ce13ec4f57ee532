using System.Globalization;
using System.Text;

namespace DdeLinux;

/// <summary>Network devices: making, registering and finding them.</summary>
internal sealed partial class NetDevices(LinuxKernel kernel)
{
    private readonly byte _registered = (byte)KernelTypes.Current.EnumValue("NETREG_REGISTERED");
    private readonly byte _unregistering = (byte)KernelTypes.Current.EnumValue("NETREG_UNREGISTERING");
    private readonly byte _unregistered = (byte)KernelTypes.Current.EnumValue("NETREG_UNREGISTERED");
    private readonly byte _released = (byte)KernelTypes.Current.EnumValue("NETREG_RELEASED");
    private LinuxNetworkDevice? _latest;
    private int _nextIndex = 1;

    /// <summary>The bits of net_device.state (netdev_state_t).</summary>
    internal ulong Started { get; } = LinkState("START");

    /// <inheritdoc cref="Started"/>
    internal ulong Present { get; } = LinkState("PRESENT");

    /// <inheritdoc cref="Started"/>
    internal ulong NoCarrier { get; } = LinkState("NOCARRIER");

    /// <summary>The destructor of frames that lie in a client's memory.</summary>
    internal nint HeldDestructor => field != 0 ? field : field = kernel.Symbols.TryResolve(nameof(SkBuffs.sock_wfree), out nint address)
        ? address
        : throw new InvalidOperationException($"{nameof(SkBuffs.sock_wfree)} is not supplied.");

    /// <summary>The device at an address; null when none is registered there.</summary>
    internal LinuxNetworkDevice? FindOrNull(nint address)
    {
        if (_latest is { } latest && latest.Device.Address == address)
            return latest;
        foreach (var device in kernel.NetworkDevices)
        {
            if (device.Device.Address == address)
                return _latest = device;
        }
        return null;
    }

    /// <summary>The device at an address.</summary>
    /// <exception cref="KernelFaultException">None is registered there.</exception>
    internal LinuxNetworkDevice Find(nint address) => FindOrNull(address) ?? throw new KernelFaultException($"0x{address:x} is no registered network device");

    internal bool IsRunning(NetDevice device) => (device.state & Started) != 0;

    /// <summary>Takes a received frame, without its Ethernet header, and frees it.</summary>
    internal void Receive(SkBuff frame)
    {
        var device = FindOrNull(frame.dev) ?? throw new KernelFaultException($"a frame was received by 0x{frame.dev:x}, which is no registered network device");
        device.Receive(frame);
        kernel.SkBuffs.Free(frame);
    }

    [KernelFunction]
    public NetDevice alloc_etherdev_mqs(int privateBytes, uint transmitQueues, uint receiveQueues)
    {
        var device = Allocate(privateBytes, "eth%d", transmitQueues, receiveQueues);
        if (!device.IsNull)
            kernel.Ethernet.ether_setup(device);
        return device;
    }

    /// <summary>Makes a device; <paramref name="setup"/> is void (*)(struct net_device *).</summary>
    [KernelFunction]
    public NetDevice alloc_netdev_mqs(int privateBytes, KernelString name, byte nameKind, nint setup, uint transmitQueues, uint receiveQueues)
    {
        var device = Allocate(privateBytes, name.ToString(), transmitQueues, receiveQueues);
        if (device.IsNull)
            return device;
        device.name_assign_type = nameKind;
        kernel.Call(setup, device.Address);
        return device;
    }

    [KernelFunction]
    public void free_netdev(NetDevice device)
    {
        if (device.reg_state == _registered || device.reg_state == _unregistering)
            throw new KernelFaultException($"network device '{NameOf(device)}' is freed while it is registered");
        kernel.Napi.RemoveAll(device);
        kernel.AddressLists.Flush(device);
        kernel.Slab.kfree(device.tx.Address);
        kernel.Slab.kfree(device._rx);
        bool wasRegistered = device.reg_state == _unregistered;
        device.reg_state = _released;
        if (wasRegistered)
            kernel.DriverCore.put_device(device.dev);
        else
            kernel.Slab.kfree(device.Address);
    }

    [KernelFunction]
    public int register_netdev(NetDevice device)
    {
        kernel.Rtnl.rtnl_lock();
        int error = Register(device);
        kernel.Rtnl.rtnl_unlock();
        if (error == 0)
            kernel.AddNetworkDevice(new LinuxNetworkDevice(kernel, device, NameOf(device)));
        return error;
    }

    [KernelFunction]
    public void unregister_netdev(NetDevice device)
    {
        var known = Find(device.Address);
        known.Close();
        kernel.Rtnl.rtnl_lock();
        device.reg_state = _unregistering;
        kernel.AddressLists.SetMulticast(device, []);
        if (device.netdev_ops.ndo_uninit != 0)
            kernel.Call(device.netdev_ops.ndo_uninit, device.Address);
        kernel.Napi.Forget(known);
        kernel.RemoveNetworkDevice(known);
        known.Dispose();
        _latest = null;
        kernel.DriverCore.device_del(device.dev);
        device.reg_state = _unregistered;
        kernel.Rtnl.rtnl_unlock();
    }

    private static ulong LinkState(string name) => 1UL << (int)KernelTypes.Current.EnumValue($"__LINK_STATE_{name}");

    private int Register(NetDevice device)
    {
        var operations = device.netdev_ops;
        if (operations.IsNull || operations.ndo_start_xmit == 0)
            throw new KernelFaultException($"network device '{NameOf(device)}' is registered without a function to transmit");
        SetName(device, Numbered(NameOf(device)));
        device.ifindex = _nextIndex++;
        int error = operations.ndo_init != 0 ? unchecked((int)kernel.Call(operations.ndo_init, device.Address)) : 0;
        if (error != 0)
            return error;
        device.wanted_features = device.features & device.hw_features;
        FixFeatures(device);
        device.state |= Present;
        var address = kernel.Memory.Span<byte>(device.dev_addr, AddressLists.LargestAddress);
        address.CopyTo(kernel.Memory.Span<byte>(device.perm_addr, AddressLists.LargestAddress));
        var generic = device.dev;
        kernel.DriverCore.device_initialize(generic);
        kernel.DriverCore.SetName(generic, NameOf(device));
        kernel.DriverCore.OwnRelease(generic, () => kernel.Slab.kfree(device.Address));
        error = kernel.DriverCore.device_add(generic);
        if (error == 0)
            device.reg_state = _registered;
        return error;
    }

    /// <summary>Lets the driver correct features that exclude each other.</summary>
    private void FixFeatures(NetDevice device)
    {
        var operations = device.netdev_ops;
        if (operations.ndo_fix_features == 0)
            return;
        ulong wanted = device.features;
        ulong fixedOnes = unchecked((ulong)kernel.Call(operations.ndo_fix_features, device.Address, (nint)wanted));
        if (fixedOnes == wanted)
            return;
        if (operations.ndo_set_features != 0)
            kernel.Call(operations.ndo_set_features, device.Address, unchecked((nint)fixedOnes));
        device.features = fixedOnes;
    }

    private NetDevice Allocate(int privateBytes, string name, uint transmitQueues, uint receiveQueues)
    {
        int bytes = (NetDevice.Size + (NetDevice.Alignment - 1)) & -NetDevice.Alignment;
        nint memory = kernel.Slab.Allocate((nuint)(bytes + privateBytes), Slab.Zero);
        nint transmit = kernel.Slab.Allocate(transmitQueues * (nuint)NetDeviceQueue.Size, Slab.Zero);
        nint receive = kernel.Slab.Allocate(receiveQueues * (nuint)KernelTypes.Current.SizeOf("netdev_rx_queue"), Slab.Zero);
        var device = new NetDevice(memory);
        if (memory == 0 || transmit == 0 || receive == 0 || !kernel.AddressLists.Initialize(device))
        {
            kernel.Slab.kfree(memory);
            kernel.Slab.kfree(transmit);
            kernel.Slab.kfree(receive);
            return default;
        }
        foreach (var list in (ReadOnlySpan<ListHead>)[device.dev_list, device.napi_list, device.unreg_list, device.close_list, device.ptype_all,
            device.ptype_specific, device.upper, device.lower, device.link_watch_list])
        {
            list.Initialize();
        }
        const uint LargestSegmented = 65536;
        device.gso_max_size = device.gro_max_size = device.tso_max_size = LargestSegmented;
        device.gso_max_segs = device.tso_max_segs = ushort.MaxValue;
        device.num_tx_queues = device.real_num_tx_queues = transmitQueues;
        device.num_rx_queues = device.real_num_rx_queues = receiveQueues;
        device.tx = new NetDeviceQueue(transmit);
        device._rx = receive;
        for (int index = 0; index < transmitQueues; index++)
        {
            var queue = new NetDeviceQueue(transmit + index * NetDeviceQueue.Size) { dev = memory, xmit_lock_owner = -1, numa_node = -1 };
            kernel.DynamicQueueLimits.Initialize(queue.dql);
        }
        SetName(device, name);
        return device;
    }

    private string Numbered(string pattern)
    {
        int at = pattern.IndexOf("%d", StringComparison.Ordinal);
        for (int number = 0; at >= 0; number++)
        {
            string name = string.Concat(pattern.AsSpan(0, at), number.ToString(CultureInfo.InvariantCulture), pattern.AsSpan(at + 2));
            if (kernel.NetworkDevices.All(device => device.Name != name))
                return name;
        }
        return pattern;
    }

    private string NameOf(NetDevice device) => kernel.Memory.CheckString(device.name).ToString();

    private void SetName(NetDevice device, string name)
    {
        var bytes = kernel.Memory.Span<byte>(device.name, NetDevice.NameBytes);
        bytes.Clear();
        Encoding.ASCII.GetBytes(name.AsSpan(0, Math.Min(name.Length, NetDevice.NameBytes - 1)), bytes);
    }
}

public sealed partial class LinuxKernel
{
    internal NetDevices NetDevices => field ??= new NetDevices(this);
}
