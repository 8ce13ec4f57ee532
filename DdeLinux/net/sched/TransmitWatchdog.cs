using DdeKit;

namespace DdeLinux;

/// <summary>Looks whether a device's transmitter is stuck: stopped by its driver, with the last frame handed over too long ago. The driver is told then,
/// and resets its device.</summary>
/// <remarks>In late kernels of a series stopping a queue, which is inlined, renews the time of the last frame. A driver that stops its queue again
/// and again, as e1000 does every two seconds while it finds its transmitter hung, would never be told; so a queue that is stopped at two looks,
/// without a frame in between, is stuck too.</remarks>
internal sealed class TransmitWatchdog
{
    /// <summary>When the driver does not say: five seconds, in jiffies.</summary>
    private const int DefaultTimeout = 5 * Timekeeping.TicksPerSecond;

    private readonly LinuxKernel _kernel;
    private readonly LinuxNetworkDevice _device;
    private readonly KitTimer _timer;
    private bool _wasStopped;
    private long _framesThen;

    internal TransmitWatchdog(LinuxKernel kernel, LinuxNetworkDevice device)
    {
        _kernel = kernel;
        _device = device;
        _timer = new KitTimer(kernel.Cpu.Timers, Look);
    }

    /// <summary>How often the transmitter was stuck.</summary>
    internal long Timeouts { get; private set; }

    private int Timeout => _device.Device.watchdog_timeo > 0 ? _device.Device.watchdog_timeo : DefaultTimeout;

    internal void Start()
    {
        _wasStopped = false;
        Wait();
    }

    internal void Stop() => _timer.Cancel();

    private void Wait()
    {
        if (_device.Device.netdev_ops.ndo_tx_timeout != 0)
            _timer.Set(_kernel.Cpu.Now + Timeout * Timekeeping.TickNanoseconds);
    }

    private void Look()
    {
        _kernel.Timekeeping.Refresh();
        var device = _device.Device;
        var queue = device.tx;
        var links = _kernel.LinkState;
        bool isStopped = (queue.state & (links.DriverStopped | links.LimitReached)) != 0;
        bool isUsable = (device.state & (_kernel.NetDevices.Present | _kernel.NetDevices.NoCarrier)) == _kernel.NetDevices.Present;
        // The moment of the last frame, unless the driver has moved it since.
        long since = unchecked(_kernel.Timekeeping.JiffiesVariable - queue.trans_start);
        bool stayedStopped = _wasStopped && _device.FramesHandedOver == _framesThen;
        _wasStopped = isStopped && isUsable;
        _framesThen = _device.FramesHandedOver;
        if (_wasStopped && (since > Timeout || stayedStopped))
        {
            Timeouts++;
            queue.trans_timeout++;
            _wasStopped = false;
            _kernel.Panic.Warn($"NETDEV WATCHDOG: {_device.Name}: transmit queue 0 timed out after {(stayedStopped ? Timeout : since) * 1000 / Timekeeping.TicksPerSecond} ms");
            _kernel.PerCpu.CallIn(PerCpu.SoftInterrupt, device.netdev_ops.ndo_tx_timeout, device.Address, 0);
        }
        Wait();
    }
}
