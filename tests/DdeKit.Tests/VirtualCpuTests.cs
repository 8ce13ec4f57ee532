using L4;

namespace DdeKit.Tests;

public sealed class VirtualCpuTests : IDisposable
{
    private readonly L4System _system = new(new VirtualClock());
    private readonly L4Task _task;
    private readonly VirtualCpu _cpu;
    private readonly List<string> _log = [];

    public VirtualCpuTests()
    {
        _task = _system.CreateTask("domain");
        _cpu = new VirtualCpu(_task);
    }

    public void Dispose()
    {
        _cpu.Dispose();
        _system.Dispose();
    }

    [Fact]
    public void Threads_run_one_at_a_time_and_in_the_order_in_which_they_became_ready()
    {
        _cpu.StartThread("a", () =>
        {
            _log.Add("a1");
            _cpu.Current!.Yield();
            _log.Add("a2");
        });
        _cpu.StartThread("b", () =>
        {
            _log.Add("b1");
            _cpu.Current!.Yield();
            _log.Add("b2");
            _cpu.Stop();
        });
        RunToEnd();
        _log.ShouldBe(["a1", "b1", "a2", "b2"]);
    }

    [Fact]
    public void A_parked_thread_goes_on_when_it_is_unparked()
    {
        var waiter = _cpu.StartThread("waiter", () =>
        {
            _log.Add(_cpu.Current!.Park() ? "woken" : "late");
            _cpu.Stop();
        });
        _cpu.StartThread("waker", waiter.Unpark);
        RunToEnd();
        _log.ShouldBe(["woken"]);
    }

    [Fact]
    public void A_park_with_a_deadline_ends_at_the_deadline()
    {
        _cpu.StartThread("sleeper", () =>
        {
            _log.Add(_cpu.Current!.Park(_cpu.Now + 2_000_000_000) ? "woken" : $"late at {_cpu.Now}");
            _cpu.Stop();
        });
        RunToEnd();
        _log.ShouldBe(["late at 2000000000"]);
    }

    [Fact]
    public void Timers_expire_in_order_and_a_cancelled_one_never()
    {
        var late = new KitTimer(_cpu.Timers, () => { _log.Add($"late {_cpu.Now}"); _cpu.Stop(); });
        var early = new KitTimer(_cpu.Timers, () => _log.Add($"early {_cpu.Now}"));
        var never = new KitTimer(_cpu.Timers, () => _log.Add("never"));
        late.Set(300);
        early.Set(100);
        never.Set(200);
        never.Cancel().ShouldBeTrue();
        never.Cancel().ShouldBeFalse();
        early.Set(150).ShouldBeTrue();
        RunToEnd();
        _log.ShouldBe(["early 150", "late 300"]);
    }

    [Fact]
    public void Heartbeat_is_odd_at_work_changes_with_each_round_and_is_even_at_rest()
    {
        using var mapping = _task.Map(_task.CreateDataspace("heartbeat", 8));
        var heartbeat = _cpu.Heartbeat = new Heartbeat(mapping);
        var seen = new List<ulong>();
        var timer = new KitTimer(_cpu.Timers, () =>
        {
            seen.Add(heartbeat.Value);
            _cpu.Stop();
        });
        timer.Set(100);
        _cpu.StartThread("worker", () =>
        {
            seen.Add(heartbeat.Value);
            _cpu.Current!.Yield();
            seen.Add(heartbeat.Value);
        });
        _cpu.Post(() => seen.Add(heartbeat.Value));
        RunToEnd();

        seen.Count.ShouldBe(4);
        seen.ShouldAllBe(value => value % 2 == 1);
        seen.Distinct().Count().ShouldBe(3);
        heartbeat.Rest();
        (heartbeat.Value % 2).ShouldBe(0UL);
    }

    [Fact]
    public void The_bit_that_stops_the_loop_is_given_to_no_handler()
    {
        Should.Throw<InvalidOperationException>(() =>
        {
            while (true)
                _cpu.AddEvent(() => _log.Add("handler"));
        }).Message.ShouldContain("63");
        _cpu.StartThread("stopper", _cpu.Stop);
        RunToEnd();
        _log.ShouldBeEmpty();
    }

    [Fact]
    public void An_interrupt_waits_until_interrupts_are_enabled_and_then_comes_at_once()
    {
        ulong bit = _cpu.AddEvent(() => _log.Add($"interrupt, enabled {_cpu.InterruptsEnabled}"), interrupt: true);
        _cpu.StartThread("driver", () =>
        {
            _cpu.DisableInterrupts().ShouldBeTrue();
            _cpu.Events.Signal(bit);
            _log.Add("before");
            _cpu.EnableInterrupts();
            _log.Add("after");
            _cpu.Stop();
        });
        RunToEnd();
        _log.ShouldBe(["before", "interrupt, enabled False", "after"]);
    }

