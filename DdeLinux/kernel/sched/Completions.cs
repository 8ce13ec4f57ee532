using DdeKit;

namespace DdeLinux;

/// <summary>Completions: one waits until another has done something.</summary>
internal sealed partial class Completions
{
    private readonly LinuxKernel _kernel;
    private readonly SleepQueue<KernelThread> _waiting;

    internal Completions(LinuxKernel kernel)
    {
        _kernel = kernel;
        _waiting = kernel.Scheduler.CreateQueue();
    }

    [KernelFunction]
    public void __init_swait_queue_head(SimpleWaitQueueHead queue, nint name, nint key)
    {
        queue.task_list.Initialize();
    }

    [KernelFunction]
    public void complete(Completion completion)
    {
        // A waiter that is woken takes the count with it.
        if (_waiting.WakeFirst(completion.Address) is null && completion.done != uint.MaxValue)
            completion.done++;
    }

    /// <summary>Waits for <see cref="complete"/> at most so many jiffies; 0 when they ran out, else those left, at least 1.</summary>
    [KernelFunction]
    public ulong wait_for_completion_timeout(Completion completion, ulong timeout)
    {
        var thread = _kernel.Scheduler.RequireSleeper("wait_for_completion_timeout");
        if (completion.done != 0)
        {
            // The largest value means "complete for ever" (kernel/sched/completion.c).
            if (completion.done != uint.MaxValue)
                completion.done--;
            return Math.Max(timeout, 1);
        }
        long now = _kernel.Timekeeping.JiffiesNow;
        long end = timeout > (ulong)(long.MaxValue - now) ? long.MaxValue : now + (long)timeout;
        bool completed = _waiting.Wait(completion.Address, thread, _kernel.Timekeeping.DeadlineOf(end));
        return completed ? (ulong)Math.Max(1, end - _kernel.Timekeeping.JiffiesNow) : 0;
    }
}

/// <summary>A completion (include/linux/completion.h).</summary>
[KernelStruct("completion")]
internal readonly partial struct Completion
{
    [Field]
    public partial uint done { get; set; }
}

/// <summary>The waiters of a completion (include/linux/swait.h). The shim keeps them elsewhere; the list stays empty.</summary>
[KernelStruct("swait_queue_head")]
internal readonly partial struct SimpleWaitQueueHead
{
    [Embedded]
    public partial ListHead task_list { get; }
}

public sealed partial class LinuxKernel
{
    internal Completions Completions => field ??= new Completions(this);
}
