using System.Text;
using DdeKit;
using L4;

namespace DdeLinux;

/// <summary>
/// Kernel threads: each a host thread with a <c>task_struct</c>; one runs at a time, and another gets its turn only where this one
/// sleeps. The event loop (interrupts, timers) runs as the idle task and may not sleep.
/// </summary>
internal sealed unsafe partial class Scheduler : IVariableOwner
{
    /// <summary>A timeout that never comes (include/linux/sched.h, MAX_SCHEDULE_TIMEOUT).</summary>
    private const long MaximalTimeout = long.MaxValue;

    /// <summary>Bytes of a task's name with its end mark (include/linux/sched.h, TASK_COMM_LEN).</summary>
    private const int NameBytes = 16;

    private readonly LinuxKernel _kernel;
    private readonly Dictionary<nint, KernelThread> _threads = [];
    private nint _idleTask;
    private int _nextPid = 1;

    internal Scheduler(LinuxKernel kernel) => _kernel = kernel;

    /// <summary>The thread that runs; null on the event loop.</summary>
    internal KernelThread? Current { get; private set; }

    /// <inheritdoc />
    public void Define(VariableTable variables)
    {
        _idleTask = MakeTask("swapper/0", 0).Address;
        _kernel.PerCpu.CurrentTask = _idleTask;
    }

    /// <summary>Starts a kernel thread; it runs when the caller sleeps or ends. An exception that leaves the body ends the domain.</summary>
    internal KernelThread StartThread(string name, Action body)
    {
        var thread = new KernelThread(MakeTask(name, _nextPid++), name);
        _threads.Add(thread.Task.Address, thread);
        thread.Host = _kernel.Cpu.StartThread(name, () =>
        {
            Resume(thread);
            body();
            End(thread);
        });
        return thread;
    }

    /// <summary>The thread that runs, for code that needs one but does not sleep yet.</summary>
    /// <exception cref="KernelFaultException">The event loop runs, or an interrupt.</exception>
    internal KernelThread RequireThread(string operation) => Current is { } thread && !_kernel.Cpu.InInterrupt
        ? thread
        : throw new KernelFaultException($"{operation} needs a thread, but an interrupt, a timer or other work of the event loop runs");

    /// <summary>The thread that runs, for code that may sleep.</summary>
    /// <exception cref="KernelFaultException">The event loop runs, or preemption is off: nothing may sleep.</exception>
    internal KernelThread RequireSleeper(string operation)
    {
        var thread = RequireThread(operation);
        if (!_kernel.PerCpu.IsPreemptible)
        {
            throw new KernelFaultException(
                $"{operation} in thread '{thread.Name}' may sleep, but preemption is off (count 0x{_kernel.PerCpu.PreemptCount:x}): a spin lock is held");
        }
        return thread;
    }

    /// <summary>
    /// Gives the processor up: until <see cref="Wake"/> or the deadline when the thread's state says that it waits, else until its turn
    /// comes again. The thread is running afterwards.
    /// </summary>
    /// <param name="deadline">Time of the clock in nanoseconds.</param>
    /// <returns>False when the deadline ended the wait.</returns>
    internal bool Schedule(long deadline = Clock.Never)
    {
        var thread = RequireSleeper("schedule");
        bool woken = true;
        Current = null;
        _kernel.PerCpu.CurrentTask = _idleTask;
        try
        {
            if (thread.Task.state == TaskState.Running)
                thread.Host!.Yield();
            else
                woken = thread.Host!.Park(deadline);
        }
        finally
        {
            // Also when the domain stops: the thread unwinds through its own foreign frames then.
            Resume(thread);
        }
        var task = thread.Task;
        task.state = TaskState.Running;
        _kernel.Timekeeping.Refresh();
        return woken;
    }

    /// <summary>Waits until <see cref="Wake"/> or the deadline; false when the deadline ended the wait.</summary>
    internal bool Wait(long deadline = Clock.Never)
    {
        var task = RequireSleeper("wait").Task;
        task.state = TaskState.Uninterruptible;
        return Schedule(deadline);
    }

    /// <summary>A queue for threads that wait for one kind of object.</summary>
    internal SleepQueue<KernelThread> CreateQueue() => new(Wait, Wake);

    /// <summary>Sleeps for at least this long.</summary>
    internal void Sleep(long nanoseconds)
    {
        long deadline = _kernel.Cpu.Now + nanoseconds;
        while (_kernel.Cpu.Now < deadline)
            Wait(deadline);
    }

    /// <summary>Ends a thread's wait; does nothing when it runs.</summary>
    internal static void Wake(KernelThread thread)
    {
        var task = thread.Task;
        task.state = TaskState.Running;
        thread.Host!.Unpark();
    }

    /// <summary>Wakes the thread of a <c>task_struct</c> if it waits in one of the given states.</summary>
    internal bool TryWake(nint task, uint states)
    {
        if (!_threads.TryGetValue(task, out var thread))
            throw new KernelFaultException($"wake-up of 0x{task:x}, which is no task");
        if ((thread.Task.state & states) == 0)
            return false;
        Wake(thread);
        return true;
    }

    [KernelFunction("schedule")]
    public void ScheduleDriver() => Schedule();

    [KernelFunction]
    public long schedule_timeout_uninterruptible(long timeout)
    {
        var task = RequireThread("schedule_timeout_uninterruptible").Task;
        task.state = TaskState.Uninterruptible;
        if (timeout == MaximalTimeout)
        {
            Schedule();
            return timeout;
        }
        long end = _kernel.Timekeeping.JiffiesNow + timeout;
        Schedule(_kernel.Timekeeping.DeadlineOf(end));
        return Math.Max(0, end - _kernel.Timekeeping.JiffiesNow);
    }

    private void Resume(KernelThread thread)
    {
        Current = thread;
        _kernel.PerCpu.CurrentTask = thread.Task.Address;
    }

    private void End(KernelThread thread)
    {
        if (!_kernel.PerCpu.IsPreemptible)
            throw new KernelFaultException($"thread '{thread.Name}' ended with preemption off (count 0x{_kernel.PerCpu.PreemptCount:x})");
        Current = null;
        _kernel.PerCpu.CurrentTask = _idleTask;
        thread.HasEnded = true;
        _threads.Remove(thread.Task.Address);
        _kernel.Arena.Heap.Free(thread.Task.Address);
    }

    private TaskStruct MakeTask(string name, int pid)
    {
        nint memory = _kernel.Arena.Heap.Allocate((ulong)TaskStruct.Size, zero: true);
        if (memory == 0)
            throw new KernelFaultException($"no memory for the task_struct of thread '{name}' ({TaskStruct.Size} bytes)");
        var task = new TaskStruct(memory) { pid = pid, tgid = pid };
        var comm = new Span<byte>((void*)task.comm, NameBytes - 1);
        Encoding.ASCII.GetBytes(name.AsSpan(0, Math.Min(name.Length, comm.Length)), comm);
        return task;
    }
}

public sealed partial class LinuxKernel
{
    internal Scheduler Scheduler => field ??= new Scheduler(this);
}
