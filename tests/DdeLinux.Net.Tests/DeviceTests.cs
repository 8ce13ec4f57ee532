using DdeKit.Foreign;

namespace DdeLinux.Net.Tests;

/// <summary>What the shim makes of a driver's network device.</summary>
public class DeviceTests
{
    [KernelFact]
    public void A_device_is_numbered_shown_and_gone_again_without_a_leak() => NetworkDomain.Run(domain =>
    {
        var kernel = domain.Kernel;
        _ = kernel.NetDevices.HeldDestructor;
        long before = kernel.Arena.Heap.LiveObjects;
        var nic = new FakeNic(domain);
        nic.Register();
        domain.Device.Name.ShouldBe("eth0");
        domain.Device.HardwareAddress.ToArray().ShouldBe(NetworkDomain.Address);
        (domain.Device.Mtu, domain.Device.MinimumMtu, domain.Device.MaximumMtu).ShouldBe((1500, 68, 1500));
        domain.Device.IsOpen.ShouldBeFalse();
        nint operations = nic.Device.netdev_ops.Address;
        kernel.NetDevices.unregister_netdev(nic.Device);
        kernel.NetDevices.free_netdev(nic.Device);
        kernel.Slab.kfree(operations);
        domain.Devices.ShouldBe(["+eth0", "-eth0"]);
        kernel.NetworkDevices.ShouldBeEmpty();
        kernel.Arena.Heap.LiveObjects.ShouldBe(before);
    });

    [KernelFact]
    public void A_device_whose_driver_refuses_to_open_it_stays_closed() => WithNic((domain, nic) =>
    {
        nic.OpenResult = -Errno.EIO;
        var refused = Should.Throw<NetworkDeviceException>(domain.Device.Open);
        refused.ErrorNumber.ShouldBe(-Errno.EIO);
        refused.Message.ShouldBe("eth0: opening it failed with error -5");
        domain.Device.IsOpen.ShouldBeFalse();
        nic.OpenResult = 0;
        domain.Device.Open();
        domain.Device.IsOpen.ShouldBeTrue();
    });

    [KernelFact]
    public void A_short_frame_is_copied_and_padded() => WithOpenNic((domain, nic) =>
    {
        byte[] frame = NetworkDomain.Frame(NetworkDomain.Peer, NetworkDomain.Address, 20, 1);
        ulong bus = domain.Place(frame);
        domain.Device.TryTransmit(bus, frame.Length, 7, more: false).ShouldBe(TransmitOutcome.Copied);
        nic.Bytes(nic.Held.Peek()).ShouldBe([.. frame, .. new byte[40]]);
        nic.CompleteAll();
        domain.Completed.ShouldBeEmpty();
    });

    [KernelFact]
    public void A_long_frame_is_lent_where_it_lies_and_completed_by_its_token() => WithOpenNic((domain, nic) =>
    {
        byte[] frame = NetworkDomain.Frame(NetworkDomain.Peer, NetworkDomain.Address, 1514, 1);
        ulong bus = domain.Place(frame);
        long before = domain.Kernel.Arena.Heap.LiveObjects;
        domain.Device.TryTransmit(bus, frame.Length, 0xfeed_0000_0007, more: true).ShouldBe(TransmitOutcome.Held);
        var held = nic.Held.Peek();
        held.data.ShouldBe(domain.Kernel.Arena.Base + (nint)bus);
        (held.len, held.data_len).ShouldBe((1514u, 0u));
        domain.Device.HeldFrames.ShouldBe(1);
        nic.CompleteAll();
        domain.Completed.ShouldBe([0xfeed_0000_0007UL]);
        domain.Device.HeldFrames.ShouldBe(0);
        domain.Kernel.Arena.Heap.LiveObjects.ShouldBe(before);
    });

    [KernelFact]
    public void Nothing_can_be_put_behind_a_lent_frame() => WithOpenNic((domain, nic) =>
    {
        domain.Device.TryTransmit(domain.Place(new byte[1000]), 1000, 0, more: false);
        Should.Throw<KernelFaultException>(() => domain.Kernel.SkBuffData.skb_put(nic.Held.Peek(), 4))
            .Message.ShouldContain("4 bytes do not fit behind its 1000 (0 are free");
    });

    [KernelFact]
    public void A_lent_frame_that_needs_a_larger_head_is_copied_into_it() => WithOpenNic((domain, nic) =>
    {
        byte[] frame = NetworkDomain.Frame(NetworkDomain.Peer, NetworkDomain.Address, 600, 9);
        domain.Device.TryTransmit(domain.Place(frame), frame.Length, 5, more: false);
        var held = nic.Held.Peek();
        domain.Kernel.SkBuffData.pskb_expand_head(held, 16, 8, 0).ShouldBe(0);
        nic.Bytes(held).ShouldBe(frame);
        (held.data - held.head).ShouldBe((nint)16);
        domain.Kernel.SkBuffData.skb_put(held, 8).ShouldBe(held.data + 600);
        nic.CompleteAll();
        domain.Completed.ShouldBe([5UL]);
    });

