namespace DdeLinux;

/// <summary>Read-copy-update: readers are sections that do not sleep.</summary>
internal sealed partial class Rcu(LinuxKernel kernel)
{
    /// <summary>Waits for readers that have begun. With one processor, none of them is half way where this may be called.</summary>
    [KernelFunction]
    public void synchronize_rcu() => kernel.Scheduler.RequireSleeper("synchronize_rcu");
}

public sealed partial class LinuxKernel
{
    internal Rcu Rcu => field ??= new Rcu(this);
}
