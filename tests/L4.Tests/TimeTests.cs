namespace L4.Tests;

public sealed class TimeTests
{
    [Fact]
    public void Virtual_time_jumps_to_the_deadline_when_every_thread_waits()
    {
        using var system = new L4System(new VirtualClock());
        using var attached = system.Root.Enter();
        var notification = system.Root.Open<Notification>(system.Root.CreateNotification());
        notification.Wait(3_600_000_000_000).ShouldBe(0UL);
        system.Clock.Now.ShouldBe(3_600_000_000_000);
    }

    [Fact]
    public void Deadlines_of_several_threads_are_reached_in_order()
    {
        using var system = new L4System(new VirtualClock());
        using var attached = system.Root.Enter();
        var done = system.Root.Open<Notification>(system.Root.CreateNotification());
        var order = new List<long>();
        foreach (long deadline in new long[] { 300, 100, 200 })
        {
            var own = system.Root.Open<Notification>(system.Root.CreateNotification());
            system.Root.StartThread($"sleeper {deadline}", () =>
            {
                own.Wait(deadline);
                order.Add(system.Clock.Now);
                if (order.Count == 3)
                    done.Signal(1);
            });
        }
        done.Wait().ShouldBe(1UL);
        order.ShouldBe([100L, 200L, 300L]);
    }

    [Fact]
    public void A_signal_that_comes_before_the_wait_is_not_lost()
    {
        using var system = new L4System(new RealClock());
        var notification = system.Root.Open<Notification>(system.Root.CreateNotification());
        notification.Signal(2);
        notification.Signal(4);
        notification.Wait().ShouldBe(6UL);
        notification.Poll().ShouldBe(0UL);
    }

    [Fact]
    public void On_the_real_clock_threads_wake_each_other_thousands_of_times()
    {
        using var system = new L4System(new RealClock(spinNanoseconds: 0));
        using var attached = system.Root.Enter();
        var ping = system.Root.Open<Notification>(system.Root.CreateNotification());
        var pong = system.Root.Open<Notification>(system.Root.CreateNotification());
        const int Rounds = 5000;
        system.Root.StartThread("echo", () =>
        {
            for (int i = 0; i < Rounds; i++)
                pong.Signal(ping.Wait());
        });
        for (int i = 0; i < Rounds; i++)
        {
            ping.Signal(1);
            pong.Wait().ShouldBe(1UL);
        }
    }

    [Fact]
    public void An_exception_that_leaves_a_thread_ends_its_task_only()
    {
        using var system = new L4System(new VirtualClock());
        var task = system.CreateTask("clumsy");
        task.StartThread("main", () => throw new InvalidOperationException("slipped")).Join();
        task.IsDead.ShouldBeTrue();
        task.CauseOfDeath.ShouldBe("slipped");
        system.Root.IsDead.ShouldBeFalse();
        system.Events.Count("clumsy", "task-fault").ShouldBe(1);
    }

    [Fact]
    public void An_interrupt_is_masked_until_it_is_acknowledged_and_comes_again_while_the_line_is_high()
    {
        using var system = new L4System(new VirtualClock());
        var capability = system.Root.CreateNotification();
        var notification = system.Root.Open<Notification>(capability);
        var interrupt = system.Root.Open<Interrupt>(system.Root.CreateInterrupt(capability, 1));
        interrupt.SetLevel(true);
        notification.Poll().ShouldBe(1UL);
        interrupt.SetLevel(false);
        interrupt.SetLevel(true);
        notification.Poll().ShouldBe(0UL);
        interrupt.Acknowledge();
        notification.Poll().ShouldBe(1UL);
        interrupt.SetLevel(false);
        interrupt.Acknowledge();
        notification.Poll().ShouldBe(0UL);
        interrupt.Disconnect();
        interrupt.Acknowledge();
        interrupt.SetLevel(true);
        notification.Poll().ShouldBe(0UL);
    }

    [Theory]
    [InlineData(0UL, 10UL, 0UL, 10UL, true)]
    [InlineData(0UL, 10UL, 10UL, 0UL, true)]
    [InlineData(0UL, 10UL, 1UL, 10UL, false)]
    [InlineData(5UL, 10UL, 4UL, 2UL, false)]
    [InlineData(5UL, 10UL, ulong.MaxValue, 2UL, false)]
    [InlineData(5UL, 10UL, 6UL, ulong.MaxValue, false)]
    public void An_extent_contains_only_what_lies_wholly_inside(ulong first, ulong count, ulong otherFirst, ulong otherCount, bool expected) =>
        new Extent(first, count).Contains(otherFirst, otherCount).ShouldBe(expected);
}