    [KernelFact]
    public void A_stopped_queue_is_busy_until_it_is_woken() => NetworkDomain.Run(domain =>
    {
        var nic = new FakeNic(domain, queueLength: 2);
        nic.Register();
        domain.Device.Open();
        ulong bus = domain.Place(new byte[600]);
        domain.Device.TryTransmit(bus, 600, 0, more: false).ShouldBe(TransmitOutcome.Held);
        domain.Device.TryTransmit(bus, 600, 1, more: false).ShouldBe(TransmitOutcome.Held);
        domain.Device.TryTransmit(bus, 600, 2, more: false).ShouldBe(TransmitOutcome.Busy);
        nic.CompleteAll();
        nic.Wake();
        domain.WaitUntil(() => domain.ReadyCalls == 1, "room");
        domain.Device.TryTransmit(bus, 600, 2, more: false).ShouldBe(TransmitOutcome.Held);
        domain.Completed.ShouldBe([0UL, 1UL]);
        nic.CompleteAll();
    });

    [KernelFact]
    public void A_frame_that_the_driver_does_not_take_stays_the_callers() => WithOpenNic((domain, nic) =>
    {
        nic.RefusesFrames = true;
        ulong bus = domain.Place(new byte[600]);
        long before = domain.Kernel.Arena.Heap.LiveObjects;
        domain.Device.TryTransmit(bus, 600, 3, more: false).ShouldBe(TransmitOutcome.Busy);
        domain.Completed.ShouldBeEmpty();
        domain.Device.HeldFrames.ShouldBe(0);
        domain.Kernel.Arena.Heap.LiveObjects.ShouldBe(before);
    });

    [KernelFact]
    public void Frames_are_dropped_and_counted_without_carrier_and_when_closed() => WithNic((domain, nic) =>
    {
        ulong bus = domain.Place(new byte[600]);
        domain.Device.TryTransmit(bus, 600, 0, more: false).ShouldBe(TransmitOutcome.Dropped);
        domain.Device.Open();
        domain.Kernel.LinkState.netif_carrier_off(nic.Device);
        domain.Device.TryTransmit(bus, 600, 0, more: false).ShouldBe(TransmitOutcome.Dropped);
        domain.Kernel.LinkState.netif_carrier_on(nic.Device);
        domain.Device.TryTransmit(bus, 600, 0, more: false).ShouldBe(TransmitOutcome.Held);
        domain.Device.ReadStatistics().TransmitDropped.ShouldBe(2UL);
        domain.Carriers.ShouldBe([false, true]);
    });

    [KernelFact]
    public void Bad_frames_are_refused_with_their_numbers() => WithOpenNic((domain, _) =>
    {
        var device = domain.Device;
        ulong end = domain.Kernel.Arena.Length;
        Should.Throw<ArgumentOutOfRangeException>(() => device.TryTransmit(0, 13, 0, false)).Message.ShouldContain("14 to 1518");
        Should.Throw<ArgumentOutOfRangeException>(() => device.TryTransmit(0, 1519, 0, false));
        Should.Throw<ArgumentOutOfRangeException>(() => device.TryTransmit(end - 99, 100, 0, false)).Message.ShouldContain("100 bytes");
        Should.Throw<ArgumentOutOfRangeException>(() => device.TryTransmit(ulong.MaxValue, 100, 0, false));
    });

    [KernelFact]
    public void A_transmitter_that_never_completes_is_found_and_reset() => NetworkDomain.Run(domain =>
    {
        var nic = new FakeNic(domain, queueLength: 1);
        nic.Register();
        domain.Device.Open();
        ulong bus = domain.Place(new byte[600]);
        domain.Device.TryTransmit(bus, 600, 1, more: false).ShouldBe(TransmitOutcome.Held);
        domain.Device.TryTransmit(bus, 600, 2, more: false).ShouldBe(TransmitOutcome.Busy);
        domain.WaitUntil(() => domain.ReadyCalls == 1, "the watchdog");
        nic.Timeouts.ShouldBe(1);
        domain.Device.ReadStatistics().TransmitTimeouts.ShouldBe(1UL);
        domain.Completed.ShouldBe([1UL]);
        domain.Events.Recent.ShouldContain(e => e.Kind == "kernel-warning" && e.Text.StartsWith("NETDEV WATCHDOG: eth0: transmit queue 0 timed out"));
        (domain.Kernel.Cpu.Now / 1_000_000_000).ShouldBeInRange(2, 5);
    });

    [KernelFact]
    public void A_heap_that_is_full_drops_frames_and_says_so() => WithOpenNic((domain, nic) =>
    {
        ulong bus = domain.Place(new byte[600]);
        for (int refused = 0; refused < 2; refused++)
        {
            long before = domain.Kernel.Arena.Heap.LiveObjects;
            domain.Kernel.Arena.Heap.RefuseAfter(refused);
            domain.Device.TryTransmit(bus, 600, 0, more: false).ShouldBe(TransmitOutcome.Dropped);
            domain.Kernel.Arena.Heap.LiveObjects.ShouldBe(before);
        }
        domain.Events.Recent.Count(e => e.Kind == "out-of-memory").ShouldBe(2);
        domain.Device.TryTransmit(bus, 600, 0, more: false).ShouldBe(TransmitOutcome.Held);
    });

    private static void WithNic(Action<NetworkDomain, FakeNic> body) => NetworkDomain.Run(domain =>
    {
        var nic = new FakeNic(domain);
        nic.Register();
        body(domain, nic);
    });

    private static void WithOpenNic(Action<NetworkDomain, FakeNic> body) => WithNic((domain, nic) =>
    {
        domain.Device.Open();
        body(domain, nic);
    });
}
