namespace DdeLinux;

/// <summary>Threads that wait for objects of the driver (mutexes, completions), first come first served. One queue for all objects of a
/// kind, because few ever wait; it lies outside the driver's memory, where the driver cannot break it.</summary>
internal sealed class ThreadQueue(Scheduler scheduler)
{
    private readonly List<(nint Target, KernelThread Thread)> _waiting = [];

    /// <summary>Waits until <see cref="WakeFirst"/> for the same object or the deadline; false when the deadline ended the wait.</summary>
    internal bool Wait(nint target, KernelThread thread, long deadline = L4.Clock.Never)
    {
        _waiting.Add((target, thread));
        try
        {
            // Someone else may wake the thread for a reason of his own; the entry's absence says that it was meant.
            while (scheduler.Wait(deadline))
            {
                if (!_waiting.Contains((target, thread)))
                    return true;
            }
            return !_waiting.Contains((target, thread));
        }
        finally
        {
            _waiting.Remove((target, thread));
        }
    }

    /// <summary>Wakes the thread that has waited longest for an object; null when none waits.</summary>
    internal KernelThread? WakeFirst(nint target)
    {
        for (int index = 0; index < _waiting.Count; index++)
        {
            if (_waiting[index].Target != target)
                continue;
            var thread = _waiting[index].Thread;
            _waiting.RemoveAt(index);
            Scheduler.Wake(thread);
            return thread;
        }
        return null;
    }
}
