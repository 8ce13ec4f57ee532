using DdeKit.Foreign;

namespace DdeLinux;

/// <summary>Drivers' printing into memory.</summary>
internal sealed partial class Formatting
{
    private readonly LinuxKernel _kernel;

    internal Formatting(LinuxKernel kernel) => _kernel = kernel;

    /// <summary>Returns the length that the whole text has.</summary>
    [KernelFunction(Variadic = true)]
    public int snprintf(nint buffer, nuint size, KernelString format, VariadicArguments arguments) =>
        Print(buffer, size, format, arguments);

    /// <summary>Returns the length that was written.</summary>
    [KernelFunction(Variadic = true)]
    public int scnprintf(nint buffer, nuint size, KernelString format, VariadicArguments arguments) =>
        Written(Print(buffer, size, format, arguments), size);

    [KernelFunction]
    public int vscnprintf(nint buffer, nuint size, KernelString format, VariadicArguments arguments) =>
        Written(Print(buffer, size, format, arguments), size);

    /// <summary>Prints without a limit: whatever memory follows the buffer is the driver's own concern, as long as it is the domain's.</summary>
    [KernelFunction(Variadic = true)]
    public int sprintf(nint buffer, KernelString format, VariadicArguments arguments)
    {
        int length = KernelFormat.Format(_kernel, [], format.Bytes, arguments);
        return Print(buffer, (nuint)length + 1, format, arguments);
    }

    private int Print(nint buffer, nuint size, KernelString format, VariadicArguments arguments)
    {
        if (size == 0)
            return KernelFormat.Format(_kernel, [], format.Bytes, arguments);
        // A size beyond what an int can say is an error of the driver (lib/vsprintf.c warns and prints nothing).
        if (size > int.MaxValue)
            throw new KernelFaultException($"printing into a buffer of {size} bytes");
        var target = _kernel.Memory.Span<byte>(buffer, (int)size);
        int length = KernelFormat.Format(_kernel, target[..^1], format.Bytes, arguments);
        target[Math.Min(length, target.Length - 1)] = 0;
        return length;
    }

    private static int Written(int length, nuint size) => size == 0 ? 0 : Math.Min(length, (int)size - 1);
}

public sealed partial class LinuxKernel
{
    internal Formatting Formatting => field ??= new Formatting(this);
}
