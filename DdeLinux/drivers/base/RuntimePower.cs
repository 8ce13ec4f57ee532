namespace DdeLinux;

/// <summary>
/// Run-time power management of devices that are always on: states and counts are kept as drivers set them, because inlined code reads
/// them, and nothing is ever put to sleep.
/// </summary>
internal sealed partial class RuntimePower(LinuxKernel kernel)
{
    /// <summary>RPM_GET_PUT: the caller takes a use count with it (linux/pm_runtime.h).</summary>
    private const int GetOrPut = 4;

    /// <summary>The count of disables has three bits.</summary>
    private const uint DeepestDisable = 7;

    [KernelFunction]
    public void pm_runtime_enable(Device device)
    {
        var power = device.power;
        if (power.disable_depth == 0)
            kernel.Panic.Warn($"device '{kernel.DriverCore.NameOf(device)}': unbalanced pm_runtime_enable");
        else
            power.disable_depth--;
    }

    [KernelFunction]
    public void __pm_runtime_disable(Device device, bool checkResume)
    {
        var power = device.power;
        if (power.disable_depth < DeepestDisable)
            power.disable_depth++;
    }

    /// <summary>Declares a device's state, which only the owner of a disabled one may.</summary>
    [KernelFunction]
    public int __pm_runtime_set_status(Device device, uint status)
    {
        if (status is not (DevicePower.Active or DevicePower.Suspended))
            return -Errno.EINVAL;
        var power = device.power;
        if (power.disable_depth == 0)
            return -Errno.EAGAIN;
        power.runtime_status = status;
        return 0;
    }

    /// <summary>Wakes a device; 1 when it was awake.</summary>
    [KernelFunction]
    public int __pm_runtime_resume(Device device, int flags)
    {
        var power = device.power;
        if ((flags & GetOrPut) != 0)
            power.usage_count++;
        if (power.runtime_status == DevicePower.Active)
            return 1;
        if (power.disable_depth > 0)
            return -Errno.EACCES;
        power.runtime_status = DevicePower.Active;
        return 0;
    }

    /// <summary>Keeps a device awake whatever its driver thinks.</summary>
    [KernelFunction]
    public void pm_runtime_forbid(Device device)
    {
        var power = device.power;
        if (!power.runtime_auto)
            return;
        power.runtime_auto = false;
        power.usage_count++;
        __pm_runtime_resume(device, 0);
    }

    /// <summary>Lets a device wake the machine. No machine that is asleep runs drivers here, so that none is ever woken.</summary>
    [KernelFunction]
    public int device_set_wakeup_enable(Device device, bool enable) => enable ? -Errno.EINVAL : 0;

    /// <summary>Offers a quality-of-service flag to user space in sysfs, of which there is none: nothing to do is right.</summary>
    [KernelFunction]
    public int dev_pm_qos_expose_flags(Device device, int value) => 0;
}

public sealed partial class LinuxKernel
{
    internal RuntimePower RuntimePower => field ??= new RuntimePower(this);
}
