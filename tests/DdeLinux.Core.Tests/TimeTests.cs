namespace DdeLinux.Core.Tests;

public sealed class TimeTests
{
    private const long Millisecond = 1_000_000;

    [KernelFact]
    public void Sleeping_lets_jiffies_pass() => TestKernel.Run(test =>
    {
        nint jiffies = test.Symbol("jiffies");
        long before = test.At<long>(jiffies);
        before.ShouldBe(Timekeeping.InitialJiffies);
        test.Call("msleep", 100);
        (test.At<long>(jiffies) - before).ShouldBe(25);
    });

    [KernelFact]
    public void Delay_of_a_microsecond_is_one_on_the_clock() => TestKernel.Run(test =>
    {
        // udelay(10) as the compiler folds it: microseconds times 2^32 / 1,000,000.
        test.Call("__const_udelay", 10 * 0x10c7);
        test.Kernel.Cpu.Now.ShouldBeInRange(10_000, 10_010);
    });

    [KernelTheory]
    [InlineData(0u, 0)]
    [InlineData(1u, 1)]
    [InlineData(4u, 1)]
    [InlineData(5u, 2)]
    [InlineData(1000u, 250)]
    public void Milliseconds_round_up_to_jiffies(uint milliseconds, int jiffies) => TestKernel.Run(test =>
    {
        test.Call("__msecs_to_jiffies", (nint)milliseconds).ShouldBe(jiffies);
        test.Call("jiffies_to_msecs", jiffies).ShouldBe(jiffies * 4);
    });

    [KernelFact]
    public void Relative_timeout_is_rounded_to_a_whole_second() => TestKernel.Run(test =>
    {
        long now = test.Kernel.Timekeeping.JiffiesNow;
        long rounded = test.Call("round_jiffies_relative", 700);
        ((now + rounded) % Timekeeping.TicksPerSecond).ShouldBe(0);
        Math.Abs(rounded - 700).ShouldBeLessThan(Timekeeping.TicksPerSecond);
    });

    [KernelFact]
    public void Timer_expires_at_its_jiffy_in_softirq_context() => TestKernel.Run(test =>
    {
        long expired = -1;
        uint context = 0;
        var timer = NewTimer(test, () =>
        {
            expired = test.Kernel.Cpu.Now;
            context = test.Kernel.PerCpu.PreemptCount;
        });
        timer.expires = test.Kernel.Timekeeping.JiffiesNow + 10;
        test.Call("add_timer", timer.Address);
        timer.IsPending.ShouldBeTrue();
        test.Call("msleep", 39);
        expired.ShouldBe(-1);
        test.Call("msleep", 2);
        expired.ShouldBe(40 * Millisecond);
        context.ShouldBe(PerCpu.Preemptible + PerCpu.SoftInterrupt);
        timer.IsPending.ShouldBeFalse();
    });

    [KernelFact]
    public void Deleted_timer_does_not_expire() => TestKernel.Run(test =>
    {
        bool expired = false;
        var timer = NewTimer(test, () => expired = true);
        timer.expires = test.Kernel.Timekeeping.JiffiesNow + 1;
        test.Call("add_timer", timer.Address);
        test.Call("timer_delete_sync", timer.Address).ShouldBe(1);
        test.Call("timer_delete_sync", timer.Address).ShouldBe(0);
        test.Call("msleep", 20);
        expired.ShouldBeFalse();
    });

    [KernelFact]
    public void Timer_that_starts_itself_again_goes_on() => TestKernel.Run(test =>
    {
        int rounds = 0;
        TimerList timer = default;
        timer = NewTimer(test, () =>
        {
            if (++rounds == 3)
                return;
            timer.expires = test.Kernel.Timekeeping.JiffiesNow + 1;
            test.Call("add_timer", timer.Address);
        });
        timer.expires = test.Kernel.Timekeeping.JiffiesNow;
        test.Call("add_timer", timer.Address);
        test.Call("msleep", 100);
        rounds.ShouldBe(3);
    });

    [KernelFact]
    public void Pending_timer_cannot_be_started() => TestKernel.RunToDeath(test =>
    {
        var timer = NewTimer(test, () => { });
        timer.expires = test.Kernel.Timekeeping.JiffiesNow + 100;
        test.Call("add_timer", timer.Address);
        test.Call("add_timer", timer.Address);
    }).Message.ShouldContain("while it is pending");

    [KernelFact]
    public void Sleeping_in_a_timer_ends_the_domain() => TestKernel.RunToDeath(test =>
    {
        var timer = NewTimer(test, () => test.Call("msleep", 1));
        timer.expires = test.Kernel.Timekeeping.JiffiesNow;
        test.Call("add_timer", timer.Address);
        test.Call("msleep", 20);
    }).Message.ShouldContain("event loop");

    [KernelFact]
    public void Timeout_of_a_sleep_returns_what_is_left() => TestKernel.Run(test =>
    {
        test.Call("schedule_timeout_uninterruptible", 5).ShouldBe(0);
        test.Kernel.Cpu.Now.ShouldBe(20 * Millisecond);
    });

    private static TimerList NewTimer(TestKernel test, Action expired)
    {
        nint timer = test.Allocate(TimerList.Size);
        test.Call("init_timer_key", timer, test.Function((_, _, _) =>
        {
            expired();
            return 0;
        }), 0, 0, 0);
        return new TimerList(timer);
    }
}