    [Fact]
    public void Sleeping_in_a_handler_is_forbidden_and_ends_the_domain()
    {
        Exception? fault = null;
        _cpu.Faulted = exception => fault = exception;
        KitThread? thread = null;
        ulong bit = _cpu.AddEvent(() => thread!.Park(), interrupt: true);
        thread = _cpu.StartThread("driver", () =>
        {
            _cpu.Events.Signal(bit);
            _cpu.EnableInterrupts();
        });
        RunToEnd();
        fault.ShouldBeOfType<InvalidOperationException>().Message.ShouldContain("forbidden");
    }

    [Fact]
    public void Parked_threads_unwind_when_the_domain_stops()
    {
        _cpu.StartThread("waiter", () =>
        {
            try
            {
                _cpu.Current!.Park();
            }
            finally
            {
                _log.Add("unwound");
            }
        });
        _cpu.StartThread("stopper", _cpu.Stop);
        RunToEnd();
        _log.ShouldBe(["unwound"]);
    }

    [Fact]
    public void A_call_from_outside_runs_on_the_event_loop_and_is_refused_after_the_end()
    {
        using var attached = _task.Enter();
        var main = _task.StartThread("main", _cpu.Run);
        _cpu.Invoke(() => _log.Add("inside"));
        Should.Throw<ServiceException>(() => _cpu.Invoke(() => throw new ServiceException(ServiceError.Busy, "no"))).Error.ShouldBe(ServiceError.Busy);
        _cpu.Stop();
        main.Join();
        Should.Throw<ServiceException>(() => _cpu.Invoke(() => _log.Add("never"))).Error.ShouldBe(ServiceError.ServerGone);
        _log.ShouldBe(["inside"]);
    }

    [Fact]
    public void Those_who_wait_for_an_object_are_woken_first_come_first_served_and_nobody_elses_waiters_are()
    {
        const nint Lock = 0x1000, Other = 0x2000;
        var queue = new SleepQueue<KitThread>(deadline => _cpu.Current!.Park(deadline), thread => thread.Unpark());
        foreach (var (name, address) in new[] { ("a", Lock), ("x", Other), ("b", Lock) })
        {
            _cpu.StartThread(name, () =>
            {
                queue.Wait(address, _cpu.Current!).ShouldBeTrue();
                _log.Add(name);
                if (_log.Count == 3)
                    _cpu.Stop();
            });
        }
        _cpu.StartThread("waker", () =>
        {
            queue.WakeFirst(0x3000).ShouldBeNull();
            queue.WakeFirst(Lock)!.Name.ShouldBe("a");
            queue.WakeFirst(Lock)!.Name.ShouldBe("b");
            queue.WakeFirst(Lock).ShouldBeNull();
            queue.WakeFirst(Other)!.Name.ShouldBe("x");
        });
        RunToEnd();
        _log.ShouldBe(["a", "b", "x"]);
    }

    [Fact]
    public void A_thread_that_is_woken_for_another_reason_goes_on_waiting_until_its_deadline()
    {
        var queue = new SleepQueue<KitThread>(deadline => _cpu.Current!.Park(deadline), thread => thread.Unpark());
        var waiter = _cpu.StartThread("waiter", () =>
        {
            _log.Add(queue.Wait(0x1000, _cpu.Current!, deadline: 5000) ? "woken" : $"late at {_cpu.Now}");
            _cpu.Stop();
        });
        _cpu.StartThread("stranger", waiter.Unpark);
        RunToEnd();
        _log.ShouldBe(["late at 5000"]);
    }

    [Fact]
    public void Many_timers_that_are_set_moved_and_cancelled_expire_by_deadline_and_then_by_order()
    {
        var random = new Random(7);
        var fired = new List<(long Deadline, int Order)>();
        var expected = new List<(long Deadline, int Order)>();
        var timers = new (KitTimer Timer, long Deadline, int Order)[200];
        for (int i = 0; i < timers.Length; i++)
        {
            int index = i;
            timers[i].Timer = new KitTimer(_cpu.Timers, () => fired.Add((_cpu.Now, timers[index].Order)));
        }
        for (int order = 0; order < 2_000; order++)
        {
            ref var chosen = ref timers[random.Next(timers.Length)];
            if (random.Next(4) == 0)
            {
                chosen.Timer.Cancel().ShouldBe(chosen.Deadline != 0);
                chosen.Deadline = 0;
                continue;
            }
            chosen.Deadline = 1 + random.Next(100);
            chosen.Order = order;
            chosen.Timer.Set(chosen.Deadline);
        }
        expected.AddRange(timers.Where(t => t.Deadline != 0).Select(t => (t.Deadline, t.Order)).Order());
        var end = new KitTimer(_cpu.Timers, _cpu.Stop);
        end.Set(1_000);
        RunToEnd();
        fired.ShouldBe(expected);
    }

    private void RunToEnd() => _task.StartThread("main", _cpu.Run).Join();
}
