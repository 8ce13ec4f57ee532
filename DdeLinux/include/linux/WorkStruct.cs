namespace DdeLinux;

/// <summary>A piece of work (include/linux/workqueue.h).</summary>
[KernelStruct("work_struct")]
internal readonly partial struct WorkStruct
{
    /// <summary>Bit of <see cref="data"/> that inlined work_pending() reads: queued and not started yet.</summary>
    internal const long Pending = 1;

    [Field("data.counter")]
    public partial long data { get; set; }

    [Field("func")]
    public partial nint function { get; set; }

    internal bool IsPending => (data & Pending) != 0;
}

/// <summary>A piece of work that is to wait for a time first.</summary>
[KernelStruct("delayed_work")]
internal readonly partial struct DelayedWork
{
    [Embedded]
    public partial WorkStruct work { get; }

    [Embedded]
    public partial TimerList timer { get; }

    [Field("wq")]
    public partial nint queue { get; set; }

    [Field]
    public partial int cpu { get; set; }

    /// <summary>The one whose timer this is.</summary>
    internal static DelayedWork OfTimer(LinuxKernel kernel, TimerList timer)
    {
        nint address = timer.Address - new DelayedWork(0).timer.Address;
        return new DelayedWork(kernel.Memory.Check(address, Size));
    }
}

/// <summary>A work queue (kernel/workqueue.c). Drivers only hand its address around.</summary>
[KernelStruct("workqueue_struct")]
internal readonly partial struct WorkQueueStruct
{
    [Field]
    public partial uint flags { get; set; }
}
