using L4;

namespace DdeKit;

/// <summary>
/// The kit's part of every lock: threads that wait for objects of a driver (mutexes, semaphores, completions, wait channels), named by the
/// object's address, first come first served. What a lock looks like in memory is the legacy system's; who waits for it, and who is next,
/// stands here, where the driver cannot break it. One queue serves all objects of a kind, because few ever wait. Belongs to the holder of the baton.
/// </summary>
/// <typeparam name="TThread">The legacy system's thread.</typeparam>
/// <param name="sleep">Puts the calling thread to sleep until it is woken, for whatever reason, or the deadline; false at the deadline.</param>
/// <param name="wake">Wakes a thread.</param>
public sealed class SleepQueue<TThread>(Func<long, bool> sleep, Action<TThread> wake) where TThread : class
{
    private readonly List<(nint Address, TThread Thread)> _waiting = [];

    /// <summary>Waits until <see cref="WakeFirst"/> picks the calling thread, or the deadline; false when the deadline ended the wait.</summary>
    /// <param name="address">What is waited for.</param>
    /// <param name="thread">The calling thread.</param>
    /// <param name="deadline">Time of the clock in nanoseconds.</param>
    public bool Wait(nint address, TThread thread, long deadline = Clock.Never)
    {
        _waiting.Add((address, thread));
        try
        {
            // Someone else may wake the thread for a reason of his own; the entry's absence says that it was meant.
            while (sleep(deadline))
            {
                if (!_waiting.Contains((address, thread)))
                    return true;
            }
            return !_waiting.Contains((address, thread));
        }
        finally
        {
            _waiting.Remove((address, thread));
        }
    }

    /// <summary>Wakes the thread that has waited longest for an object and returns it, so that the object can be handed over; null when none waits.</summary>
    public TThread? WakeFirst(nint address)
    {
        int index = _waiting.FindIndex(entry => entry.Address == address);
        if (index < 0)
            return null;
        var thread = _waiting[index].Thread;
        _waiting.RemoveAt(index);
        wake(thread);
        return thread;
    }
}
