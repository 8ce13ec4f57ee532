using System.Diagnostics;

namespace L4.Processes.Tests;

/// <summary>The same task in this process and in one of its own: whoever deals with it sees no difference.</summary>
public abstract class TaskTests : IDisposable
{
    private readonly L4System _system;
    private readonly IDisposable _attached;

    private protected TaskTests(Isolation isolation, string program = "companion")
    {
        _system = new L4System(new RealClock(), isolation);
        Host = isolation == Isolation.Process
            ? new ProcessTaskHost(_system, typeof(TaskTests).Assembly.Location, [], Processes.Tests.Companion.Programs) { HeapBytes = 64 << 20 }
            : new LocalTaskHost(_system, Processes.Tests.Companion.Programs);
        Task = Host.StartTask("companion", program);
        Companion = new CompanionProxy(_system.Root, Task.Gate);
        _attached = Root.Enter();
    }

    private protected ITaskHost Host { get; }

    private protected HostedTask Task { get; }

    private protected CompanionProxy Companion { get; }

    private protected L4System System => _system;

    private protected L4Task Root => _system.Root;

    public void Dispose()
    {
        _attached.Dispose();
        _system.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void A_call_is_answered()
    {
        for (int i = 0; i < 1000; i++)
            Companion.Add(i, 2).ShouldBe(i + 2);
    }

    [Fact]
    public void A_message_of_the_greatest_size_arrives_whole()
    {
        byte[] bytes = new byte[Message.Size - sizeof(int)];
        new Random(1).NextBytes(bytes);
        byte[] answer = Companion.Reverse(bytes);
        Array.Reverse(answer);
        answer.ShouldBe(bytes);
    }

    [Fact]
    public void An_error_of_the_service_reaches_the_caller_with_its_kind_and_text()
    {
        var error = Should.Throw<ServiceException>(() => Companion.Fail(ServiceError.Busy));
        error.Error.ShouldBe(ServiceError.Busy);
        error.Message.ShouldBe("asked to fail with Busy");
        Companion.Add(1, 1).ShouldBe(2);
    }

    [Fact]
    public void A_servers_own_mistake_is_an_error_of_that_call_and_an_event()
    {
        Should.Throw<ServiceException>(Companion.Slip).Error.ShouldBe(ServiceError.ServerFault);
        Companion.Add(1, 1).ShouldBe(2);
        Await(() => System.Events.Count("companion", "server-fault") == 1);
    }

    [Fact]
    public void A_dataspace_is_shared_in_both_directions()
    {
        var mine = Root.CreateDataspace("mine", 4096);
        using var mapping = Root.Map(mine);
        BitConverter.TryWriteBytes(mapping.Bytes, 17u);
        Companion.FirstWord(mine).ShouldBe(17u);
        Companion.SetFirstWord(mine, 18);
        BitConverter.ToUInt32(mapping.Bytes).ShouldBe(18u);

        var theirs = Companion.Allocate(100);
        using var other = Root.Map(theirs);
        other.Length.ShouldBe(4096UL);
        BitConverter.TryWriteBytes(other.Bytes, 19u);
        Companion.FirstWord(theirs).ShouldBe(19u);
    }

    [Fact]
    public void Without_the_write_right_a_dataspace_cannot_be_written_there()
    {
        var readable = Root.Restrict(Root.CreateDataspace("readable", 4096), CapabilityRights.Read);
        Companion.FirstWord(readable).ShouldBe(0u);
        Should.Throw<ServiceException>(() => Companion.SetFirstWord(readable, 1)).Error.ShouldBe(ServiceError.AccessDenied);
        Root.RightsOf(Companion.Echo(readable)).ShouldBe(CapabilityRights.Read);
    }

    [Fact]
    public void A_notification_is_signalled_and_waited_for_from_both_sides()
    {
        var capability = Root.CreateNotification();
        Companion.Signal(capability, 6);
        Root.Open<Notification>(capability).Wait().ShouldBe(6UL);
        Root.Open<Notification>(Companion.WaitedFor()).Signal(8);
        Companion.Wait().ShouldBe(8UL);
    }

    [Fact]
    public void Capabilities_of_all_kinds_come_back_as_they_went()
    {
        Capability[] sent = [Root.CreateDataspace("d", 4096), Capability.Null, Root.CreateNotification(), Task.Gate, Companion.Portal()];
        var back = Companion.EchoAll(sent);
        back.Length.ShouldBe(5);
        Root.Open<Dataspace>(back[0]).Name.ShouldBe("d");
        back[1].IsNull.ShouldBeTrue();
        Root.Open<Notification>(back[2]).Signal(1);
        Root.Open<Notification>(sent[2]).Poll().ShouldBe(1UL);
        new CompanionProxy(Root, back[3]).Add(3, 4).ShouldBe(7);
        Root.Open<Portal>(back[4]).Enter(4).ShouldBe(5UL);
    }

    [Fact]
    public void A_third_task_calls_what_it_was_given_and_the_first_can_be_called_back()
    {
        using var third = Host.StartTask("third", "companion");
        new CompanionProxy(Root, third.Gate).CallBack(Task.Gate, 20, 22).ShouldBe(42);
        var mine = System.CreateTask("mine");
        var gate = mine.GiveTo(Root, mine.CreateGate(new CompanionDispatcher(new Companion(mine))));
        Companion.CallBack(gate, 1, 2).ShouldBe(3);
        Companion.EnterPortal(mine.GiveTo(Root, mine.CreatePortal(new Companion(mine))), 9).ShouldBe(10UL);
    }

    [Fact]
    public void Words_arrive_in_the_order_in_which_they_were_posted_and_before_a_later_call()
    {
        var portal = Root.Open<Portal>(Companion.Portal());
        var other = Root.Open<Portal>(Companion.Portal());
        for (ulong word = 0; word < 8_000; word += 2)
        {
            portal.Post(word);
            other.Post(word + 1);
        }
        var seen = Companion.WordsSeen();
        seen.Length.ShouldBe(8_000);
        for (int i = 0; i < seen.Length; i++)
            seen[i].ShouldBe((ulong)i);
        portal.Enter(10_000).ShouldBe(10_001UL);
        Should.Throw<ServiceException>(() => portal.Enter(ulong.MaxValue)).Message.ShouldBe("not this word");
    }

    [Fact]
    public void An_interrupt_crosses_and_is_masked_until_it_is_acknowledged()
    {
        var capability = Root.CreateNotification();
        var notification = Root.Open<Notification>(capability);
        var interrupt = Root.Open<Interrupt>(Companion.Interrupt(capability, 4));
        Companion.SetLevel(true);
        notification.Wait().ShouldBe(4UL);
        Companion.SetLevel(true);
        notification.Poll().ShouldBe(0UL);
        interrupt.Acknowledge();
        notification.Wait().ShouldBe(4UL);
        Companion.SetLevel(false);
        interrupt.Acknowledge();
        notification.Poll().ShouldBe(0UL);
        (interrupt.Rises, interrupt.Delivered).ShouldBe((1L, 2L));
    }

    [Fact]
    public void Many_threads_call_at_once()
    {
        var threads = Enumerable.Range(0, 12).Select(n => Root.StartThread($"caller {n}", () =>
        {
            for (int i = 0; i < 200; i++)
                Companion.Add(n, i).ShouldBe(n + i);
        })).ToList();
        threads.ForEach(thread => thread.Join());
        Root.IsDead.ShouldBeFalse();
    }

    [Fact]
    public void A_task_that_ends_is_gone_for_callers_and_watchers_with_its_cause()
    {
        var notification = Root.CreateNotification();
        Root.NotifyWhenGone(Task.Gate, notification, 2);
        Should.Throw<ServiceException>(() => Companion.End("enough")).Message.ShouldBe("task 'companion' is gone: enough");
        Root.Open<Notification>(notification).Wait().ShouldBe(2UL);
        var error = Should.Throw<ServiceException>(() => Companion.Add(1, 1));
        error.Error.ShouldBe(ServiceError.ServerGone);
        error.Message.ShouldBe("task 'companion' is gone: enough");
        Await(() => Task.IsDead);
        System.Events.Recent.ShouldContain(e => e.Source == "companion" && e.Kind == "task-ended" && e.Text == "enough");
        Task.CauseOfDeath.ShouldBe("enough");
        Root.NotifyWhenGone(Task.Gate, notification, 4);
        Root.Open<Notification>(notification).Wait().ShouldBe(4UL);
    }

    [Fact]
    public void A_caller_that_waits_is_told_when_the_server_is_killed()
    {
        var waiting = Root.StartThread("waiting", () => Should.Throw<ServiceException>(Companion.Hang).Error.ShouldBe(ServiceError.ServerGone));
        Task.Kill("no longer wanted");
        waiting.Join();
        Root.IsDead.ShouldBeFalse();
        Should.Throw<ServiceException>(() => Companion.Add(1, 1)).Message.ShouldContain("companion");
    }

    [Fact]
    public void Names_are_looked_up_from_anywhere()
    {
        Root.Names.Register("companion", Task.Gate);
        Companion.Names().ShouldBe(["companion"]);
        new CompanionProxy(Root, Root.Names.Lookup("companion")).Add(1, 1).ShouldBe(2);
    }

    [Fact]
    public void A_program_that_does_not_start_says_why()
    {
        var error = Should.Throw<ServiceException>(() => Host.StartTask("broken", "broken"));
        error.Message.ShouldContain("the file is broken");
        Should.Throw<ServiceException>(() => Host.StartTask("odd", "odd")).Message.ShouldContain("there is no program 'odd'");
    }

    private protected static void Await(Func<bool> condition) => SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(10)).ShouldBeTrue();
}

