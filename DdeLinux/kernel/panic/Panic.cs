using System.Globalization;
using DdeKit.Foreign;

namespace DdeLinux;

/// <summary>Errors that compiled-in checks of a driver found, and warnings.</summary>
internal sealed partial class Panic
{
    private readonly LinuxKernel _kernel;

    internal Panic(LinuxKernel kernel) => _kernel = kernel;

    /// <summary>Reports something wrong that does not end the domain.</summary>
    internal void Warn(string text)
    {
        _kernel.Log.Write(LogLevel.Warning, text);
    }

    /// <summary>The text of a WARN; its trapping instruction follows and is what is reported as the warning.</summary>
    [KernelFunction(Variadic = true)]
    public void __warn_printk(KernelString format, VariadicArguments arguments) =>
        _kernel.Log.Write(LogLevel.Warning, KernelFormat.ToText(_kernel, format.Bytes, arguments));

    [KernelFunction]
    public void __stack_chk_fail() => throw new KernelFaultException("the stack protector found its canary overwritten: a buffer on the driver's stack overflowed");

    [KernelFunction]
    public void fortify_panic(KernelString name) => throw new KernelFaultException($"buffer overflow found in {name}");

    /// <summary>A reference count left its range; it sticks there, so that the object is never freed (include/linux/refcount.h).</summary>
    [KernelFunction]
    public void refcount_warn_saturate(RefCount count, int kind)
    {
        string problem = kind switch
        {
            0 or 1 => "overflow",
            2 => "increment of 0: use after free",
            3 => "decrement below 0: use after free",
            4 => "decrement to 0: leak",
            _ => string.Create(CultureInfo.InvariantCulture, $"error {kind}"),
        };
        count.value = RefCount.Saturated;
        Warn($"reference count 0x{count.Address:x}: {problem}; it is stuck from now on");
    }
}

/// <summary>A reference count that inlined code counts with (include/linux/refcount.h).</summary>
[KernelStruct("refcount_struct")]
internal readonly partial struct RefCount
{
    /// <summary>Far from both ends of the range.</summary>
    internal const int Saturated = int.MinValue / 2;

    [Field("refs.counter")]
    public partial int value { get; set; }
}

public sealed partial class LinuxKernel
{
    internal Panic Panic => field ??= new Panic(this);
}
