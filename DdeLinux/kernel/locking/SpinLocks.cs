namespace DdeLinux;

/// <summary>
/// Spin locks on one processor: what counts is that preemption and interrupts are off while one is held. That it is free when it is
/// taken and held when it is given back is checked, because on one processor anything else is a driver's deadlock or its error.
/// </summary>
internal sealed unsafe partial class SpinLocks
{
    /// <summary>What a section without softirqs adds to the preempt count (include/linux/preempt.h, SOFTIRQ_DISABLE_OFFSET).</summary>
    private const uint SoftInterruptsOff = 2 * PerCpu.SoftInterrupt;

    private readonly LinuxKernel _kernel;
    private readonly PerCpu _perCpu;
    private readonly int* _interruptFlag;

    internal SpinLocks(LinuxKernel kernel)
    {
        _kernel = kernel;
        _perCpu = kernel.PerCpu;
        _interruptFlag = (int*)kernel.Cpu.InterruptFlagAddress;
    }

    [KernelFunction]
    public void _raw_spin_lock(RawSpinLock spinLock) => Lock(spinLock);

    [KernelFunction]
    public void _raw_spin_lock_irq(RawSpinLock spinLock)
    {
        *_interruptFlag = 0;
        Lock(spinLock);
    }

    [KernelFunction]
    public ulong _raw_spin_lock_irqsave(RawSpinLock spinLock)
    {
        ulong flags = *_interruptFlag != 0 ? Paravirt.InterruptFlag : 0;
        *_interruptFlag = 0;
        Lock(spinLock);
        return flags;
    }

    [KernelFunction]
    public void _raw_spin_unlock(RawSpinLock spinLock) => Unlock(spinLock);

    [KernelFunction]
    public void _raw_spin_unlock_irq(RawSpinLock spinLock)
    {
        Unlock(spinLock);
        _kernel.Cpu.EnableInterrupts();
    }

    [KernelFunction]
    public void _raw_spin_unlock_irqrestore(RawSpinLock spinLock, ulong flags)
    {
        Unlock(spinLock);
        if ((flags & Paravirt.InterruptFlag) != 0)
            _kernel.Cpu.EnableInterrupts();
    }

    /// <summary>Takes a lock that softirqs take too: they are off meanwhile.</summary>
    [KernelFunction]
    public void _raw_spin_lock_bh(RawSpinLock spinLock)
    {
        unchecked
        {
            _perCpu.PreemptCount += SoftInterruptsOff;
        }
        Lock(spinLock);
    }

    [KernelFunction]
    public void _raw_spin_unlock_bh(RawSpinLock spinLock)
    {
        Unlock(spinLock);
        _kernel.SoftInterrupts.__local_bh_enable_ip(0, SoftInterruptsOff);
    }

    private void Lock(RawSpinLock spinLock)
    {
        if (spinLock.value != 0)
            throw new KernelFaultException($"spin lock 0x{spinLock.Address:x} is taken while it is held: with one processor nobody else can give it back");
        unchecked
        {
            _perCpu.PreemptCount++;
        }
        spinLock.value = 1;
    }

    private void Unlock(RawSpinLock spinLock)
    {
        if (spinLock.value == 0)
            throw new KernelFaultException($"spin lock 0x{spinLock.Address:x} is given back but not held");
        spinLock.value = 0;
        unchecked
        {
            _perCpu.PreemptCount--;
        }
    }
}

/// <summary>A spin lock; inlined code reads <c>value != 0</c> as held (include/asm-generic/qspinlock.h).</summary>
[KernelStruct("raw_spinlock")]
internal readonly partial struct RawSpinLock
{
    [Field("raw_lock.val.counter")]
    public partial int value { get; set; }
}

public sealed partial class LinuxKernel
{
    internal SpinLocks SpinLocks => field ??= new SpinLocks(this);
}
