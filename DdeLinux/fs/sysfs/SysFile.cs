using DdeKit.Foreign;
using DdeKit.Memory;

namespace DdeLinux;

/// <summary>What attribute files of sysfs show.</summary>
internal sealed partial class SysFile
{
    private readonly LinuxKernel _kernel;

    internal SysFile(LinuxKernel kernel) => _kernel = kernel;

    /// <summary>Prints into an attribute's page, and not beyond it.</summary>
    [KernelFunction(Variadic = true)]
    public int sysfs_emit(nint buffer, KernelString format, VariadicArguments arguments)
    {
        if (buffer == 0 || buffer % Arena.PageSize != 0)
            throw new KernelFaultException($"sysfs_emit into 0x{buffer:x}, which is no page");
        var page = _kernel.Memory.Span<byte>(buffer, Arena.PageSize);
        int length = Math.Min(KernelFormat.Format(_kernel, page[..^1], format.Bytes, arguments), page.Length - 1);
        page[length] = 0;
        return length;
    }
}

public sealed partial class LinuxKernel
{
    internal SysFile SysFile => field ??= new SysFile(this);
}
