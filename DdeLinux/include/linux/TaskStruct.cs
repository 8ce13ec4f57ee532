namespace DdeLinux;

/// <summary>What drivers see of a kernel thread (include/linux/sched.h).</summary>
[KernelStruct("task_struct")]
internal readonly partial struct TaskStruct
{
    [Field("__state")]
    public partial uint state { get; set; }

    [Field]
    public partial int pid { get; set; }

    [Field]
    public partial int tgid { get; set; }

    [FieldAddress]
    public partial nint comm { get; }
}

/// <summary>Why a task does not run, as drivers and wait functions write it (include/linux/sched.h).</summary>
internal static class TaskState
{
    internal const uint Running = 0;
    internal const uint Interruptible = 1;
    internal const uint Uninterruptible = 2;

    /// <summary>What an ordinary wake-up wakes.</summary>
    internal const uint Normal = Interruptible | Uninterruptible;
}
