using DdeKit;

namespace DdeLinux;

/// <summary>Looks whether a device's transmitter is stuck: stopped by its driver, with the last frame handed over too long ago. The driver is told then,
/// and resets its device.</summary>
internal sealed class TransmitWatchdog
{
    /// <summary>When the driver does not say: five seconds, in jiffies.</summary>
    private const int DefaultTimeout = 5 * Timekeeping.TicksPerSecond;

    private readonly LinuxKernel _kernel;
    private readonly LinuxNetworkDevice _device;
    private readonly KitTimer _timer;

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
        if (_device.Device.netdev_ops.ndo_tx_timeout != 0)
            _timer.Set(_kernel.Cpu.Now + Timeout * Timekeeping.TickNanoseconds);
    }

    internal void Stop() => _timer.Cancel();

    private void Look()
    {
        _kernel.Timekeeping.Refresh();
        var device = _device.Device;
        var queue = device.tx;
        var links = _kernel.LinkState;
        bool isStopped = (queue.state & (links.DriverStopped | links.LimitReached)) != 0;
        bool isUsable = (device.state & (_kernel.NetDevices.Present | _kernel.NetDevices.NoCarrier)) == _kernel.NetDevices.Present;
        long since = unchecked(_kernel.Timekeeping.JiffiesVariable - queue.trans_start);
        if (isStopped && isUsable && since > Timeout)
        {
            Timeouts++;
            queue.trans_timeout++;
            _kernel.Panic.Warn($"NETDEV WATCHDOG: {_device.Name}: transmit queue 0 timed out after {since * 1000 / Timekeeping.TicksPerSecond} ms");
            _kernel.PerCpu.CallIn(PerCpu.SoftInterrupt, device.netdev_ops.ndo_tx_timeout, device.Address, 0);
        }
        Start();
    }
}
