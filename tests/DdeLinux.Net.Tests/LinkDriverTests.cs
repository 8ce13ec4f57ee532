using Emulator;

namespace DdeLinux.Net.Tests;

/// <summary>What drivers of cards that know of their link have to do besides.</summary>
public abstract class LinkDriverTests : DriverTests
{
    [KernelFact]
    public void The_link_goes_down_and_comes_up_again_with_the_cable() => Run(domain =>
    {
        domain.OpenWithCarrier();
        domain.Wire.IsPluggedIn = false;
        domain.WaitUntil(() => !domain.Device.CarrierUp, "the loss of the link");
        domain.Device.TryTransmit(domain.Place(new byte[600]), 600, 0, more: false).ShouldBe(TransmitOutcome.Dropped);
        domain.Wire.IsPluggedIn = true;
        domain.WaitUntil(() => domain.Device.CarrierUp, "the link");
        byte[] frame = NetworkDomain.Frame(NetworkDomain.Address, NetworkDomain.Peer, 100, 2);
        domain.SendToDriver(frame);
        domain.WaitUntil(() => domain.Received.Count > 0, "a frame");
        domain.Received[^1].ShouldBe(frame);
    });

    [KernelFact]
    public void Frames_wait_in_the_card_while_the_owner_has_no_room() => Run(domain =>
    {
        const int Count = 200;
        domain.OpenWithCarrier();
        domain.ReceivesAtMost = _ => 0;
        for (int number = 0; number < Count; number++)
            domain.SendToDriver(NetworkDomain.Frame(NetworkDomain.Address, NetworkDomain.Peer, 100, number));
        domain.Kernel.Scheduler.Sleep(100_000_000);
        domain.Received.ShouldBeEmpty();
        // No frame comes later that would remind the card of those that it has.
        domain.ReceivesAtMost = null;
        domain.Device.ResumeReceive();
        domain.WaitUntil(() => domain.Received.Count == Count, "all frames");
        for (int number = 0; number < Count; number++)
            domain.Received[number].ShouldBe(NetworkDomain.Frame(NetworkDomain.Address, NetworkDomain.Peer, 100, number));
    });

    [KernelFact]
    public void A_link_that_is_lost_while_the_transmitter_hangs_comes_back_and_so_does_traffic() => Run(domain =>
    {
        domain.OpenWithCarrier();
        ulong place = domain.Place(NetworkDomain.Frame(NetworkDomain.Peer, NetworkDomain.Address, 1000, 1));
        domain.Faults.Present = NicFault.TransmitterStandsStill;
        domain.Device.TryTransmit(place, 1000, 1, more: false).ShouldBe(TransmitOutcome.Held);
        domain.Wire.IsPluggedIn = false;
        domain.WaitUntil(() => !domain.Device.CarrierUp, "the loss of the link");
        domain.Kernel.Scheduler.Sleep(20_000_000_000);
        domain.Wire.IsPluggedIn = true;
        domain.WaitUntil(() => domain.Device.CarrierUp, "the link");
        FillUntil(domain, place, () => domain.Faults.Present == NicFault.None);
        ShouldCarryFrames(domain);
    });
}
