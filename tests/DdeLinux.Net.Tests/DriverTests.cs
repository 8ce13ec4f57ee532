using DdeKit;
using Emulator;

namespace DdeLinux.Net.Tests;

/// <summary>What every driver has to do: the distribution's module on an emulated card, the other end of the wire in the test's hand.</summary>
public abstract partial class DriverTests
{
    private protected abstract NicModel Model { get; }

    private protected abstract string[] Modules { get; }

    /// <summary>Whether instructions that access the card trap once, or each time.</summary>
    private protected virtual bool PatchesSites => true;

    [KernelFact]
    public void The_driver_finds_its_card_and_the_link_comes_up() => Run(domain =>
    {
        domain.Kernel.ProbeResult.ShouldBe(0);
        domain.Device.HardwareAddress.ToArray().ShouldBe(NetworkDomain.Address);
        domain.OpenWithCarrier();
        domain.Device.Close();
        domain.Device.IsOpen.ShouldBeFalse();
    });

    [KernelFact]
    public void A_frame_goes_each_way() => Run(domain =>
    {
        domain.OpenWithCarrier();
        byte[] there = NetworkDomain.Frame(NetworkDomain.Peer, NetworkDomain.Address, 1514, 1);
        domain.Device.TryTransmit(domain.Place(there), there.Length, 42, more: false).ShouldBe(TransmitOutcome.Held);
        var sent = new List<byte[]>();
        domain.WaitUntil(() =>
        {
            sent.AddRange(domain.Sent());
            return sent.Count > 0 && domain.Completed.Count > 0;
        }, "the frame on the wire");
        sent.ShouldHaveSingleItem().ShouldBe(there);
        domain.Completed.ShouldBe([42UL]);

        byte[] back = NetworkDomain.Frame(NetworkDomain.Address, NetworkDomain.Peer, 1514, 2);
        domain.SendToDriver(back);
        domain.WaitUntil(() => domain.Received.Count > 0, "the frame from the wire");
        domain.Received.ShouldHaveSingleItem().ShouldBe(back);
    });

    [KernelFact]
    public void Many_frames_of_all_lengths_go_both_ways_in_order_and_without_loss() => Run(domain =>
    {
        const int Count = 600;
        domain.OpenWithCarrier();
        var expected = Enumerable.Range(0, Count).Select(n => NetworkDomain.Frame(NetworkDomain.Peer, NetworkDomain.Address, 60 + n * 37 % 1455, n)).ToList();
        ulong[] places = [.. expected.Select(frame => domain.Place(frame))];
        var sent = new List<byte[]>();
        int next = 0;
        int back = 0;
        domain.WaitUntil(() =>
        {
            while (next < Count)
            {
                var outcome = domain.Device.TryTransmit(places[next], expected[next].Length, (ulong)next, more: next % 8 != 7);
                if (outcome == TransmitOutcome.Busy)
                    break;
                outcome.ShouldBe(expected[next].Length > 256 ? TransmitOutcome.Held : TransmitOutcome.Copied);
                next++;
            }
            sent.AddRange(domain.Sent());
            // Not more at once than the smallest card has room for.
            for (int burst = 0; burst < 4 && back < Count && domain.Received.Count >= back - 4; burst++)
                domain.SendToDriver(NetworkDomain.Frame(NetworkDomain.Address, NetworkDomain.Peer, 60 + back * 41 % 1455, back++));
            return sent.Count == Count && domain.Received.Count == Count && domain.Device.HeldFrames == 0;
        }, "all frames");
        for (int index = 0; index < Count; index++)
        {
            sent[index].ShouldBe(expected[index]);
            domain.Received[index].ShouldBe(NetworkDomain.Frame(NetworkDomain.Address, NetworkDomain.Peer, 60 + index * 41 % 1455, index));
        }
        domain.Completed.Order().ShouldBe(Enumerable.Range(0, Count).Where(n => expected[n].Length > 256).Select(n => (ulong)n));
        var statistics = domain.Device.ReadStatistics();
        (statistics.TransmitDropped, statistics.TransmitErrors, statistics.ReceiveErrors, statistics.ReceiveDropped).ShouldBe((0UL, 0UL, 0UL, 0UL));
    });

    [KernelFact]
    public void Frames_for_others_come_only_to_who_asks_for_them() => Run(domain =>
    {
        domain.OpenWithCarrier();
        byte[] group = [0x01, 0x00, 0x5e, 0x01, 0x02, 0x03];
        byte[][] frames = [.. new[] { NetworkDomain.Peer, group, NetworkDomain.Address }.Select(to => NetworkDomain.Frame(to, NetworkDomain.Peer, 60, 1))];
        int[] Arrive()
        {
            domain.Received.Clear();
            foreach (byte[] frame in frames)
                domain.SendToDriver(frame);
            domain.WaitUntil(() => domain.Received.Any(frame => frame.SequenceEqual(frames[2])), "the frame for the card");
            return [.. domain.Received.Select(frame => Array.FindIndex(frames, known => known.SequenceEqual(frame)))];
        }
        Arrive().ShouldBe([2]);
        domain.Device.SetMulticast(group);
        Arrive().ShouldBe([1, 2]);
        domain.Device.SetPromiscuous(true);
        Arrive().ShouldBe([0, 1, 2]);
        domain.Device.SetPromiscuous(false);
        domain.Device.SetMulticast([]);
        Arrive().ShouldBe([2]);
    });

