using DdeKit;

namespace DdeLinux;

/// <summary>The lock under which network devices are configured.</summary>
internal sealed partial class Rtnl
{
    private readonly Scheduler _scheduler;
    private readonly SleepQueue<KernelThread> _waiting;
    private KernelThread? _owner;

    internal Rtnl(LinuxKernel kernel)
    {
        _scheduler = kernel.Scheduler;
        _waiting = _scheduler.CreateQueue();
    }

    [KernelFunction]
    public void rtnl_lock()
    {
        var thread = _scheduler.RequireSleeper("rtnl_lock");
        if (_owner == thread)
            throw new KernelFaultException($"thread '{thread.Name}' takes the rtnl lock that it holds: it would wait for itself for ever");
        if (_owner is null)
            _owner = thread;
        else
            // Who gives it back hands it over.
            _waiting.Wait(0, thread);
    }

    [KernelFunction]
    public void rtnl_unlock()
    {
        var thread = _scheduler.RequireThread("rtnl_unlock");
        if (_owner != thread)
            throw new KernelFaultException($"thread '{thread.Name}' gives the rtnl lock back, which it does not hold");
        _owner = _waiting.WakeFirst(0);
    }
}

public sealed partial class LinuxKernel
{
    internal Rtnl Rtnl => field ??= new Rtnl(this);
}
