namespace DdeLinux;

/// <summary>
/// The kernel's coarse time. No tick runs: <c>jiffies</c> is brought up to date where a driver could have let time pass
/// (<see cref="Refresh"/>), which is enough for every loop that polls until a jiffy.
/// </summary>
internal sealed unsafe partial class Timekeeping : IVariableOwner
{
    /// <summary>Ticks a second. A compile-time constant of Debian's kernels (CONFIG_HZ=250) that drivers have built in; type
    /// information does not carry it.</summary>
    internal const int TicksPerSecond = 250;

    /// <summary>Nanoseconds between two ticks.</summary>
    internal const long TickNanoseconds = 1_000_000_000 / TicksPerSecond;

    /// <summary>Where jiffies begin: the low 32 bits wrap five minutes after the start, so that drivers that mishandle it show it
    /// (include/linux/jiffies.h, INITIAL_JIFFIES).</summary>
    internal const long InitialJiffies = unchecked((uint)(-300 * TicksPerSecond));

    /// <summary>So often a driver's loop goes round before jiffies is refreshed: often enough that one which polls until a jiffy ends
    /// in time.</summary>
    private const int RefreshInterval = 16;

    private readonly LinuxKernel _kernel;
    private long* _jiffies;
    private int _rounds;

    internal Timekeeping(LinuxKernel kernel) => _kernel = kernel;

    /// <summary>Jiffies by the clock, which the variable follows.</summary>
    internal long JiffiesNow => InitialJiffies + _kernel.Cpu.Now / TickNanoseconds;

    /// <summary>Jiffies as drivers see it: as of the latest <see cref="Refresh"/>.</summary>
    internal long JiffiesVariable => *_jiffies;

    /// <inheritdoc />
    public void Define(VariableTable variables)
    {
        _jiffies = (long*)variables.Define("jiffies", sizeof(long));
        Refresh();
    }

    /// <summary>Brings <c>jiffies</c> up to date: wherever time may have passed that a driver measures.</summary>
    internal void Refresh() => *_jiffies = JiffiesNow;

    /// <summary>A driver did what it does in loops that may end at a jiffy. Looking at the clock costs more than most of that.</summary>
    internal void CountRound()
    {
        if (++_rounds < RefreshInterval)
            return;
        _rounds = 0;
        Refresh();
    }

    /// <summary>The clock's time, in nanoseconds, at which a jiffy begins.</summary>
    internal static long NanosecondsAt(long jiffies) =>
        jiffies - InitialJiffies > long.MaxValue / TickNanoseconds ? L4.Clock.Never : (jiffies - InitialJiffies) * TickNanoseconds;

    /// <summary>As <see cref="NanosecondsAt"/>, but not before now.</summary>
    internal long DeadlineOf(long jiffies) => Math.Max(NanosecondsAt(jiffies), _kernel.Cpu.Now);

    /// <summary>Lets time pass without sleeping.</summary>
    internal void Delay(long nanoseconds)
    {
        if (_kernel.Pci.Delay(nanoseconds))
            Refresh();
        else
            CountRound();
    }

    [KernelFunction]
    public uint jiffies_to_msecs(ulong jiffies) => unchecked((uint)(jiffies * (1000 / TicksPerSecond)));

    [KernelFunction]
    public ulong __msecs_to_jiffies(uint milliseconds) =>
        // Negative values mean "for ever" to their callers (kernel/time/time.c, msecs_to_jiffies).
        (int)milliseconds < 0 ? (ulong)(long.MaxValue >> 1) - 1 : (milliseconds + (1000UL / TicksPerSecond) - 1) / (1000 / TicksPerSecond);

    /// <summary>Moves a timeout to a whole second, so that timers that do not care expire together.</summary>
    [KernelFunction]
    public ulong round_jiffies_relative(ulong jiffies)
    {
        ulong now = (ulong)JiffiesNow;
        ulong end = unchecked(jiffies + now);
        ulong beyond = end % TicksPerSecond;
        ulong rounded = beyond < TicksPerSecond / 4 ? end - beyond : unchecked(end - beyond + TicksPerSecond);
        return unchecked((long)(rounded - now)) > 0 ? unchecked(rounded - now) : jiffies;
    }

    /// <summary>Delays by a fraction of a second in units of 2^-32 (include/asm-generic/delay.h).</summary>
    [KernelFunction]
    public void __const_udelay(ulong loops)
    {
        ulong high = Math.BigMul(loops, 1_000_000_000, out ulong low);
        Delay((long)(high << 32 | low >> 32));
    }

    [KernelFunction]
    public void __udelay(ulong microseconds) => Delay(checked((long)microseconds * 1000));

    /// <summary>Sleeps; the result is how much of it a signal cut off. There are none.</summary>
    [KernelFunction]
    public ulong msleep_interruptible(uint milliseconds)
    {
        _kernel.Scheduler.Sleep(milliseconds * 1_000_000L);
        return 0;
    }

    [KernelFunction]
    public void msleep(uint milliseconds) => _kernel.Scheduler.Sleep(milliseconds * 1_000_000L);

    /// <summary>Sleeps for a time between two numbers of microseconds. The state only says whether signals may end the sleep; there are none.</summary>
    [KernelFunction]
    public void usleep_range_state(ulong minimum, ulong maximum, uint state) => _kernel.Scheduler.Sleep(checked((long)minimum * 1000));
}

public sealed partial class LinuxKernel
{
    internal Timekeeping Timekeeping => field ??= new Timekeeping(this);
}
