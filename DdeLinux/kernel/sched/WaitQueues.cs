namespace DdeLinux;

/// <summary>Wait queues. Inlined code (wait_event, waitqueue_active) works on the same lists, so these are the kernel's own.</summary>
internal sealed partial class WaitQueues
{
    /// <summary>Woken one at a time (include/linux/wait.h, WQ_FLAG_EXCLUSIVE).</summary>
    private const uint Exclusive = 1;

    private readonly LinuxKernel _kernel;
    private nint _autoremove;

    internal WaitQueues(LinuxKernel kernel) => _kernel = kernel;

    [KernelFunction]
    public void __init_waitqueue_head(WaitQueueHead head, nint name, nint key)
    {
        head.waiting.Initialize();
    }

    [KernelFunction]
    public void prepare_to_wait(WaitQueueHead head, WaitQueueEntry entry, int state)
    {
        entry.flags &= ~Exclusive;
        if (entry.entry.IsEmpty)
            head.waiting.Add(entry.entry);
        var task = _kernel.Scheduler.RequireThread("prepare_to_wait").Task;
        task.state = (uint)state;
    }

    [KernelFunction]
    public void finish_wait(WaitQueueHead head, WaitQueueEntry entry)
    {
        var task = _kernel.Scheduler.RequireThread("finish_wait").Task;
        task.state = TaskState.Running;
        if (!entry.entry.IsEmpty)
            entry.entry.Remove();
    }

    /// <summary>Wakes those that wait in one of the states of <paramref name="mode"/>: all shared ones, and the given number of exclusive
    /// ones (0: all of them). The result is how many of these are left.</summary>
    [KernelFunction]
    public int __wake_up(WaitQueueHead head, uint mode, int exclusive, nint key)
    {
        nint end = head.waiting.Address;
        var node = head.waiting.next;
        while (node.Address != end)
        {
            // The entry may be taken out, and even be gone, once it was woken.
            var following = node.next;
            var entry = WaitQueueEntry.OfNode(_kernel, node);
            uint flags = entry.flags;
            int result = Invoke(entry, mode, key);
            if (result < 0 || (result > 0 && (flags & Exclusive) != 0 && --exclusive == 0))
                break;
            node = following;
        }
        return exclusive;
    }

    /// <summary>What most entries name as their function: wakes the thread and takes the entry out of its queue.</summary>
    [KernelFunction]
    public int autoremove_wake_function(WaitQueueEntry entry, uint mode, int sync, nint key)
    {
        if (!_kernel.Scheduler.TryWake(entry.task, mode))
            return 0;
        entry.entry.Remove();
        return 1;
    }

    private int Invoke(WaitQueueEntry entry, uint mode, nint key)
    {
        if (_autoremove == 0)
            _kernel.Symbols.TryResolve(nameof(autoremove_wake_function), out _autoremove);
        // The detour through the driver's pointer is spared where it leads back here.
        return entry.function == _autoremove
            ? autoremove_wake_function(entry, mode, 0, key)
            : unchecked((int)_kernel.Call(entry.function, entry.Address, (nint)mode, 0, key));
    }
}

/// <summary>A wait queue (include/linux/wait.h).</summary>
[KernelStruct("wait_queue_head")]
internal readonly partial struct WaitQueueHead
{
    [Embedded("head")]
    public partial ListHead waiting { get; }
}

/// <summary>One that waits (include/linux/wait.h).</summary>
[KernelStruct("wait_queue_entry")]
internal readonly partial struct WaitQueueEntry
{
    [Field]
    public partial uint flags { get; set; }

    [Field("private")]
    public partial nint task { get; set; }

    [Field("func")]
    public partial nint function { get; set; }

    [Embedded]
    public partial ListHead entry { get; }

    /// <summary>The entry whose list node this is.</summary>
    internal static WaitQueueEntry OfNode(LinuxKernel kernel, ListHead node)
    {
        nint address = node.Address - (new WaitQueueEntry(0).entry.Address);
        return new WaitQueueEntry(kernel.Memory.Check(address, Size));
    }
}

public sealed partial class LinuxKernel
{
    internal WaitQueues WaitQueues => field ??= new WaitQueues(this);
}
