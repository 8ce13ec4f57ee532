using System.Runtime.InteropServices;
using L4.Native;

namespace L4;

/// <summary>
/// Sixty-four bits that anybody with the write right can set and one thread at a time waits for. Setting a bit twice before it was
/// seen counts once: what happened is read from where it happened (a ring, a register), the notification only says "look".
/// </summary>
public sealed unsafe class Notification : KernelObject
{
    private readonly Clock _clock;
    private readonly StateMemory _memory;
    private readonly NotificationState* _state;
    private int _waiting;

    internal Notification(Clock clock, StateMemory? memory = null)
    {
        _clock = clock;
        _memory = memory ?? StateMemory.Create("notification", isShared: false);
        _state = (NotificationState*)_memory.Address;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct NotificationState
    {
        public ulong Pending;
        public int Asleep;
    }

    /// <summary>Whether a bit is set that nobody has taken yet.</summary>
    public bool IsPending => Volatile.Read(ref _state->Pending) != 0;

    /// <summary>How often a waiter went to sleep in the kernel: spinning was not enough.</summary>
    public long Sleeps { get; private set; }

    /// <summary>Sets bits and wakes the waiter. Allocates nothing and never blocks.</summary>
    public void Signal(ulong bits)
    {
        Interlocked.Or(ref _state->Pending, bits);
        // Interlocked.Or is a full fence: the waiter either sees the bits or has announced its sleep before this read.
        if (Volatile.Read(ref _state->Asleep) != 0)
            _clock.Wake(this);
    }

    /// <summary>Takes all pending bits; 0 when there are none.</summary>
    public ulong Poll() => IsPending ? Interlocked.Exchange(ref _state->Pending, 0) : 0;

    /// <summary>Waits until a bit is set and takes all of them; 0 when <paramref name="deadline"/> was reached first.</summary>
    /// <param name="deadline">Time of the system's clock in nanoseconds.</param>
    /// <exception cref="InvalidOperationException">Another thread waits already.</exception>
    public ulong Wait(long deadline = Clock.Never)
    {
        if (Interlocked.Exchange(ref _waiting, 1) != 0)
            throw new InvalidOperationException("A second thread waits for the same notification.");
        try
        {
            while (true)
            {
                ulong bits = Poll();
                if (bits != 0)
                    return bits;
                if (_clock.Sleep(this, deadline))
                    return Poll();
            }
        }
        finally
        {
            Volatile.Write(ref _waiting, 0);
        }
    }

    /// <summary>Announces that the waiter is about to sleep, so that <see cref="Signal"/> wakes it; false when bits are pending already.</summary>
    internal bool AnnounceSleep()
    {
        Volatile.Write(ref _state->Asleep, 1);
        Interlocked.MemoryBarrier();
        if (!IsPending)
            return true;
        Awake();
        return false;
    }

    internal void Awake() => Volatile.Write(ref _state->Asleep, 0);

    /// <summary>Sleeps on the futex while the announcement stands.</summary>
    internal void SleepInKernel(long timeoutNanoseconds)
    {
        Sleeps++;
        Libc.Wait(&_state->Asleep, 1, timeoutNanoseconds);
        GC.KeepAlive(this);
    }

    internal void WakeInKernel()
    {
        Awake();
        Libc.Wake(&_state->Asleep);
        GC.KeepAlive(this);
    }

    internal override CapabilityRecord Export(CapabilityRights rights, OutgoingDescriptors descriptors)
    {
        descriptors.Lend(_memory.Descriptor);
        return new CapabilityRecord { Kind = CapabilityKind.Notification };
    }
}
