using DdeKit.Foreign;

namespace DdeLinux;

/// <summary>Messages about a device: its driver and its name come first.</summary>
internal sealed partial class DeviceLog(LinuxKernel kernel)
{
    [KernelFunction(Variadic = true)]
    public void _dev_err(Device device, KernelString format, VariadicArguments arguments) =>
        Write(LogLevel.Error, device, format, arguments);

    [KernelFunction(Variadic = true)]
    public void _dev_warn(Device device, KernelString format, VariadicArguments arguments) =>
        Write(LogLevel.Warning, device, format, arguments);

    [KernelFunction(Variadic = true)]
    public void _dev_info(Device device, KernelString format, VariadicArguments arguments) =>
        Write(LogLevel.Information, device, format, arguments);

    [KernelFunction(Variadic = true)]
    public void _dev_printk(KernelString level, Device device, KernelString format, VariadicArguments arguments) =>
        Write(Printk.Parse(level.ToString(), LogLevel.Debug).Level, device, format, arguments);

    /// <summary>A message for debugging, whose descriptor says where it stands in the source; all are on.</summary>
    [KernelFunction(Variadic = true)]
    public void __dynamic_dev_dbg(nint descriptor, Device device, KernelString format, VariadicArguments arguments) =>
        Write(LogLevel.Debug, device, format, arguments);

    private void Write(LogLevel level, Device device, KernelString format, VariadicArguments arguments)
    {
        string text = KernelFormat.ToText(kernel, format.Bytes, arguments);
        string prefix = device.IsNull ? "(NULL device *)" : $"{kernel.DriverCore.dev_driver_string(device)} {kernel.DriverCore.NameOf(device)}";
        kernel.Log.Write(level, $"{prefix}: {text}");
    }
}

public sealed partial class LinuxKernel
{
    internal DeviceLog DeviceLog => field ??= new DeviceLog(this);
}
