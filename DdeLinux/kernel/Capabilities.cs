namespace DdeLinux;

/// <summary>What the process behind a call may do (include/linux/capability.h).</summary>
internal sealed partial class Capabilities(LinuxKernel kernel)
{
    /// <summary>Nothing: no process stands behind calls in a driver domain. What a client may do is decided before a request gets here.</summary>
    [KernelFunction]
    public bool capable(int capability)
    {
        kernel.Events.Report(kernel.Task.Name, "no-capability", $"capability {capability} was asked for; a driver domain has no process that could hold it");
        return false;
    }
}

public sealed partial class LinuxKernel
{
    internal Capabilities Capabilities => field ??= new Capabilities(this);
}
