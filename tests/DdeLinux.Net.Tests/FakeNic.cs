namespace DdeLinux.Net.Tests;

/// <summary>A network card's driver in C#: the shim calls it through the same pointers as a module. It keeps the frames that it is given until
/// the test completes them.</summary>
internal sealed class FakeNic
{
    private const nint Busy = 0x10;

    private readonly NetworkDomain _domain;

    internal FakeNic(NetworkDomain domain, int queueLength = int.MaxValue)
    {
        _domain = domain;
        var kernel = domain.Kernel;
        Device = kernel.NetDevices.alloc_etherdev_mqs(64, 1, 1);
        Device.IsNull.ShouldBeFalse();
        var device = Device;
        device.netdev_ops = new NetDeviceOperations(domain.Allocate(NetDeviceOperations.Size))
        {
            ndo_open = domain.Function((_, _, _) => OpenResult),
            ndo_stop = domain.Function((_, _, _) =>
            {
                CompleteAll();
                return 0;
            }),
            ndo_start_xmit = domain.Function((frame, _, _) => Transmit(new SkBuff(frame), queueLength)),
            ndo_tx_timeout = domain.Function((_, _, _) =>
            {
                Timeouts++;
                CompleteAll();
                Wake();
                return 0;
            }),
        };
        device.watchdog_timeo = 2 * Timekeeping.TicksPerSecond;
        nint address = domain.Allocate(NetworkDomain.Address.Length);
        NetworkDomain.Address.CopyTo(kernel.Memory.Span<byte>(address, NetworkDomain.Address.Length));
        kernel.AddressLists.dev_addr_mod(device, 0, address, (nuint)NetworkDomain.Address.Length);
        kernel.Slab.kfree(address);
    }

    internal NetDevice Device { get; }

    internal nint OpenResult { get; set; }

    internal bool RefusesFrames { get; set; }

    internal int Timeouts { get; private set; }

    /// <summary>Frames that the driver has.</summary>
    internal Queue<SkBuff> Held { get; } = new();

    internal List<bool> More { get; } = [];

    internal void Register() => _domain.Kernel.NetDevices.register_netdev(Device).ShouldBe(0);

    internal byte[] Bytes(SkBuff frame) => _domain.Kernel.Memory.Span<byte>(frame.data, (int)frame.len).ToArray();

    internal void CompleteAll()
    {
        while (Held.TryDequeue(out var frame))
            _domain.Kernel.SkBuffs.napi_consume_skb(frame, 64);
    }

    internal void Wake() => _domain.Kernel.LinkState.netif_tx_wake_queue(Device.tx);

    private nint Transmit(SkBuff frame, int queueLength)
    {
        if (RefusesFrames)
            return Busy;
        Held.Enqueue(frame);
        if (Held.Count >= queueLength)
        {
            var queue = Device.tx;
            queue.state |= _domain.Kernel.LinkState.DriverStopped;
        }
        return 0;
    }
}