/// <summary>Tasks of this process.</summary>
public sealed class LocalTaskTests() : TaskTests(Isolation.None);

/// <summary>Each task in a process of its own.</summary>
public sealed class ProcessTaskTests() : TaskTests(Isolation.Process)
{
    [Fact]
    public void What_a_task_reported_is_known_though_its_process_is_killed_at_once()
    {
        for (int i = 0; i < 100; i++)
            Companion.Report($"note {i}");
        Process.GetProcessById(Task.ProcessId).Kill();
        Await(() => Task.IsDead);
        System.Events.Count("companion", "note").ShouldBe(100);
        System.Events.Count("companion", "task-ended").ShouldBe(1);
    }

    [Fact]
    public void A_process_that_exits_is_gone_for_a_caller_in_the_middle_of_a_call()
    {
        Should.Throw<ServiceException>(Companion.Exit).Error.ShouldBe(ServiceError.ServerGone);
        Await(() => Task.IsDead);
    }

    [Fact]
    public void A_process_that_runs_out_of_memory_is_told_as_such()
    {
        Companion.Burst();
        Await(() => Task.IsDead);
        Task.CauseOfDeath!.ShouldContain("ran out of memory");
        System.Events.Recent.ShouldContain(static e => e.Kind == L4Task.FaultEvent && e.Text.Contains(nameof(OutOfMemoryException)));
    }

