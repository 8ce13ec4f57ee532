using DdeKit;

namespace DdeLinux;

/// <summary>Drivers' timers. A timer's function runs on the event loop in softirq context, as in the kernel.</summary>
internal sealed partial class KernelTimers
{
    /// <summary>The function runs with interrupts off (include/linux/timer.h, TIMER_IRQSAFE).</summary>
    private const uint WithInterruptsOff = 0x0020_0000;

    private readonly LinuxKernel _kernel;
    private readonly Dictionary<nint, Pending> _pending = [];
    private readonly Stack<Pending> _spare = new();

    internal KernelTimers(LinuxKernel kernel) => _kernel = kernel;

    private sealed class Pending
    {
        internal Pending(KernelTimers owner) => Timer = new KitTimer(owner._kernel.Cpu.Timers, () => owner.Expire(this));

        internal KitTimer Timer { get; }

        internal nint Address { get; set; }
    }

    /// <summary>Starts a timer that is not pending; it expires at its jiffy, or at once when that has passed.</summary>
    internal void Start(TimerList timer)
    {
        if (timer.IsPending)
            throw new KernelFaultException($"timer 0x{timer.Address:x} is started while it is pending");
        if (timer.function == 0)
            throw new KernelFaultException($"timer 0x{timer.Address:x} is started without a function");
        var pending = _spare.TryPop(out var spare) ? spare : new Pending(this);
        pending.Address = timer.Address;
        _pending.Add(timer.Address, pending);
        timer.pprev = timer.Address;
        pending.Timer.Set(_kernel.Timekeeping.DeadlineOf(timer.expires));
    }

    /// <summary>Stops a timer; true when it was pending. Its function does not run afterwards: it never runs beside other code of the domain.</summary>
    internal bool Stop(TimerList timer)
    {
        if (!_pending.Remove(timer.Address, out var pending))
            return false;
        pending.Timer.Cancel();
        _spare.Push(pending);
        timer.pprev = 0;
        return true;
    }

    [KernelFunction]
    public void init_timer_key(TimerList timer, nint function, uint flags, nint name, nint key)
    {
        timer.pprev = 0;
        timer.function = function;
        timer.flags = flags;
    }

    [KernelFunction]
    public void add_timer(TimerList timer) => Start(timer);

    [KernelFunction]
    public int timer_delete_sync(TimerList timer) => Stop(timer) ? 1 : 0;

    private void Expire(Pending pending)
    {
        var timer = new TimerList(pending.Address);
        _pending.Remove(pending.Address);
        _spare.Push(pending);
        timer.pprev = 0;
        _kernel.Timekeeping.Refresh();
        bool interruptsOff = (timer.flags & WithInterruptsOff) != 0;
        if (interruptsOff)
            _kernel.Cpu.DisableInterrupts();
        _kernel.PerCpu.CallIn(PerCpu.SoftInterrupt, timer.function, timer.Address);
        if (interruptsOff)
            _kernel.Cpu.EnableInterrupts();
    }
}

public sealed partial class LinuxKernel
{
    internal KernelTimers KernelTimers => field ??= new KernelTimers(this);
}
