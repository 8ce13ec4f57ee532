namespace DdeLinux;

/// <summary>Copies between kernel and user memory. A domain has no user memory: every address fails, as a bad one does in a kernel.</summary>
internal sealed partial class UserCopy
{
    private readonly LinuxKernel _kernel;

    internal UserCopy(LinuxKernel kernel) => _kernel = kernel;

    /// <summary>The result is the number of bytes that could not be copied.</summary>
    [KernelFunction]
    public nuint _copy_to_user(nint target, nint source, nuint count) => Refuse("copy_to_user", target, count);

    /// <summary>The result is the number of bytes that could not be copied; they are zeros, as the kernel leaves them.</summary>
    [KernelFunction]
    public nuint _copy_from_user(nint target, nint source, nuint count)
    {
        _kernel.Memory.Span<byte>(target, checked((int)count)).Clear();
        return Refuse("copy_from_user", source, count);
    }

    /// <summary>Ends a driver that is about to copy what is not its own.</summary>
    [KernelFunction]
    public void __check_object_size(nint pointer, nuint count, bool toUser)
    {
        if (count != 0 && !_kernel.Memory.Contains(pointer, count))
            throw new KernelFaultException($"{count} bytes at 0x{pointer:x} to be copied {(toUser ? "to" : "from")} user memory are not the domain's");
    }

    private nuint Refuse(string function, nint user, nuint count)
    {
        _kernel.Events.Report(_kernel.Task.Name, "no-user-memory", $"{function} of {count} bytes at 0x{user:x}: a driver domain has no user memory");
        return count;
    }
}

public sealed partial class LinuxKernel
{
    internal UserCopy UserCopy => field ??= new UserCopy(this);
}
