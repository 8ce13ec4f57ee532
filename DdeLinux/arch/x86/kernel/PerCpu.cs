using DdeKit.Foreign;

namespace DdeLinux;

/// <summary>The variables of the only processor: which task runs, how deep preemption is disabled.</summary>
internal sealed unsafe class PerCpu : IVariableOwner
{
    /// <summary>The count when nothing disables preemption. Bit 31 is inverted and means "no other task wants the processor"
    /// (arch/x86/include/asm/preempt.h): the shim switches tasks only where they sleep, so it stays set.</summary>
    internal const uint Preemptible = 0x8000_0000;

    /// <summary>What one level of softirq adds (include/linux/preempt.h, SOFTIRQ_OFFSET).</summary>
    internal const uint SoftInterrupt = 0x100;

    /// <summary>What one level of interrupt handler adds (include/linux/preempt.h, HARDIRQ_OFFSET).</summary>
    internal const uint HardInterrupt = 0x1_0000;

    private const string PreemptCountName = "__preempt_count";
    private const string CurrentTaskName = "current_task";

    private readonly LinuxKernel _kernel;
    private readonly ForeignCpu _foreign;
    private readonly uint* _preemptCount;
    private readonly nint* _currentTask;

    internal PerCpu(LinuxKernel kernel)
    {
        _kernel = kernel;
        _foreign = kernel.Foreign;
        _preemptCount = (uint*)(_foreign.Area + _foreign.AllocatePerCpu(PreemptCountName, sizeof(uint), sizeof(uint)));
        _currentTask = (nint*)(_foreign.Area + _foreign.AllocatePerCpu(CurrentTaskName, sizeof(nint), sizeof(nint)));
        *_preemptCount = Preemptible;
    }

    /// <summary>How deep preemption is disabled, and why; see <see cref="Preemptible"/>.</summary>
    internal ref uint PreemptCount => ref *_preemptCount;

    /// <summary>The <c>task_struct</c> that runs.</summary>
    internal nint CurrentTask
    {
        get => *_currentTask;
        set => *_currentTask = value;
    }

    /// <summary>Whether code that runs now may sleep, as far as preemption says.</summary>
    internal bool IsPreemptible => *_preemptCount == Preemptible;

    /// <summary>Calls a driver's function in interrupt or softirq context, which inlined code tells by the count.</summary>
    /// <param name="context"><see cref="SoftInterrupt"/> or <see cref="HardInterrupt"/>.</param>
    /// <param name="function">The function.</param>
    /// <param name="first">Its first argument.</param>
    /// <param name="second">Its second argument.</param>
    /// <exception cref="KernelFaultException">It left preemption otherwise than it found it.</exception>
    internal nint CallIn(uint context, nint function, nint first, nint second = 0)
    {
        uint before = *_preemptCount;
        uint inside = unchecked(before + context);
        *_preemptCount = inside;
        nint result = _kernel.Call(function, first, second);
        if (*_preemptCount != inside)
            throw new KernelFaultException($"{_kernel.Describe(function)} returned with the preempt count 0x{*_preemptCount:x} instead of 0x{inside:x}");
        *_preemptCount = before;
        return result;
    }

    /// <inheritdoc />
    public void Define(VariableTable variables)
    {
        variables.DefinePerCpu(PreemptCountName, sizeof(uint), sizeof(uint));
        variables.DefinePerCpu(CurrentTaskName, sizeof(nint));
        variables.DefinePerCpu("cpu_number", sizeof(int), sizeof(int));
        // Added to a per-CPU symbol it gives the address of this processor's copy.
        *(nint*)variables.DefinePerCpu("this_cpu_off", sizeof(nint)) = _foreign.Area;
        int maskSize = KernelTypes.Current.SizeOf("cpumask");
        *(ulong*)variables.Define("__cpu_online_mask", maskSize) = 1;
    }
}

public sealed partial class LinuxKernel
{
    internal PerCpu PerCpu => field ??= new PerCpu(this);
}