    [KernelFact]
    public void Loading_and_unloading_ten_times_leaks_nothing() => Run(domain =>
    {
        var kernel = domain.Kernel;
        Unload(domain);
        (long Objects, long Bytes) first = default;
        for (int round = 0; round < 10; round++)
        {
            foreach (string module in Modules)
                domain.Insert(module);
            domain.OpenWithCarrier();
            byte[] frame = NetworkDomain.Frame(NetworkDomain.Peer, NetworkDomain.Address, 1000, round);
            ulong place = domain.Place(frame);
            domain.Device.TryTransmit(place, frame.Length, 1, more: false).ShouldBe(TransmitOutcome.Held);
            domain.SendToDriver(NetworkDomain.Frame(NetworkDomain.Address, NetworkDomain.Peer, 500, round));
            domain.WaitUntil(() => domain.Received.Count > round && domain.Completed.Count > round, "frames");
            domain.Drain();
            domain.Unplace(place);
            Unload(domain);
            var now = (kernel.Arena.Heap.LiveObjects, kernel.Arena.Heap.LiveBytes);
            if (round == 0)
                first = now;
            else
                now.ShouldBe(first);
        }
    });

    [KernelFact]
    public void Steady_traffic_allocates_no_managed_memory() => Run(domain =>
    {
        const int Rounds = 300;
        const int Batch = 25;
        domain.OpenWithCarrier();
        domain.CountsOnly = true;
        ulong place = domain.Place(NetworkDomain.Frame(NetworkDomain.Peer, NetworkDomain.Address, 600, 1));
        byte[] back = NetworkDomain.Frame(NetworkDomain.Address, NetworkDomain.Peer, 600, 1);
        int round = 0;
        int held = 0;
        long before = 0;
        long least = long.MaxValue;
        KitTimer timer = null!;
        // On the event loop, as a port does; interrupts and polls run there too.
        timer = new KitTimer(domain.Kernel.Cpu.Timers, () =>
        {
            // Of the batches the one with the least counts: the runtime allocates for itself while it recompiles.
            if (round % Batch == 0)
            {
                if (round != 0)
                    least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
                before = GC.GetAllocatedBytesForCurrentThread();
            }
            for (int number = 0; number < 4; number++)
            {
                if (domain.Device.TryTransmit(place, number % 2 == 0 ? 600 : 60, 1, more: number < 3) == TransmitOutcome.Held)
                    held++;
                domain.SendToDriver(back);
            }
            domain.Drain();
            if (++round < Rounds)
                timer.Set(domain.Kernel.Cpu.Now + 1_000_000);
        });
        timer.Set(domain.Kernel.Cpu.Now);
        domain.Kernel.Scheduler.Sleep((Rounds + 100) * 1_000_000L);
        (domain.ReceivedCount, domain.CompletedCount).ShouldBe((4L * Rounds, held));
        held.ShouldBeGreaterThan(Rounds);
        least.ShouldBe(0);
    });

    [KernelFact]
    public void Frames_wait_while_the_interrupt_is_disabled() => Run(domain =>
    {
        domain.OpenWithCarrier();
        uint line = domain.Kernel.PciBusCore.Device.irq;
        domain.Kernel.Interrupts.disable_irq(line);
        domain.SendToDriver(NetworkDomain.Frame(NetworkDomain.Address, NetworkDomain.Peer, 100, 1));
        domain.Kernel.Scheduler.Sleep(50_000_000);
        domain.Received.ShouldBeEmpty();
        domain.Kernel.Interrupts.enable_irq(line);
        domain.WaitUntil(() => domain.Received.Count == 1, "the frame");
    });

    [KernelFact]
    public void A_transmitter_whose_card_stands_still_works_again_when_it_can() => Run(domain =>
    {
        domain.OpenWithCarrier();
        ulong place = domain.Place(NetworkDomain.Frame(NetworkDomain.Peer, NetworkDomain.Address, 1514, 1));
        // Nobody takes frames off the wire: it fills, then the card's ring. The driver finds out, and may reset the card.
        long end = domain.Kernel.Cpu.Now + 20_000_000_000;
        int busy = 0;
        domain.WaitUntil(() =>
        {
            while (domain.Device.TryTransmit(place, 1514, 1, more: false) == TransmitOutcome.Held)
            {
            }
            busy++;
            return domain.Kernel.Cpu.Now >= end;
        }, "twenty seconds");
        busy.ShouldBeGreaterThan(10_000);
        domain.WaitUntil(() =>
        {
            domain.Drain();
            return domain.Device.HeldFrames == 0 && domain.Device.CarrierUp;
        }, "the end of all frames");
        domain.WaitUntil(() => domain.Device.TryTransmit(place, 1514, 2, more: false) == TransmitOutcome.Held, "room");
        domain.WaitUntil(() => domain.Completed[^1] == 2 && domain.Drain() > 0, "a frame on the wire");
    });

