using DdeKit.Foreign;

namespace DdeLinux;

/// <summary>Messages about network devices: driver, bus address and name come first.</summary>
internal sealed partial class NetworkLog(LinuxKernel kernel)
{
    /// <summary>Messages that may be printed in <see cref="RateInterval"/>, and that time in nanoseconds (net.core.message_burst and message_cost).</summary>
    private const int RateBurst = 10;

    /// <inheritdoc cref="RateBurst"/>
    private const long RateInterval = 5_000_000_000;

    private long _rateStart;
    private int _rateCount;

    [KernelFunction(Variadic = true)]
    public void netdev_err(NetDevice device, KernelString format, VariadicArguments arguments) => Write(LogLevel.Error, device, format, arguments);

    [KernelFunction(Variadic = true)]
    public void netdev_warn(NetDevice device, KernelString format, VariadicArguments arguments) => Write(LogLevel.Warning, device, format, arguments);

    [KernelFunction(Variadic = true)]
    public void netdev_notice(NetDevice device, KernelString format, VariadicArguments arguments) => Write(LogLevel.Notice, device, format, arguments);

    [KernelFunction(Variadic = true)]
    public void netdev_info(NetDevice device, KernelString format, VariadicArguments arguments) => Write(LogLevel.Information, device, format, arguments);

    /// <summary>A message for debugging, whose descriptor says where it stands in the source; all are on.</summary>
    [KernelFunction(Variadic = true)]
    public void __dynamic_netdev_dbg(nint descriptor, NetDevice device, KernelString format, VariadicArguments arguments) =>
        Write(LogLevel.Debug, device, format, arguments);

    /// <summary>Whether another message may be printed that comes with each frame.</summary>
    [KernelFunction]
    public int net_ratelimit()
    {
        long now = kernel.Cpu.Now;
        if (now - _rateStart >= RateInterval)
        {
            _rateStart = now;
            _rateCount = 0;
        }
        return ++_rateCount <= RateBurst ? 1 : 0;
    }

    private void Write(LogLevel level, NetDevice device, KernelString format, VariadicArguments arguments)
    {
        string text = KernelFormat.ToText(kernel, format.Bytes, arguments);
        var parent = device.dev.parent;
        string name = kernel.NetDevices.FindOrNull(device.Address)?.Name ?? "(unnamed net_device) (uninitialized)";
        string prefix = parent.IsNull ? name : $"{kernel.DriverCore.dev_driver_string(parent)} {kernel.DriverCore.NameOf(parent)} {name}";
        kernel.Log.Write(level, $"{prefix}: {text}");
    }
}

public sealed partial class LinuxKernel
{
    internal NetworkLog NetworkLog => field ??= new NetworkLog(this);
}
