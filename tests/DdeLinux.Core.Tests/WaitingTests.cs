namespace DdeLinux.Core.Tests;

public sealed class WaitingTests
{
    [KernelFact]
    public void Waiter_runs_after_the_wake_up_and_leaves_the_queue() => TestKernel.Run(test =>
    {
        var order = new List<string>();
        nint head = NewQueue(test);
        test.Kernel.Scheduler.StartThread("waiter", () =>
        {
            nint entry = NewEntry(test);
            test.Call("prepare_to_wait", head, entry, (nint)TaskState.Uninterruptible);
            order.Add("waits");
            test.Call("schedule");
            order.Add("woken");
            test.Call("finish_wait", head, entry);
        });
        test.Call("msleep", 1);
        order.Add("wakes");
        test.Call("__wake_up", head, (nint)TaskState.Normal, 1, 0);
        test.Call("msleep", 1);
        order.ShouldBe(["waits", "wakes", "woken"]);
        new WaitQueueHead(head).waiting.IsEmpty.ShouldBeTrue();
    });

    [KernelFact]
    public void Wake_up_between_preparing_and_scheduling_is_not_lost() => TestKernel.Run(test =>
    {
        nint head = NewQueue(test);
        nint entry = NewEntry(test);
        test.Call("prepare_to_wait", head, entry, (nint)TaskState.Uninterruptible);
        test.Call("__wake_up", head, (nint)TaskState.Normal, 1, 0);
        test.Call("schedule");
        test.Call("finish_wait", head, entry);
    });

    [KernelFact]
    public void Preparing_to_wait_is_allowed_under_a_spin_lock() => TestKernel.Run(test =>
    {
        nint head = NewQueue(test);
        nint entry = NewEntry(test);
        nint spinLock = test.Allocate(4);
        nint flags = test.Call("_raw_spin_lock_irqsave", spinLock);
        test.Call("prepare_to_wait", head, entry, (nint)TaskState.Uninterruptible);
        test.Call("_raw_spin_unlock_irqrestore", spinLock, flags);
        test.Call("finish_wait", head, entry);
    });

    [KernelFact]
    public void Entry_with_a_function_of_its_own_is_asked() => TestKernel.Run(test =>
    {
        nint head = NewQueue(test);
        var entry = new WaitQueueEntry(NewEntry(test));
        nint key = 0;
        entry.function = test.Function((_, _, _) =>
        {
            key++;
            return 0;
        });
        new WaitQueueHead(head).waiting.Add(entry.entry);
        test.Call("__wake_up", head, (nint)TaskState.Normal, 1, 0);
        key.ShouldBe(1);
    });

    [KernelFact]
    public void Completion_comes_or_times_out() => TestKernel.Run(test =>
    {
        nint completion = NewCompletion(test);
        test.Call("wait_for_completion_timeout", completion, 5).ShouldBe(0);
        test.Kernel.Cpu.Now.ShouldBe(5 * Timekeeping.TickNanoseconds);
        test.Kernel.Scheduler.StartThread("completer", () =>
        {
            test.Call("msleep", 8);
            test.Call("complete", completion);
        });
        test.Call("wait_for_completion_timeout", completion, 10).ShouldBe(8);
    });

    [KernelFact]
    public void Completion_before_the_wait_is_remembered_once() => TestKernel.Run(test =>
    {
        nint completion = NewCompletion(test);
        test.Call("complete", completion);
        test.Call("wait_for_completion_timeout", completion, 10).ShouldBe(10);
        test.Call("wait_for_completion_timeout", completion, 1).ShouldBe(0);
    });

    [KernelFact]
    public void Mutex_is_handed_over_in_the_order_of_asking() => TestKernel.Run(test =>
    {
        nint mutex = test.Allocate(Mutex.Size);
        test.Call("__mutex_init", mutex, 0, 0);
        var order = new List<string>();
        test.Call("mutex_lock", mutex);
        foreach (string name in (string[])["first", "second"])
        {
            test.Kernel.Scheduler.StartThread(name, () =>
            {
                test.Call("mutex_lock", mutex);
                order.Add(name);
                test.Call("msleep", 1);
                test.Call("mutex_unlock", mutex);
            });
        }
        test.Call("msleep", 1);
        order.ShouldBeEmpty();
        test.Call("mutex_unlock", mutex);
        test.Call("msleep", 10);
        order.ShouldBe(["first", "second"]);
        new Mutex(mutex).owner.ShouldBe(0);
    });

    [KernelFact]
    public void Mutex_locked_twice_ends_the_domain() => TestKernel.RunToDeath(test =>
    {
        nint mutex = test.Allocate(Mutex.Size);
        test.Call("mutex_lock", mutex);
        test.Call("mutex_lock", mutex);
    }).Message.ShouldContain("wait for itself");

    [KernelFact]
    public void Mutex_of_another_cannot_be_unlocked() => TestKernel.RunToDeath(test =>
        test.Call("mutex_unlock", test.Allocate(Mutex.Size))).Message.ShouldContain("does not hold");