    [KernelFact]
    public void Another_address_is_the_cards_from_then_on() => Run(domain =>
    {
        byte[] address = [0x02, 0, 0, 0, 0, 0x17];
        Should.Throw<NetworkDeviceException>(() => domain.Device.SetHardwareAddress([1, 0, 0, 0, 0, 0])).ErrorNumber.ShouldBe(-Errno.EADDRNOTAVAIL);
        domain.Device.SetHardwareAddress(address);
        domain.Device.HardwareAddress.ToArray().ShouldBe(address);
        domain.OpenWithCarrier();
        byte[] frame = NetworkDomain.Frame(address, NetworkDomain.Peer, 100, 1);
        domain.SendToDriver(NetworkDomain.Frame(NetworkDomain.Address, NetworkDomain.Peer, 100, 1));
        domain.SendToDriver(frame);
        domain.WaitUntil(() => domain.Received.Count > 0, "the frame");
        domain.Received.ShouldHaveSingleItem().ShouldBe(frame);
    });

    private protected void Run(Action<NetworkDomain> body) => NetworkDomain.Run(Model, Modules, PatchesSites, body);

    private static void Unload(NetworkDomain domain)
    {
        var loaded = domain.Kernel.Modules.ToList();
        for (int index = loaded.Count - 1; index >= 0; index--)
            domain.Kernel.RemoveModule(loaded[index]);
        domain.Kernel.NetworkDevices.ShouldBeEmpty();
    }
}

/// <summary>Debian's <c>e1000</c> on Intel's 82540EM.</summary>
public abstract class E1000DriverTests : LinkDriverTests
{
    private protected override NicModel Model => NicModel.E1000;

    private protected override string[] Modules => ["e1000"];

    [KernelFact]
    public void Jumbo_frames_go_both_ways() => Run(domain =>
    {
        domain.OpenWithCarrier();
        domain.Device.SetMtu(9000);
        domain.WaitUntil(() => domain.Device.CarrierUp, "carrier");
        byte[] there = NetworkDomain.Frame(NetworkDomain.Peer, NetworkDomain.Address, 9014, 1);
        domain.Device.TryTransmit(domain.Place(there), there.Length, 1, more: false).ShouldBe(TransmitOutcome.Held);
        byte[] back = NetworkDomain.Frame(NetworkDomain.Address, NetworkDomain.Peer, 9000, 1);
        domain.SendToDriver(back);
        domain.WaitUntil(() => domain.Completed.Count > 0 && domain.Received.Count > 0, "frames");
        domain.Received[0].ShouldBe(back);
        domain.Sent()[0].ShouldBe(there);
        Should.Throw<NetworkDeviceException>(() => domain.Device.SetMtu(20_000)).Message.ShouldContain("set the MTU to 20000 failed");
    });

    [KernelFact]
    public void The_drivers_own_counters_have_names() => Run(domain =>
        domain.Device.ReadDriverStatistics().Select(counter => counter.Name).ShouldContain("tx_packets"));
}

/// <summary>With patched accesses.</summary>
public sealed class E1000Tests : E1000DriverTests
{
    [KernelFact]
    public void Each_instruction_that_accesses_the_card_traps_once() => Run(domain =>
    {
        domain.OpenWithCarrier();
        domain.Device.Close();
        var handler = domain.Kernel.TrapHandler;
        var patcher = handler.Patcher.ShouldNotBeNull();
        patcher.Unpatchable.ShouldBeEmpty();
        patcher.PatchedSites.ShouldBeGreaterThan(200);
        handler.DeviceTraps.ShouldBe(patcher.PatchedSites);
        domain.Kernel.Pci.Memory.Accesses.ShouldBeGreaterThan(10 * handler.DeviceTraps);
    });
}

/// <summary>The same with sites as they are: each access traps.</summary>
public sealed class TrappedE1000Tests : E1000DriverTests
{
    private protected override bool PatchesSites => false;

    [KernelFact]
    public void Each_access_traps() => Run(domain =>
    {
        domain.OpenWithCarrier();
        domain.Kernel.TrapHandler.Patcher.ShouldBeNull();
        domain.Kernel.TrapHandler.DeviceTraps.ShouldBeGreaterThan(5000);
    });
}

/// <summary>Debian's <c>ne2k-pci</c> on Realtek's RTL8029.</summary>
public abstract class Ne2000DriverTests : DriverTests
{
    private protected override NicModel Model => NicModel.Ne2000;

    private protected override string[] Modules => ["8390", "ne2k-pci"];
}

/// <summary>With patched accesses.</summary>
public sealed class Ne2000Tests : Ne2000DriverTests;

/// <summary>The same with sites as they are: each access traps.</summary>
public sealed class TrappedNe2000Tests : Ne2000DriverTests
{
    private protected override bool PatchesSites => false;
}
