using DdeKit;
using DdeKit.Foreign;

namespace DdeBsd;

/// <summary>callout(9) and timeout(9): functions that run after some ticks, on the event loop.</summary>
internal sealed class Callouts(BsdKernel kernel)
{
    // sys/callout.h: CALLOUT_*.
    private const int LocalAllocation = 0x01;
    private const int Active = 0x02;
    private const int Pending = 0x04;
    private const int MultiprocessorSafe = 0x08;
    private const int ReturnUnlocked = 0x10;

    private readonly Dictionary<nint, KitTimer> _timers = [];

    [KernelFunction]
    public void callout_init(nint callout, int isSafe) =>
        // Whoever has no lock of his own runs with Giant.
        Initialize(callout, isSafe != 0 ? 0 : kernel.Mutexes.Giant, isSafe != 0 ? MultiprocessorSafe : 0);

    [KernelFunction]
    public void callout_init_mtx(nint callout, nint mutex, int flags) => Initialize(callout, mutex, flags & ReturnUnlocked);

    /// <summary>Sets a callout, or sets it anew; the result tells whether it was pending.</summary>
    [KernelFunction]
    public int callout_reset(nint callout, int ticks, nint function, nint argument)
    {
        ref var state = ref kernel.Memory.At<CalloutObject>(callout);
        state.c_func = function;
        state.c_arg = argument;
        return Set(callout, ref state, ticks);
    }

    [KernelFunction]
    public int callout_schedule(nint callout, int ticks) => Set(callout, ref kernel.Memory.At<CalloutObject>(callout), ticks);

    /// <summary>Stops a callout; whether it was pending. It is not running: callouts run on the event loop and do not sleep.</summary>
    [KernelFunction("_callout_stop_safe")]
    public int Stop(nint callout, int wait)
    {
        ref var state = ref kernel.Memory.At<CalloutObject>(callout);
        state.c_flags &= ~(Active | Pending);
        // With its timer goes what is known of it: the driver may free the memory now.
        return _timers.Remove(callout, out var timer) && timer.Cancel() ? 1 : 0;
    }

    /// <summary>The old interface: the result is a handle for untimeout.</summary>
    [KernelFunction]
    public nint timeout(nint function, nint argument, int ticks)
    {
        nint callout = kernel.Malloc.AllocateOwn(System.Runtime.CompilerServices.Unsafe.SizeOf<CalloutObject>());
        Initialize(callout, kernel.Mutexes.Giant, LocalAllocation);
        callout_reset(callout, ticks, function, argument);
        return callout;
    }

    [KernelFunction]
    public void untimeout(nint function, nint argument, nint handle)
    {
        if (handle == 0 || !_timers.ContainsKey(handle))
            return;
        ref var state = ref kernel.Memory.At<CalloutObject>(handle);
        if (state.c_func == function && state.c_arg == argument && Stop(handle, 0) != 0)
            kernel.Malloc.FreeOwn(handle);
    }

    [KernelFunction]
    public void callout_handle_init(nint handle) => kernel.Memory.At<nint>(handle) = 0;

    private void Initialize(nint callout, nint mutex, int flags) =>
        kernel.Memory.At<CalloutObject>(callout) = new CalloutObject { c_mtx = mutex, c_flags = flags };

    private int Set(nint callout, ref CalloutObject state, int ticks)
    {
        // A tick has begun already: one more, so that it is not shorter than asked for. Less than one is one.
        ticks = Math.Max(ticks, 1);
        state.c_time = unchecked(kernel.Clock.Ticks + ticks);
        state.c_flags |= Active | Pending;
        if (!_timers.TryGetValue(callout, out var timer))
            _timers.Add(callout, timer = new KitTimer(kernel.Cpu.Timers, () => Expire(callout)));
        return timer.Set(kernel.Cpu.Now + Clocks.Nanoseconds(ticks)) ? 1 : 0;
    }

    private void Expire(nint callout)
    {
        kernel.Clock.Refresh();
        ref var state = ref kernel.Memory.At<CalloutObject>(callout);
        state.c_flags &= ~Pending;
        var (function, argument, mutex, flags) = (state.c_func, state.c_arg, state.c_mtx, state.c_flags);
        if ((flags & LocalAllocation) != 0)
        {
            _timers.Remove(callout);
            kernel.Malloc.FreeOwn(callout);
        }
        if (mutex != 0)
            kernel.Mutexes.Lock(mutex, 0, 0);
        kernel.Call(function, argument);
        if (mutex != 0 && (flags & ReturnUnlocked) == 0)
            kernel.Mutexes.Unlock(mutex, 0, 0);
    }
}

public sealed partial class BsdKernel
{
    internal Callouts Callouts => field ??= new Callouts(this);
}