    [KernelFact]
    public void Spin_lock_turns_preemption_and_interrupts_off() => TestKernel.Run(test =>
    {
        nint spinLock = test.Allocate(4);
        nint flags = test.Call("_raw_spin_lock_irqsave", spinLock);
        test.Kernel.PerCpu.IsPreemptible.ShouldBeFalse();
        test.Kernel.Cpu.InterruptsEnabled.ShouldBeFalse();
        test.At<int>(spinLock).ShouldBe(1);
        test.Call("_raw_spin_unlock_irqrestore", spinLock, flags);
        test.Kernel.PerCpu.IsPreemptible.ShouldBeTrue();
        test.Kernel.Cpu.InterruptsEnabled.ShouldBeTrue();
        test.At<int>(spinLock).ShouldBe(0);
    });

    [KernelFact]
    public void Nested_spin_lock_leaves_interrupts_as_they_were() => TestKernel.Run(test =>
    {
        nint outer = test.Allocate(4);
        nint inner = test.Allocate(4);
        test.Call("_raw_spin_lock_irq", outer);
        nint flags = test.Call("_raw_spin_lock_irqsave", inner);
        test.Call("_raw_spin_unlock_irqrestore", inner, flags);
        test.Kernel.Cpu.InterruptsEnabled.ShouldBeFalse();
        test.Call("_raw_spin_unlock_irq", outer);
        test.Kernel.Cpu.InterruptsEnabled.ShouldBeTrue();
    });

    [KernelFact]
    public void Interrupt_that_came_meanwhile_is_delivered_by_the_unlock() => TestKernel.Run(test =>
    {
        int delivered = 0;
        ulong bit = test.Kernel.Cpu.AddEvent(() => delivered++, interrupt: true);
        nint spinLock = test.Allocate(4);
        nint flags = test.Call("_raw_spin_lock_irqsave", spinLock);
        test.Kernel.Cpu.Events.Signal(bit);
        delivered.ShouldBe(0);
        test.Call("_raw_spin_unlock_irqrestore", spinLock, flags);
        delivered.ShouldBe(1);
    });

    [KernelFact]
    public void Paravirtual_slots_save_clear_and_set_the_interrupt_flag() => TestKernel.Run(test =>
    {
        nint operations = test.Symbol("pv_ops");
        nint Slot(string name) => test.At<nint>(operations + KernelTypes.Current.OffsetOf("paravirt_patch_template", $"irq.{name}.func", 8));
        ((ulong)test.Kernel.Call(Slot("save_fl")) & Paravirt.InterruptFlag).ShouldBe(Paravirt.InterruptFlag);
        test.Kernel.Call(Slot("irq_disable"));
        test.Kernel.Call(Slot("save_fl")).ShouldBe(0);
        int delivered = 0;
        test.Kernel.Cpu.Events.Signal(test.Kernel.Cpu.AddEvent(() => delivered++, interrupt: true));
        test.Kernel.Call(Slot("irq_enable"));
        delivered.ShouldBe(1);
        test.Kernel.Cpu.InterruptsEnabled.ShouldBeTrue();
    });

    [KernelTheory]
    [InlineData("_raw_spin_lock", "taken while it is held")]
    [InlineData("msleep", "preemption is off")]
    public void Deadlock_under_a_spin_lock_ends_the_domain(string function, string reason) => TestKernel.RunToDeath(test =>
    {
        nint spinLock = test.Allocate(4);
        test.Call("_raw_spin_lock", spinLock);
        test.Call(function, function == "msleep" ? 1 : spinLock);
    }).Message.ShouldContain(reason);

    [KernelFact]
    public void Spin_lock_that_is_free_cannot_be_given_back() => TestKernel.RunToDeath(test =>
        test.Call("_raw_spin_unlock", test.Allocate(4))).Message.ShouldContain("not held");

    [KernelFact]
    public void Current_task_is_the_thread_that_runs() => TestKernel.Run(test =>
    {
        nint own = test.Kernel.PerCpu.CurrentTask;
        nint other = 0;
        test.Kernel.Scheduler.StartThread("other", () => other = test.Kernel.PerCpu.CurrentTask);
        test.Call("msleep", 1);
        other.ShouldNotBe(own);
        test.Kernel.PerCpu.CurrentTask.ShouldBe(own);
        test.ReadText(new TaskStruct(own).comm).ShouldBe("test");
    });

    private static nint NewQueue(TestKernel test)
    {
        nint head = test.Allocate(WaitQueueHead.Size);
        test.Call("__init_waitqueue_head", head, 0, 0);
        return head;
    }

    /// <summary>What the kernel's DEFINE_WAIT makes.</summary>
    private static nint NewEntry(TestKernel test)
    {
        var entry = new WaitQueueEntry(test.Allocate(WaitQueueEntry.Size))
        {
            task = test.Kernel.PerCpu.CurrentTask,
            function = test.Symbol("autoremove_wake_function"),
        };
        entry.entry.Initialize();
        return entry.Address;
    }

    /// <summary>What the kernel's init_completion makes.</summary>
    private static nint NewCompletion(TestKernel test)
    {
        nint completion = test.Allocate(KernelTypes.Current.SizeOf("completion"));
        test.Call("__init_swait_queue_head", completion + KernelTypes.Current.AddressOffset("completion", "wait"), 0, 0);
        return completion;
    }
}
