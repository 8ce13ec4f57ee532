namespace DdeLinux.Net.Tests;

/// <summary>Polling, softirqs, and frames on their way up.</summary>
public class PollTests
{
    [KernelFact]
    public void A_scheduled_poll_function_runs_as_a_softirq_and_its_frames_arrive() => WithPoll((domain, nic, poll) =>
    {
        byte[] frame = NetworkDomain.Frame(NetworkDomain.Address, NetworkDomain.Peer, 70, 3);
        poll.Frames.Enqueue(frame);
        poll.Schedule().ShouldBeTrue();
        poll.Runs.ShouldBe(0);
        domain.WaitUntil(() => domain.Received.Count == 1, "the frame");
        domain.Received[0].ShouldBe(frame);
        domain.Batches.ShouldBe(1);
        poll.Counts.ShouldAllBe(count => count == (PerCpu.Preemptible | PerCpu.SoftInterrupt));
        poll.Schedule().ShouldBeTrue();
    });

    [KernelFact]
    public void An_interrupt_during_a_poll_makes_it_run_once_more() => WithPoll((domain, _, poll) =>
    {
        poll.OnRun = () =>
        {
            poll.OnRun = null;
            poll.Schedule().ShouldBeFalse();
        };
        poll.Schedule();
        domain.WaitUntil(() => poll.Runs == 2, "two runs");
        poll.Schedule().ShouldBeTrue();
    });

    [KernelFact]
    public void A_poll_function_that_uses_its_budget_is_called_again() => WithPoll((domain, _, poll) =>
    {
        for (int number = 0; number < 150; number++)
            poll.Frames.Enqueue(NetworkDomain.Frame(NetworkDomain.Address, NetworkDomain.Peer, 60, number));
        poll.Schedule();
        domain.WaitUntil(() => domain.Received.Count == 150, "all frames");
        poll.Runs.ShouldBe(3);
        domain.Batches.ShouldBe(3);
    });

    [KernelFact]
    public void A_device_whose_owner_has_no_room_is_not_polled_until_it_is_resumed() => WithPoll((domain, _, poll) =>
    {
        domain.ReceivesAtMost = _ => 0;
        poll.Frames.Enqueue(NetworkDomain.Frame(NetworkDomain.Address, NetworkDomain.Peer, 60, 1));
        poll.Schedule();
        domain.Kernel.Scheduler.Sleep(10_000_000);
        poll.Runs.ShouldBe(0);
        // The driver's interrupts are off, as during any poll.
        poll.Schedule().ShouldBeFalse();

        domain.ReceivesAtMost = null;
        domain.Device.ResumeReceive();
        domain.WaitUntil(() => domain.Received.Count == 1, "the frame");
        domain.Device.ResumeReceive();
        domain.Kernel.Scheduler.Sleep(10_000_000);
        poll.Runs.ShouldBe(2, "once for the frame, once because it was scheduled meanwhile");
    });

    [KernelFact]
    public void A_poll_brings_no_more_than_the_owner_has_room_for() => WithPoll((domain, _, poll) =>
    {
        int room = 70;
        domain.ReceivesAtMost = most => Math.Min(most, room - domain.Received.Count);
        for (int number = 0; number < 100; number++)
            poll.Frames.Enqueue(NetworkDomain.Frame(NetworkDomain.Address, NetworkDomain.Peer, 60, number));
        poll.Schedule();
        domain.Kernel.Scheduler.Sleep(10_000_000);
        domain.Received.Count.ShouldBe(70);
        room = 100;
        domain.Device.ResumeReceive();
        domain.WaitUntil(() => domain.Received.Count == 100, "all frames");
    });

    [KernelFact]
    public void A_poll_function_that_is_held_back_can_be_disabled() => WithPoll((domain, _, poll) =>
    {
        domain.ReceivesAtMost = _ => 0;
        poll.Schedule();
        domain.Kernel.Scheduler.Sleep(10_000_000);
        domain.Kernel.Napi.napi_disable(poll.Napi);
        poll.Runs.ShouldBe(1);
        domain.Device.ResumeReceive();
        domain.Kernel.Scheduler.Sleep(10_000_000);
        poll.Runs.ShouldBe(1);
    });

    [KernelFact]
    public void A_disabled_poll_function_does_not_run() => WithPoll((domain, _, poll) =>
    {
        domain.Kernel.Napi.napi_disable(poll.Napi);
        poll.Schedule().ShouldBeFalse();
        domain.Kernel.Scheduler.Sleep(10_000_000);
        poll.Runs.ShouldBe(0);
        domain.Kernel.Napi.napi_enable(poll.Napi);
        poll.Schedule().ShouldBeTrue();
        // What was asked for meanwhile is remembered, as the kernel does.
        domain.WaitUntil(() => poll.Runs == 2, "the runs");
        // Waits until a run that was asked for is over.
        poll.Schedule();
        domain.Kernel.Napi.napi_disable(poll.Napi);
        poll.Runs.ShouldBe(3);
    });

