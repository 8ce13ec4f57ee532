namespace DdeLinux;

/// <summary>
/// The threads that run work. Each runs one work at a time; a new one is made when all of them are busy, because a work may sleep
/// until another one has run.
/// </summary>
internal sealed class WorkerPool
{
    /// <summary>Threads that a domain's works get at most.</summary>
    internal const int LargestPool = 32;

    private readonly LinuxKernel _kernel;
    private readonly List<(WorkQueue Queue, WorkStruct Work)> _waiting = [];
    private readonly List<Worker> _workers = [];

    internal WorkerPool(LinuxKernel kernel) => _kernel = kernel;

    private sealed class Worker
    {
        internal KernelThread? Thread { get; set; }

        internal WorkQueue? Queue { get; set; }

        /// <summary>The work that it runs; 0 when it is idle.</summary>
        internal nint Work { get; set; }
    }

    /// <summary>Raised after a work has run, for those who wait for it.</summary>
    internal event Action? Ran;

    /// <summary>Takes a work that was marked pending.</summary>
    internal void Enqueue(WorkQueue queue, WorkStruct work)
    {
        queue.Queued++;
        _waiting.Add((queue, work));
        Summon();
    }

    /// <summary>Takes a waiting work back; false when it does not wait.</summary>
    internal bool Remove(WorkStruct work)
    {
        for (int index = 0; index < _waiting.Count; index++)
        {
            if (_waiting[index].Work.Address != work.Address)
                continue;
            _waiting[index].Queue.Queued--;
            _waiting.RemoveAt(index);
            return true;
        }
        return false;
    }

    /// <summary>Whether a thread other than the calling one runs this work.</summary>
    internal bool IsRunningElsewhere(WorkStruct work)
    {
        foreach (var worker in _workers)
        {
            if (worker.Work == work.Address && worker.Thread != _kernel.Scheduler.Current)
                return true;
        }
        return false;
    }

    /// <summary>Gets an idle thread going, or a new one, when there is work that may run.</summary>
    private void Summon()
    {
        if (FindRunnable() < 0)
            return;
        foreach (var worker in _workers)
        {
            if (worker.Work == 0)
            {
                Scheduler.Wake(worker.Thread!);
                return;
            }
        }
        if (_workers.Count < LargestPool)
            StartWorker();
    }

    private void StartWorker()
    {
        var worker = new Worker();
        _workers.Add(worker);
        worker.Thread = _kernel.Scheduler.StartThread($"kworker/{_workers.Count - 1}", () => Run(worker));
    }

    private void Run(Worker worker)
    {
        while (true)
        {
            if (!TryDequeue(worker))
            {
                _kernel.Scheduler.Wait();
                continue;
            }
            var work = new WorkStruct(worker.Work);
            // From here on the work may be queued again, and its memory may be gone once its function returns.
            work.data &= ~WorkStruct.Pending;
            nint function = work.function;
            _kernel.Timekeeping.Refresh();
            _kernel.Call(function, work.Address);
            if (!_kernel.PerCpu.IsPreemptible)
                throw new KernelFaultException($"work function 0x{function:x} returned with preemption off (count 0x{_kernel.PerCpu.PreemptCount:x})");
            worker.Queue!.Running--;
            worker.Queue = null;
            worker.Work = 0;
            Ran?.Invoke();
        }
    }

    private bool TryDequeue(Worker worker)
    {
        int index = FindRunnable();
        if (index < 0)
            return false;
        var (queue, work) = _waiting[index];
        _waiting.RemoveAt(index);
        queue.Queued--;
        queue.Running++;
        worker.Queue = queue;
        worker.Work = work.Address;
        // This thread may sleep from here on; what else can run needs another one.
        Summon();
        return true;
    }

    /// <summary>Finds the first work that may run: its queue allows one more, and no thread runs the same work. -1 when there is none.</summary>
    private int FindRunnable()
    {
        for (int index = 0; index < _waiting.Count; index++)
        {
            var (queue, work) = _waiting[index];
            if (queue.Running < queue.Limit && !IsRunning(work))
                return index;
        }
        return -1;
    }

    private bool IsRunning(WorkStruct work)
    {
        foreach (var worker in _workers)
        {
            if (worker.Work == work.Address)
                return true;
        }
        return false;
    }
}