    [Fact]
    public void What_nobody_holds_any_more_is_given_up_on_both_sides()
    {
        int before = Directory.GetFiles($"/proc/{Task.ProcessId}/fd").Length;
        int mine = Root.CapabilityCount;
        for (int i = 0; i < 50; i++)
        {
            var portal = Companion.Portal();
            Root.Open<Portal>(portal).Enter((ulong)i);
            Root.Release(portal);
        }
        Root.CapabilityCount.ShouldBe(mine);
        Await(() => Directory.GetFiles($"/proc/{Task.ProcessId}/fd").Length < before + 10);
    }

    [Fact]
    public void Steady_calls_allocate_nothing()
    {
        for (int i = 0; i < 100; i++)
            Companion.Add(i, i);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            Companion.Add(i, i);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(100);
    }
}

/// <summary>Each task in a process of its own, and confined.</summary>
public sealed class ConfinedTaskTests() : TaskTests(Isolation.Process, "confined companion")
{
    [Fact]
    public void The_kernel_knows_the_process_as_confined()
    {
        string[] status = File.ReadAllLines($"/proc/{Task.ProcessId}/status");
        status.ShouldContain("Seccomp:\t2");
        status.ShouldContain("NoNewPrivs:\t1");
        status.ShouldContain("CapEff:\t0000000000000000");
    }

    [Fact]
    public void It_opens_no_file() => Should.Throw<ServiceException>(() => Companion.ReadFile("/etc/hostname")).Message.ShouldContain("denied");

    [Fact]
    public void What_may_only_be_read_is_for_others_to_hand_out()
    {
        Should.Throw<ServiceException>(() => Companion.AllocateForReading(4096)).Message.ShouldContain("opening a dataspace for reading only");
        Companion.Add(1, 1).ShouldBe(2);
    }

    [Fact]
    public void A_spare_becomes_the_next_task_and_another_takes_its_place()
    {
        var host = (ProcessTaskHost)Host;
        host.SpareProcessId.ShouldBe(0);
        host.KeepSpare("confined companion");
        int spare = host.SpareProcessId;
        using (var other = host.StartTask("other", "companion"))
            other.ProcessId.ShouldNotBe(spare);
        using var task = host.StartTask("next", "confined companion");
        task.ProcessId.ShouldBe(spare);
        new CompanionProxy(Root, task.Gate).Add(1, 2).ShouldBe(3);
        host.SpareProcessId.ShouldNotBe(0);
        host.SpareProcessId.ShouldNotBe(spare);
    }

    [Fact]
    public void A_spare_that_was_killed_is_an_event_and_the_task_starts_without_it()
    {
        var host = (ProcessTaskHost)Host;
        host.KeepSpare("confined companion");
        using (var process = Process.GetProcessById(host.SpareProcessId))
        {
            process.Kill();
            process.WaitForExit();
        }
        using var task = host.StartTask("next", "confined companion");
        new CompanionProxy(Root, task.Gate).Add(1, 2).ShouldBe(3);
        System.Events.Recent.ShouldContain(static e => e.Kind == "spare-lost" && e.Text.Contains("signal 9"));
    }

    [Fact]
    public void A_spare_ends_with_its_system()
    {
        var system = new L4System(new RealClock(), Isolation.Process);
        var host = new ProcessTaskHost(system, typeof(TaskTests).Assembly.Location, [], Processes.Tests.Companion.Programs);
        host.KeepSpare("confined companion");
        int spare = host.SpareProcessId;
        system.Dispose();
        Directory.Exists($"/proc/{spare}").ShouldBeFalse();
    }
}
