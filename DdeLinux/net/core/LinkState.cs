namespace DdeLinux;

/// <summary>Whether a device is there, has a link, and takes frames. Drivers stop and start their queues inline, and call here to wake them.</summary>
internal sealed partial class LinkState(LinuxKernel kernel)
{
    /// <summary>The driver takes no frames (QUEUE_STATE_DRV_XOFF).</summary>
    internal ulong DriverStopped { get; } = QueueState("DRV_XOFF");

    /// <summary>The byte limit is reached (QUEUE_STATE_STACK_XOFF).</summary>
    internal ulong LimitReached { get; } = QueueState("STACK_XOFF");

    /// <summary>The driver holds all queues' locks (QUEUE_STATE_FROZEN).</summary>
    internal ulong Frozen { get; } = QueueState("FROZEN");

    [KernelFunction]
    public void netif_carrier_on(NetDevice device)
    {
        if ((device.state & kernel.NetDevices.NoCarrier) == 0)
            return;
        device.state &= ~kernel.NetDevices.NoCarrier;
        device.carrier_up_count++;
        kernel.NetDevices.FindOrNull(device.Address)?.ChangeCarrier(isUp: true);
    }

    [KernelFunction]
    public void netif_carrier_off(NetDevice device)
    {
        if ((device.state & kernel.NetDevices.NoCarrier) != 0)
            return;
        device.state |= kernel.NetDevices.NoCarrier;
        device.carrier_down_count++;
        kernel.NetDevices.FindOrNull(device.Address)?.ChangeCarrier(isUp: false);
    }

    /// <summary>The device is there again: its queues take frames.</summary>
    [KernelFunction]
    public void netif_device_attach(NetDevice device)
    {
        if ((device.state & kernel.NetDevices.Present) != 0)
            return;
        device.state |= kernel.NetDevices.Present;
        if (!kernel.NetDevices.IsRunning(device))
            return;
        for (int index = 0; index < device.num_tx_queues; index++)
            netif_tx_wake_queue(QueueAt(device, index));
    }

    /// <summary>The device is gone from its bus, or asleep: nothing reaches it until it is attached.</summary>
    [KernelFunction]
    public void netif_device_detach(NetDevice device)
    {
        if ((device.state & kernel.NetDevices.Present) == 0)
            return;
        device.state &= ~kernel.NetDevices.Present;
        if (!kernel.NetDevices.IsRunning(device))
            return;
        for (int index = 0; index < device.num_tx_queues; index++)
        {
            var queue = QueueAt(device, index);
            queue.state |= DriverStopped;
        }
    }

    /// <summary>The driver takes frames again.</summary>
    [KernelFunction]
    public void netif_tx_wake_queue(NetDeviceQueue queue)
    {
        if ((queue.state & DriverStopped) == 0)
            return;
        queue.state &= ~DriverStopped;
        Wake(queue);
    }

    /// <summary>The queue is below its byte limit again.</summary>
    [KernelFunction]
    public void netif_schedule_queue(NetDeviceQueue queue)
    {
        if ((queue.state & DriverStopped) == 0)
            Wake(queue);
    }

    /// <summary>The jiffy of the device's latest transmission.</summary>
    [KernelFunction]
    public ulong dev_trans_start(NetDevice device)
    {
        long latest = QueueAt(device, 0).trans_start;
        for (int index = 1; index < device.num_tx_queues; index++)
        {
            long start = QueueAt(device, index).trans_start;
            if (start != 0 && unchecked(start - latest) > 0)
                latest = start;
        }
        return unchecked((ulong)latest);
    }

    private static ulong QueueState(string name) => 1UL << (int)KernelTypes.Current.EnumValue($"__QUEUE_STATE_{name}");

    private static NetDeviceQueue QueueAt(NetDevice device, int index) => new(device.tx.Address + index * NetDeviceQueue.Size);

    private void Wake(NetDeviceQueue queue) => kernel.NetDevices.FindOrNull(queue.dev)?.WakeTransmitter();
}

public sealed partial class LinuxKernel
{
    internal LinkState LinkState => field ??= new LinkState(this);
}
