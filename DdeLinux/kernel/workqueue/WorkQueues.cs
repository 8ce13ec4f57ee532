using DdeKit.Foreign;

namespace DdeLinux;

/// <summary>Work queues (include/linux/workqueue.h). All queues share the threads of one <see cref="WorkerPool"/>.</summary>
internal sealed unsafe partial class WorkQueues : IVariableOwner
{
    /// <summary>Works that a queue runs side by side when it does not say (WQ_DFL_ACTIVE).</summary>
    private const int DefaultLimit = 256;

    private readonly LinuxKernel _kernel;
    private readonly WorkerPool _pool;
    private readonly Dictionary<nint, WorkQueue> _queues = [];
    private readonly List<KernelThread> _waiting = [];

    internal WorkQueues(LinuxKernel kernel)
    {
        _kernel = kernel;
        _pool = new WorkerPool(kernel);
        _pool.Ran += WakeWaiting;
    }

    /// <inheritdoc />
    public void Define(VariableTable variables)
    {
        foreach (string name in (string[])["system_wq", "system_highpri_wq", "system_long_wq", "system_unbound_wq"])
            *(nint*)variables.Define(name, sizeof(nint)) = Make(name, 0, DefaultLimit);
    }

    /// <summary>Makes a queue; the result is its address, 0 when there is no memory.</summary>
    [KernelFunction(Variadic = true)]
    public nint alloc_workqueue(KernelString format, uint flags, int maximalActive, VariadicArguments arguments) =>
        Make(KernelFormat.ToText(_kernel, format.Bytes, arguments), flags, maximalActive == 0 ? DefaultLimit : maximalActive);

    /// <summary>Lets all works of a queue run to their end, and removes it.</summary>
    [KernelFunction]
    public void destroy_workqueue(WorkQueueStruct structure)
    {
        var queue = Find(structure.Address);
        while (queue.Queued > 0 || queue.Running > 0)
            WaitForWork("destroy_workqueue");
        _queues.Remove(structure.Address);
        _kernel.Slab.kfree(structure.Address);
    }

    /// <summary>Queues a work; false when it is pending already. There is only one processor to run it on.</summary>
    [KernelFunction]
    public bool queue_work_on(int cpu, WorkQueueStruct structure, WorkStruct work)
    {
        var queue = Find(structure.Address);
        if (work.IsPending)
            return false;
        work.data |= WorkStruct.Pending;
        Enqueue(queue, work);
        return true;
    }

    /// <summary>Queues a work after so many jiffies; false when it is pending already.</summary>
    [KernelFunction]
    public bool queue_delayed_work_on(int cpu, WorkQueueStruct structure, DelayedWork delayed, ulong delay)
    {
        var queue = Find(structure.Address);
        var work = delayed.work;
        if (work.IsPending)
            return false;
        work.data |= WorkStruct.Pending;
        if (delay == 0)
        {
            Enqueue(queue, work);
            return true;
        }
        delayed.queue = structure.Address;
        delayed.cpu = cpu;
        var timer = delayed.timer;
        timer.expires = unchecked(_kernel.Timekeeping.JiffiesNow + (long)delay);
        _kernel.KernelTimers.Start(timer);
        return true;
    }

    /// <summary>The function of a delayed work's timer; drivers put its address there.</summary>
    [KernelFunction]
    public void delayed_work_timer_fn(TimerList timer)
    {
        var delayed = DelayedWork.OfTimer(_kernel, timer);
        Enqueue(Find(delayed.queue), delayed.work);
    }

    /// <summary>Takes a work back, or waits until it has run; true when it was pending.</summary>
    [KernelFunction]
    public bool cancel_work_sync(WorkStruct work)
    {
        bool pending = work.IsPending && _pool.Remove(work);
        if (pending)
            work.data &= ~WorkStruct.Pending;
        while (_pool.IsRunningElsewhere(work))
            WaitForWork("cancel_work_sync");
        return pending;
    }

    /// <summary>As <see cref="cancel_work_sync"/>, its timer included.</summary>
    [KernelFunction]
    public bool cancel_delayed_work_sync(DelayedWork delayed)
    {
        var work = delayed.work;
        bool pending = _kernel.KernelTimers.Stop(delayed.timer);
        if (pending)
            work.data &= ~WorkStruct.Pending;
        return cancel_work_sync(work) || pending;
    }

    private void Enqueue(WorkQueue queue, WorkStruct work)
    {
        if (work.function == 0)
            throw new KernelFaultException($"work 0x{work.Address:x} is queued on {queue.Name} without a function");
        _pool.Enqueue(queue, work);
    }

    private nint Make(string name, uint flags, int limit)
    {
        nint address = _kernel.Slab.Allocate((nuint)WorkQueueStruct.Size, Slab.Zero);
        if (address == 0)
            return 0;
        var structure = new WorkQueueStruct(address) { flags = flags };
        _queues.Add(address, new WorkQueue(structure, name, limit));
        return address;
    }

    private WorkQueue Find(nint address) => _queues.TryGetValue(address, out var queue)
        ? queue
        : throw new KernelFaultException($"0x{address:x} is no work queue");

    private void WaitForWork(string operation)
    {
        var thread = _kernel.Scheduler.RequireSleeper(operation);
        _waiting.Add(thread);
        _kernel.Scheduler.Wait();
        _waiting.Remove(thread);
    }

    private void WakeWaiting()
    {
        foreach (var thread in _waiting)
            Scheduler.Wake(thread);
    }
}

public sealed partial class LinuxKernel
{
    internal WorkQueues WorkQueues => field ??= new WorkQueues(this);
}