    [KernelFact]
    public void Softirqs_wait_for_the_end_of_a_section_without_them() => WithPoll((domain, _, poll) =>
    {
        var kernel = domain.Kernel;
        const uint Section = 2 * PerCpu.SoftInterrupt;
        kernel.PerCpu.PreemptCount += Section;
        poll.Schedule();
        kernel.SoftInterrupts.RunPending();
        poll.Runs.ShouldBe(0);
        kernel.SoftInterrupts.__local_bh_enable_ip(0, Section);
        poll.Runs.ShouldBe(1);
    });

    [KernelFact]
    public void A_frame_of_fragments_is_shown_in_one_piece() => WithPoll((domain, nic, poll) =>
    {
        var kernel = domain.Kernel;
        byte[] frame = NetworkDomain.Frame(NetworkDomain.Address, NetworkDomain.Peer, 5000, 8);
        long before = kernel.Arena.Heap.LiveObjects;
        poll.OnRun = () =>
        {
            var gathered = kernel.Napi.napi_get_frags(poll.Napi);
            AddFragment(kernel, gathered, frame.AsSpan(0, 3000));
            AddFragment(kernel, gathered, frame.AsSpan(3000));
            kernel.Napi.napi_gro_frags(poll.Napi);
        };
        poll.Schedule();
        domain.WaitUntil(() => domain.Received.Count == 1, "the frame");
        domain.Received[0].ShouldBe(frame);
        kernel.Arena.Heap.LiveObjects.ShouldBe(before);
    });

    [KernelFact]
    public void A_tag_that_the_device_took_off_is_in_the_frame_again() => WithPoll((domain, nic, poll) =>
    {
        var kernel = domain.Kernel;
        byte[] frame = NetworkDomain.Frame(NetworkDomain.Address, NetworkDomain.Peer, 60, 8);
        var received = poll.Make(frame);
        received.protocol = kernel.Ethernet.eth_type_trans(received, nic.Device);
        received.vlan_present = true;
        received.vlan_proto = 0x0081;
        received.vlan_tci = 0x2005;
        kernel.Napi.netif_receive_skb(received);
        domain.Received[0].ShouldBe([.. frame[..12], 0x81, 0x00, 0x20, 0x05, .. frame[12..]]);
    });

    private static unsafe void AddFragment(LinuxKernel kernel, SkBuff frame, ReadOnlySpan<byte> bytes)
    {
        nint page = kernel.PageAllocator.alloc_pages(0, 0);
        bytes.CopyTo(kernel.Memory.Span<byte>(kernel.PageMap.AddressOf(page) + 64, bytes.Length));
        var shared = kernel.SkBuffs.SharedOf(frame);
        _ = new SkbFragment(shared.FragmentAt(shared.nr_frags).Address) { bv_page = page, bv_len = (uint)bytes.Length, bv_offset = 64 };
        shared.nr_frags++;
        frame.len += (uint)bytes.Length;
        frame.data_len += (uint)bytes.Length;
    }

    private static void WithPoll(Action<NetworkDomain, FakeNic, FakePoll> body) => NetworkDomain.Run(domain =>
    {
        var nic = new FakeNic(domain);
        var poll = new FakePoll(domain, nic.Device);
        nic.Register();
        domain.Device.Open();
        body(domain, nic, poll);
    });

    /// <summary>A driver's poll function, which receives the frames that the test put there.</summary>
    private sealed class FakePoll
    {
        private readonly NetworkDomain _domain;
        private readonly NetDevice _device;

        internal FakePoll(NetworkDomain domain, NetDevice device)
        {
            _domain = domain;
            _device = device;
            Napi = new NapiStruct(domain.Allocate(NapiStruct.Size));
            domain.Kernel.Napi.netif_napi_add_weight(device, Napi, domain.Function((_, budget, _) => Run((int)budget)), 64);
            domain.Kernel.Napi.napi_enable(Napi);
        }

        internal NapiStruct Napi { get; }

        internal Queue<byte[]> Frames { get; } = new();

        internal int Runs { get; private set; }

        internal List<uint> Counts { get; } = [];

        internal Action? OnRun { get; set; }

        internal bool Schedule()
        {
            if (!_domain.Kernel.Napi.napi_schedule_prep(Napi))
                return false;
            _domain.Kernel.Napi.__napi_schedule(Napi);
            return true;
        }

        internal SkBuff Make(byte[] bytes)
        {
            var frame = _domain.Kernel.SkBuffs.__napi_alloc_skb(Napi, (uint)bytes.Length, 0);
            bytes.CopyTo(_domain.Kernel.Memory.Span<byte>(_domain.Kernel.SkBuffData.skb_put(frame, (uint)bytes.Length), bytes.Length));
            return frame;
        }

        private int Run(int budget)
        {
            Runs++;
            Counts.Add(_domain.Kernel.PerCpu.PreemptCount);
            OnRun?.Invoke();
            int done = 0;
            for (; done < budget && Frames.TryDequeue(out byte[]? bytes); done++)
            {
                var frame = Make(bytes);
                frame.protocol = _domain.Kernel.Ethernet.eth_type_trans(frame, _device);
                _domain.Kernel.Napi.napi_gro_receive(Napi, frame);
            }
            if (done < budget)
                _domain.Kernel.Napi.napi_complete_done(Napi, done);
            return done;
        }
    }
}
