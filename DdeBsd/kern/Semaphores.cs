using DdeKit;
using DdeKit.Foreign;
using L4;

namespace DdeBsd;

/// <summary>sema(9): counting semaphores.</summary>
internal sealed class Semaphores(BsdKernel kernel)
{
    private readonly SleepQueue<KernelThread> _waiting = kernel.Threads.CreateQueue();

    [KernelFunction]
    public void sema_init(nint semaphore, int value, nint text) =>
        kernel.Memory.At<SemaphoreObject>(semaphore) = new SemaphoreObject { sema_description = text, sema_value = value };

    [KernelFunction]
    public void sema_destroy(nint semaphore)
    {
        ref var state = ref kernel.Memory.At<SemaphoreObject>(semaphore);
        if (state.sema_waiters > 0)
            throw new KernelFaultException($"semaphore '{kernel.Memory.CheckString(state.sema_description)}' is destroyed while {state.sema_waiters} threads wait for it");
        state = default;
    }

    [KernelFunction]
    public void sema_post(nint semaphore)
    {
        // Handed to the thread that waited longest, so that nobody can take it in between.
        if (_waiting.WakeFirst(semaphore) is null)
            kernel.Memory.At<SemaphoreObject>(semaphore).sema_value++;
    }

    [KernelFunction]
    public void sema_wait(nint semaphore) => Wait("sema_wait", semaphore, Clock.Never);

    [KernelFunction]
    public int sema_timedwait(nint semaphore, int ticks) =>
        Wait("sema_timedwait", semaphore, kernel.Cpu.Now + Clocks.Nanoseconds(ticks)) ? 0 : Errno.EWOULDBLOCK;

    [KernelFunction]
    public int sema_trywait(nint semaphore)
    {
        ref var state = ref kernel.Memory.At<SemaphoreObject>(semaphore);
        if (state.sema_value <= 0)
            return 0;
        state.sema_value--;
        return 1;
    }

    [KernelFunction]
    public int sema_value(nint semaphore) => kernel.Memory.At<SemaphoreObject>(semaphore).sema_value;

    private bool Wait(string operation, nint semaphore, long deadline)
    {
        if (sema_trywait(semaphore) != 0)
            return true;
        var thread = kernel.Threads.RequireSleeper(operation);
        kernel.Memory.At<SemaphoreObject>(semaphore).sema_waiters++;
        try
        {
            return _waiting.Wait(semaphore, thread, deadline);
        }
        finally
        {
            kernel.Memory.At<SemaphoreObject>(semaphore).sema_waiters--;
        }
    }
}

public sealed partial class BsdKernel
{
    internal Semaphores Semaphores => field ??= new Semaphores(this);
}
