namespace DdeLinux;

/// <summary>
/// Softirqs: what an interrupt leaves to be done with interrupts enabled. They run when the last interrupt handler has returned, when
/// a driver enables them again, and else on the event loop; never inside each other.
/// </summary>
internal sealed partial class SoftInterrupts
{
    /// <summary>The bits of the preempt count that say that a softirq or an interrupt handler runs, or that softirqs are off
    /// (include/linux/preempt.h, SOFTIRQ_MASK, HARDIRQ_MASK and NMI_MASK).</summary>
    private const uint InInterrupt = 0x00FF_FF00;

    /// <summary>Rounds before the event loop gets to other work (MAX_SOFTIRQ_RESTART).</summary>
    private const int MaximalRounds = 10;

    private readonly LinuxKernel _kernel;
    private readonly PerCpu _perCpu;
    private readonly Action _runPosted;
    private bool _isPending;
    private bool _isPosted;

    internal SoftInterrupts(LinuxKernel kernel)
    {
        _kernel = kernel;
        _perCpu = kernel.PerCpu;
        _runPosted = RunPosted;
        kernel.Cpu.InterruptsDelivered = RunPending;
    }

    /// <summary>Asks for a run of the network's softirqs, the only ones that drivers raise here.</summary>
    internal void Raise()
    {
        _isPending = true;
        if (_isPosted)
            return;
        _isPosted = true;
        _kernel.Cpu.Post(_runPosted);
    }

    /// <summary>Runs what is pending, unless this is no place for it: then a later one comes.</summary>
    internal void RunPending()
    {
        if (_isPending && (_perCpu.PreemptCount & InInterrupt) == 0)
            Run();
    }

    /// <summary>Ends a section without softirqs. Inlined code counts itself in and calls this to get out; <paramref name="count"/> is what it added.</summary>
    [KernelFunction]
    public void __local_bh_enable_ip(ulong caller, uint count)
    {
        unchecked
        {
            _perCpu.PreemptCount -= count;
        }
        RunPending();
    }

    private void RunPosted()
    {
        _isPosted = false;
        RunPending();
        if (_isPending)
            Raise();
    }

    private void Run()
    {
        _kernel.Timekeeping.Refresh();
        unchecked
        {
            _perCpu.PreemptCount += PerCpu.SoftInterrupt;
        }
        for (int round = 0; _isPending && round < MaximalRounds; round++)
        {
            _isPending = false;
            _kernel.Napi.RunTransmit();
            _kernel.Napi.RunReceive();
        }
        unchecked
        {
            _perCpu.PreemptCount -= PerCpu.SoftInterrupt;
        }
        if (_isPending)
            Raise();
    }
}

public sealed partial class LinuxKernel
{
    internal SoftInterrupts SoftInterrupts => field ??= new SoftInterrupts(this);
}
