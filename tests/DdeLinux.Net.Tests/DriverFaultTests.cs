using DdeKit.Pci;
using Emulator;

namespace DdeLinux.Net.Tests;

/// <summary>Cards that hang, and what the distribution's drivers do about it.</summary>
public abstract partial class DriverTests
{
    [KernelFact]
    public void A_transmitter_that_takes_no_frames_is_reset_by_its_driver_and_traffic_goes_on() => ShouldTimeOutAndGoOn(NicFault.TransmitterStandsStill);

    [KernelFact]
    public void A_transmitter_that_never_sets_its_done_bits_is_reset_by_its_driver_and_traffic_goes_on() => ShouldTimeOutAndGoOn(NicFault.DoneIsNotWritten);

    [KernelFact]
    public void A_card_whose_interrupt_is_lost_is_reset_by_its_driver_and_traffic_goes_on() => ShouldTimeOutAndGoOn(NicFault.InterruptIsLost);

    [KernelFact]
    public void A_card_whose_faults_outlast_each_reset_times_out_again_and_again() => Run(domain =>
    {
        domain.OpenWithCarrier();
        ulong place = domain.Place(NetworkDomain.Frame(NetworkDomain.Peer, NetworkDomain.Address, 1000, 1));
        for (ulong round = 1; round <= 3; round++)
        {
            domain.Faults.Present = NicFault.TransmitterStandsStill;
            FillUntil(domain, place, () => domain.Device.ReadStatistics().TransmitTimeouts >= round && domain.Faults.Present == NicFault.None);
        }
        ShouldCarryFrames(domain);
    });

    [KernelFact]
    public void A_card_that_never_takes_its_interrupt_back_is_masked_and_reported_and_works_when_it_is_opened_again() => Run(domain =>
    {
        domain.OpenWithCarrier();
        domain.Faults.Present = NicFault.InterruptIsStuck;
        domain.WaitUntil(() => domain.Events.Count("driver", InterruptController.StormEvent) == 1, "the report of the storm");
        long delivered = domain.Kernel.Pci.Interrupts.Delivered;
        domain.Kernel.Scheduler.Sleep(100_000_000);
        domain.Kernel.Pci.Interrupts.Delivered.ShouldBe(delivered);
        domain.Device.Close();
        domain.Faults.Present = NicFault.None;
        domain.OpenWithCarrier();
        ShouldCarryFrames(domain);
    });

    [KernelFact]
    public void A_driver_whose_transmitter_hangs_can_be_unloaded_and_gives_all_frames_back() => Run(domain =>
    {
        domain.OpenWithCarrier();
        ulong place = domain.Place(NetworkDomain.Frame(NetworkDomain.Peer, NetworkDomain.Address, 1000, 1));
        domain.Faults.Present = NicFault.TransmitterStandsStill | NicFault.InterruptIsLost;
        int held = 0;
        while (domain.Device.TryTransmit(place, 1000, 1, more: false) == TransmitOutcome.Held)
            held++;
        held.ShouldBeGreaterThan(0);
        Unload(domain);
        domain.Completed.Count.ShouldBe(held);
    });

    private protected static void ShouldCarryFrames(NetworkDomain domain)
    {
        domain.WaitUntil(() => domain.Drain() == 0 && domain.Device is { HeldFrames: 0, CarrierUp: true }, "the end of old frames");
        byte[] there = NetworkDomain.Frame(NetworkDomain.Peer, NetworkDomain.Address, 700, 77);
        ulong place = domain.Place(there);
        domain.WaitUntil(() => domain.Device.TryTransmit(place, there.Length, 77, more: false) == TransmitOutcome.Held, "room for a frame");
        bool isThere = false;
        domain.WaitUntil(() =>
        {
            // Drivers that copy frames may still have old ones that they gave back long ago.
            isThere |= domain.Sent().Any(frame => frame.AsSpan().SequenceEqual(there));
            return isThere && domain.Completed.Contains(77);
        }, "a frame on the wire");
        byte[] back = NetworkDomain.Frame(NetworkDomain.Address, NetworkDomain.Peer, 300, 78);
        domain.Received.Clear();
        domain.SendToDriver(back);
        domain.WaitUntil(() => domain.Received.Count > 0, "a frame from the wire");
        domain.Received[0].ShouldBe(back);
    }

    /// <summary>Sends as much as the driver takes, until a condition holds.</summary>
    private protected static void FillUntil(NetworkDomain domain, ulong place, Func<bool> condition) => domain.WaitUntil(() =>
    {
        while (domain.Device.TryTransmit(place, 1000, 1, more: false) == TransmitOutcome.Held)
        {
        }
        domain.Drain();
        return condition();
    }, "the driver's reset");

    private void ShouldTimeOutAndGoOn(NicFault fault) => Run(domain =>
    {
        domain.OpenWithCarrier();
        ShouldCarryFrames(domain);
        domain.Device.ReadStatistics().TransmitTimeouts.ShouldBe(0UL);
        ulong place = domain.Place(NetworkDomain.Frame(NetworkDomain.Peer, NetworkDomain.Address, 1000, 1));

        domain.Faults.Present = fault;
        FillUntil(domain, place, () => domain.Faults.Resets > 0);

        domain.Device.ReadStatistics().TransmitTimeouts.ShouldBe(1UL);
        domain.Kernel.Log.Lines.ShouldContain(line => line.Text.Contains("NETDEV WATCHDOG", StringComparison.Ordinal));
        ShouldCarryFrames(domain);
    });
}
