namespace DdeLinux.Core.Tests;

public sealed class WorkTests
{
    private const int AnyProcessor = 64;

    [KernelFact]
    public void Work_runs_once_on_a_thread_that_may_sleep() => TestKernel.Run(test =>
    {
        var runs = new List<string>();
        var work = NewWork(test, () =>
        {
            test.Call("msleep", 5);
            runs.Add(test.Kernel.Scheduler.Current!.Name);
        });
        nint queue = SystemQueue(test);
        Queue(test, queue, work).ShouldBeTrue();
        Queue(test, queue, work).ShouldBeFalse();
        test.Call("msleep", 10);
        runs.ShouldBe(["kworker/0"]);
        work.IsPending.ShouldBeFalse();
    });

    [KernelFact]
    public void Work_that_sleeps_does_not_hold_up_another() => TestKernel.Run(test =>
    {
        var order = new List<string>();
        nint queue = SystemQueue(test);
        Queue(test, queue, NewWork(test, () =>
        {
            test.Call("msleep", 50);
            order.Add("slow");
        }));
        Queue(test, queue, NewWork(test, () => order.Add("quick")));
        test.Call("msleep", 100);
        order.ShouldBe(["quick", "slow"]);
    });

    [KernelFact]
    public void Queue_with_a_limit_runs_its_works_in_order() => TestKernel.Run(test =>
    {
        nint queue = test.Call("alloc_workqueue", test.Text("%s"), 0, 1, test.Text("ordered"));
        var order = new List<int>();
        for (int i = 0; i < 3; i++)
        {
            int number = i;
            Queue(test, queue, NewWork(test, () =>
            {
                test.Call("msleep", 10 - number);
                order.Add(number);
            }));
        }
        test.Call("destroy_workqueue", queue);
        order.ShouldBe([0, 1, 2]);
    });

    [KernelFact]
    public void Work_may_queue_itself_again() => TestKernel.Run(test =>
    {
        int runs = 0;
        nint queue = SystemQueue(test);
        WorkStruct work = default;
        work = NewWork(test, () =>
        {
            if (++runs < 3)
                Queue(test, queue, work).ShouldBeTrue();
        });
        Queue(test, queue, work);
        test.Call("msleep", 10);
        runs.ShouldBe(3);
    });

    [KernelFact]
    public void Delayed_work_runs_after_its_delay() => TestKernel.Run(test =>
    {
        long ran = 0;
        var delayed = NewDelayedWork(test, () => ran = test.Kernel.Cpu.Now);
        nint queue = SystemQueue(test);
        QueueDelayed(test, queue, delayed, 10).ShouldBeTrue();
        QueueDelayed(test, queue, delayed, 1).ShouldBeFalse();
        test.Call("msleep", 100);
        ran.ShouldBe(10 * Timekeeping.TickNanoseconds);
        QueueDelayed(test, queue, delayed, 0).ShouldBeTrue();
        test.Call("msleep", 1);
        ran.ShouldBeGreaterThan(10 * Timekeeping.TickNanoseconds);
    });

    [KernelFact]
    public void Cancelled_work_does_not_run_and_one_that_runs_is_waited_for() => TestKernel.Run(test =>
    {
        int runs = 0;
        var delayed = NewDelayedWork(test, () => runs++);
        nint queue = SystemQueue(test);
        QueueDelayed(test, queue, delayed, 10);
        IsTrue(test.Call("cancel_delayed_work_sync", delayed.Address)).ShouldBeTrue();
        IsTrue(test.Call("cancel_delayed_work_sync", delayed.Address)).ShouldBeFalse();
        var slow = NewWork(test, () =>
        {
            test.Call("msleep", 20);
            runs += 10;
        });
        Queue(test, queue, slow);
        test.Call("msleep", 1);
        IsTrue(test.Call("cancel_work_sync", slow.Address)).ShouldBeFalse();
        runs.ShouldBe(10);
        Queue(test, queue, slow);
        IsTrue(test.Call("cancel_work_sync", slow.Address)).ShouldBeTrue();
        test.Call("msleep", 50);
        runs.ShouldBe(10);
    });

    [KernelFact]
    public void Work_that_returns_with_a_lock_held_ends_the_domain() => TestKernel.RunToDeath(test =>
    {
        nint spinLock = test.Allocate(4);
        Queue(test, SystemQueue(test), NewWork(test, () => test.Call("_raw_spin_lock", spinLock)));
        test.Call("msleep", 1);
    }).Message.ShouldContain("preemption off");

    [KernelFact]
    public void Work_on_what_is_no_queue_ends_the_domain() => TestKernel.RunToDeath(test =>
        Queue(test, test.Allocate(WorkQueueStruct.Size), NewWork(test, () => { }))).Message.ShouldContain("is no work queue");

    [KernelFact]
    public void Asynchronous_calls_wait_for_earlier_ones_only() => TestKernel.Run(test =>
    {
        var order = new List<string>();
        nint Function(string name, int milliseconds) => test.Function((_, cookie, _) =>
        {
            test.Call("msleep", milliseconds);
            test.Call("async_synchronize_cookie", cookie);
            order.Add(name);
            return 0;
        });
        test.Call("async_schedule_node", Function("slow", 50), 0, -1);
        test.Call("async_schedule_node", Function("quick", 1), 0, -1);
        test.Kernel.Async.SynchronizeAll();
        order.ShouldBe(["slow", "quick"]);
    });

    private static nint SystemQueue(TestKernel test) => test.At<nint>(test.Symbol("system_wq"));

    private static bool IsTrue(nint result) => (result & 0xff) != 0;

    private static bool Queue(TestKernel test, nint queue, WorkStruct work) =>
        IsTrue(test.Call("queue_work_on", AnyProcessor, queue, work.Address));

    private static bool QueueDelayed(TestKernel test, nint queue, DelayedWork delayed, nint jiffies) =>
        IsTrue(test.Call("queue_delayed_work_on", AnyProcessor, queue, delayed.Address, jiffies));

    private static WorkStruct NewWork(TestKernel test, Action body)
    {
        var work = new WorkStruct(test.Allocate(WorkStruct.Size)) { function = Body(test, body) };
        return work;
    }

    private static DelayedWork NewDelayedWork(TestKernel test, Action body)
    {
        var delayed = new DelayedWork(test.Allocate(DelayedWork.Size));
        var work = delayed.work;
        work.function = Body(test, body);
        test.Call("init_timer_key", delayed.timer.Address, test.Symbol("delayed_work_timer_fn"), 0x200000, 0, 0);
        return delayed;
    }

    private static nint Body(TestKernel test, Action body) => test.Function((_, _, _) =>
    {
        body();
        return 0;
    });
}
