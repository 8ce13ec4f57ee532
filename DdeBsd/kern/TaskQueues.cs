using DdeKit;
using DdeKit.Foreign;

namespace DdeBsd;

/// <summary>taskqueue(9): functions that run later, on a thread of their queue, or on the event loop where the queue has none.</summary>
internal sealed class TaskQueues(BsdKernel kernel)
{
    private readonly Dictionary<nint, TaskQueue> _queues = [];
    private SleepQueue<KernelThread>? _drains;

    private sealed class TaskQueue
    {
        internal required nint Address { get; init; }
        internal required string Name { get; init; }
        internal required nint Enqueue { get; init; }
        internal required nint Context { get; init; }

        /// <summary>Whether the event loop runs its tasks: they must not sleep then.</summary>
        internal bool RunsOnLoop { get; init; }
        internal List<nint> Tasks { get; } = [];
        internal List<KernelThread> Idle { get; } = [];
        internal nint Running { get; set; }
        internal bool IsBlocked { get; set; }
        internal bool IsPosted { get; set; }
        internal bool IsGone { get; set; }
    }

    private SleepQueue<KernelThread> Drains => _drains ??= kernel.Threads.CreateQueue();

    /// <summary>Makes the queues that every driver may use.</summary>
    internal void Boot()
    {
        Publish("taskqueue_swi", true);
        Publish("taskqueue_swi_giant", true);
        Publish("taskqueue_fast", true);
        var queue = Publish("taskqueue_thread", false);
        StartThread(queue, "thread taskq");
    }

    [KernelFunction]
    [KernelFunction("taskqueue_create_fast")]
    public nint taskqueue_create(KernelString name, int flags, nint enqueue, nint context) =>
        Create(name.ToString(), enqueue, context, runsOnLoop: false).Address;

    [KernelFunction(Variadic = true)]
    public int taskqueue_start_threads(nint queue, int count, int priority, KernelString format, VariadicArguments arguments)
    {
        string name = kernel.Printf.ToText(format.Bytes, arguments);
        for (int started = 0; started < count; started++)
            StartThread(Find(kernel.Memory.At<nint>(queue)), name);
        return 0;
    }

    [KernelFunction]
    [KernelFunction("taskqueue_enqueue_fast")]
    public int taskqueue_enqueue(nint queue, nint task)
    {
        var target = Find(queue);
        ref var state = ref kernel.Memory.At<TaskObject>(task);
        if (state.ta_pending != 0)
        {
            state.ta_pending = (ushort)Math.Min(state.ta_pending + 1, ushort.MaxValue);
            return 0;
        }
        state.ta_pending = 1;
        ushort priority = state.ta_priority;
        int place = target.Tasks.FindIndex(other => kernel.Memory.At<TaskObject>(other).ta_priority < priority);
        target.Tasks.Insert(place < 0 ? target.Tasks.Count : place, task);
        Wake(target);
        return 0;
    }

    /// <summary>Waits until a task is neither waiting nor running.</summary>
    [KernelFunction]
    public void taskqueue_drain(nint queue, nint task)
    {
        var target = Find(queue);
        while (target.Tasks.Contains(task) || target.Running == task)
            Drains.Wait(task, kernel.Threads.RequireSleeper("taskqueue_drain"));
    }

    [KernelFunction]
    public void taskqueue_free(nint queue)
    {
        var target = Find(queue);
        while (target.Tasks.Count > 0)
            RunFirst(target);
        target.IsGone = true;
        foreach (var thread in target.Idle)
            thread.Host!.Unpark();
        _queues.Remove(queue);
        kernel.Malloc.FreeOwn(queue);
    }

    [KernelFunction]
    public void taskqueue_run(nint queue)
    {
        var target = Find(queue);
        while (target.Tasks.Count > 0)
            RunFirst(target);
    }

    [KernelFunction]
    public void taskqueue_block(nint queue) => Find(queue).IsBlocked = true;

    [KernelFunction]
    public void taskqueue_unblock(nint queue)
    {
        var target = Find(queue);
        target.IsBlocked = false;
        if (target.Tasks.Count > 0)
            Wake(target);
    }

    /// <summary>What queues with threads are created with; the shim wakes them by itself.</summary>
    [KernelFunction]
    public void taskqueue_thread_enqueue(nint context)
    {
    }

    private TaskQueue Publish(string variable, bool runsOnLoop)
    {
        var queue = Create(variable["taskqueue_".Length..], 0, 0, runsOnLoop);
        kernel.Memory.At<nint>(kernel.Symbols.Require(variable)) = queue.Address;
        return queue;
    }

    private TaskQueue Create(string name, nint enqueue, nint context, bool runsOnLoop)
    {
        var queue = new TaskQueue { Address = kernel.Malloc.AllocateOwn(8), Name = name, Enqueue = enqueue, Context = context, RunsOnLoop = runsOnLoop };
        _queues.Add(queue.Address, queue);
        return queue;
    }

    private TaskQueue Find(nint queue) => _queues.GetValueOrDefault(queue) ?? throw new KernelFaultException($"0x{queue:x} is no task queue");

    private void StartThread(TaskQueue queue, string name) => kernel.Threads.Start(name, () =>
    {
        var self = kernel.Threads.Current!;
        while (!queue.IsGone)
        {
            if (queue.Tasks.Count > 0 && !queue.IsBlocked)
            {
                RunFirst(queue);
                continue;
            }
            queue.Idle.Add(self);
            kernel.Threads.Park();
            queue.Idle.Remove(self);
        }
    });

    private void Wake(TaskQueue queue)
    {
        if (queue.IsBlocked)
            return;
        if (queue.RunsOnLoop)
        {
            if (queue.IsPosted)
                return;
            queue.IsPosted = true;
            kernel.Cpu.Post(() =>
            {
                queue.IsPosted = false;
                while (queue.Tasks.Count > 0 && !queue.IsBlocked)
                    RunFirst(queue);
            });
        }
        else if (queue.Idle.Count > 0)
        {
            queue.Idle[0].Host!.Unpark();
        }
        else if (queue.Enqueue != 0 && queue.Enqueue != kernel.Symbols.Require("taskqueue_thread_enqueue"))
        {
            kernel.Call(queue.Enqueue, queue.Context);
        }
    }

    private void RunFirst(TaskQueue queue)
    {
        nint task = queue.Tasks[0];
        queue.Tasks.RemoveAt(0);
        ref var state = ref kernel.Memory.At<TaskObject>(task);
        int pending = state.ta_pending;
        state.ta_pending = 0;
        queue.Running = task;
        kernel.Call(state.ta_func, state.ta_context, pending);
        queue.Running = 0;
        while (Drains.WakeFirst(task) is not null)
        {
        }
    }
}

public sealed partial class BsdKernel
{
    internal TaskQueues TaskQueues => field ??= new TaskQueues(this);
}
