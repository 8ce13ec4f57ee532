using DdeKit;

namespace DdeLinux;

/// <summary>Mutexes. The owner's <c>task_struct</c> stands in the mutex, where inlined code looks for it.</summary>
internal sealed partial class Mutexes
{
    private readonly Scheduler _scheduler;
    private readonly SleepQueue<KernelThread> _waiting;

    internal Mutexes(LinuxKernel kernel)
    {
        _scheduler = kernel.Scheduler;
        _waiting = _scheduler.CreateQueue();
    }

    [KernelFunction]
    public void __mutex_init(Mutex mutex, nint name, nint key)
    {
        mutex.owner = 0;
        mutex.wait_list.Initialize();
    }

    [KernelFunction]
    public void mutex_lock(Mutex mutex)
    {
        var thread = _scheduler.RequireSleeper("mutex_lock");
        nint self = thread.Task.Address;
        if (mutex.owner == self)
            throw new KernelFaultException($"thread '{thread.Name}' locks the mutex 0x{mutex.Address:x} that it holds: it would wait for itself for ever");
        if (mutex.owner == 0)
            mutex.owner = self;
        else
            // Who gives it back hands it over.
            _waiting.Wait(mutex.Address, thread);
    }

    [KernelFunction]
    public void mutex_unlock(Mutex mutex)
    {
        var thread = _scheduler.RequireThread("mutex_unlock");
        if (mutex.owner != thread.Task.Address)
            throw new KernelFaultException($"thread '{thread.Name}' unlocks the mutex 0x{mutex.Address:x} that it does not hold (owner 0x{mutex.owner:x})");
        mutex.owner = _waiting.WakeFirst(mutex.Address)?.Task.Address ?? 0;
    }
}

/// <summary>A mutex (include/linux/mutex.h).</summary>
[KernelStruct("mutex")]
internal readonly partial struct Mutex
{
    /// <summary>The owner's task_struct, or 0. The kernel's flags in the low bits are never set here.</summary>
    [Field("owner.counter")]
    public partial nint owner { get; set; }

    [Embedded]
    public partial ListHead wait_list { get; }
}

public sealed partial class LinuxKernel
{
    internal Mutexes Mutexes => field ??= new Mutexes(this);
}
