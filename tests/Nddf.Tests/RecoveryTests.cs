using L4;
using Nddf.Testing;

namespace Nddf.Tests;

/// <summary>Sessions on network cards outlive their driver.</summary>
public sealed class RecoveryTests : IDisposable
{
    private const string Name = "fragile";

    private static readonly HardwareAddress s_near = new(0x0200_0000_001a);
    private static readonly HardwareAddress s_far = new(0x0200_0000_001b);

    private readonly NicTestSystem _system = new();
    private readonly IDisposable _attached;
    private L4Task _task;
    private WireNicDriver _driver;

    public RecoveryTests()
    {
        (_task, _driver) = _system.AddReplaceableDriver(Name, Cards());
        _attached = _system.Client.Enter();
    }

    public void Dispose()
    {
        _attached.Dispose();
        _system.Dispose();
    }

    [Fact]
    public void Sessions_go_on_with_the_next_driver()
    {
        using var sender = _system.Open("nic3", NicRights.Transmit);
        using var receiver = _system.Open("nic2", NicRights.Receive);
        for (byte round = 0; round < 5; round++)
        {
            Send(sender, round);
            Receive(receiver).ShouldBe(round);
            Kill();
            Describe("nic2").State.ShouldBe(DeviceState.Recovering);
            Replace();
        }
        Describe("nic2").ShouldBe(Describe("nic2") with { State = DeviceState.Running, IsLinkUp = true, Gone = null, FramesLost = 0 });
    }

    [Fact]
    public void Link_is_down_while_there_is_no_driver_and_as_it_is_afterwards()
    {
        using var session = _system.Open("nic2");
        Kill();
        (session.Transmit.IsLinkUp, session.Receive.IsLinkUp, session.Transmit.IsGone).ShouldBe((false, false, false));
        Describe("nic2").IsLinkUp.ShouldBeFalse();
        Replace();
        (session.Transmit.IsLinkUp, session.Receive.IsLinkUp).ShouldBe((true, true));

        Kill();
        var cards = Cards();
        cards[0].IsLinkUp = false;
        Replace(cards);
        (session.Transmit.IsLinkUp, session.Receive.IsLinkUp).ShouldBe((false, false));
        _driver.SetLink(0, isUp: true);
        (session.Transmit.IsLinkUp, session.Receive.IsLinkUp).ShouldBe((true, true));
    }

    [Fact]
    public void Frames_that_a_driver_had_are_lost_and_counted_and_later_ones_are_sent()
    {
        using var sender = _system.Open("nic3", NicRights.Transmit);
        using var receiver = _system.Open("nic2", NicRights.Receive);
        _driver.Hold = true;
        Send(sender, 1);
        Send(sender, 2);
        Kill();
        Send(sender, 3);
        sender.Transmit.InFlight.ShouldBe(3u);
        Replace();

        Receive(receiver).ShouldBe((byte)3);
        while (sender.Transmit.InFlight > 0)
        {
            sender.Transmit.Wait();
            sender.Transmit.Reap();
        }
        (sender.Transmit.Sent, sender.Transmit.Failed, sender.Transmit.LastFailure).ShouldBe((1UL, 2UL, FrameStatus.Lost));
        Describe("nic3").FramesLost.ShouldBe(2UL);
        sender.Dispose();
        Describe("nic3").FramesLost.ShouldBe(2UL);
    }

    [Fact]
    public void Address_and_MTU_that_were_set_are_set_again()
    {
        var address = new HardwareAddress(0x0200_0000_0077);
        using (_system.System.Root.Enter())
        {
            _system.Admin.SetAddress("nic2", address);
            _system.Admin.SetMtu("nic2", 900);
        }
        using var promiscuous = _system.Open("nic2", NicRights.Receive | NicRights.Promiscuous);
        using var sender = _system.Open("nic3", NicRights.Transmit);
        Kill();
        Describe("nic2").Address.ShouldBe(address);
        Replace();

        (Describe("nic2").Address, Describe("nic2").Mtu).ShouldBe((address, 900u));
        // To nobody that is there: only who sees everything sees it.
        Send(sender, 9, to: new HardwareAddress(0x0200_0000_00ee));
        Receive(promiscuous).ShouldBe((byte)9);
        using (_system.System.Root.Enter())
            _system.Admin.SetAddress("nic2", s_near);
        Kill();
        Replace();
        Describe("nic2").Address.ShouldBe(s_near);
    }

    [Fact]
    public void Sessions_opened_while_there_is_no_driver_work_with_the_next()
    {
        Kill();
        using var sender = _system.Open("nic3", NicRights.Transmit);
        using var receiver = _system.Open("nic2", NicRights.Receive);
        sender.Transmit.IsLinkUp.ShouldBeFalse();
        Send(sender, 4);
        Replace();

        Receive(receiver).ShouldBe((byte)4);
        sender.Transmit.IsLinkUp.ShouldBeTrue();
    }

    [Fact]
    public void Sessions_close_while_there_is_no_driver()
    {
        var session = _system.Open("nic2");
        _driver.Hold = true;
        Send(session, 1);
        Kill();
        session.Dispose();
        Replace();

        Describe("nic2").FramesLost.ShouldBe(0UL);
    }

    [Fact]
    public void Card_given_up_gives_all_slots_back_and_says_why()
    {
        using var session = _system.Open("nic2");
        _driver.Hold = true;
        Send(session, 1);
        Kill();
        Send(session, 2);
        using (_system.System.Root.Enter())
            _system.Admin.GiveUpDriver(Name, "5 drivers died within 60 s");

        session.Transmit.Reap();
        (session.Transmit.InFlight, session.Transmit.Failed, session.Transmit.LastFailure, session.Transmit.IsGone).ShouldBe((0u, 2UL, FrameStatus.DeviceGone, true));
        (Describe("nic2").State, Describe("nic2").Gone).ShouldBe((DeviceState.GivenUp, "5 drivers died within 60 s"));
    }

    [Fact]
    public void Another_card_in_its_place_is_not_taken_for_it()
    {
        using var session = _system.Open("nic2");
        Kill();
        Replace(new WireNic(new HardwareAddress(0x0200_0000_00aa)), new WireNic(s_far));

        Describe("nic2").Gone!.ShouldContain("the card has the address 02:00:00:00:00:aa, not 02:00:00:00:00:1a");
        Describe("nic3").State.ShouldBe(DeviceState.Running);
        session.Transmit.IsGone.ShouldBeTrue();
    }

    [Fact]
    public void A_living_driver_is_replaced_after_it_has_sent_what_it_had()
    {
        using var sender = _system.Open("nic3", NicRights.Transmit);
        using var receiver = _system.Open("nic2", NicRights.Receive);
        Send(sender, 1);
        using (_system.System.Root.Enter())
            _system.Admin.SuspendDriver(Name, 1_000_000_000).ShouldBe(0u);
        Send(sender, 2);
        Replace();

        Receive(receiver).ShouldBe((byte)1);
        Receive(receiver).ShouldBe((byte)2);
        Describe("nic3").FramesLost.ShouldBe(0UL);
    }

    [Fact]
    public void Slots_for_reception_survive_any_number_of_drivers()
    {
        using var sender = _system.Open("nic3", NicRights.Transmit);
        using var receiver = _system.Open("nic2", NicRights.Receive, slots: 4);
        for (int i = 0; i < 10; i++)
        {
            Send(sender, (byte)i);
            Kill();
            Replace();
        }
        // What came before, if it came.
        while (receiver.Receive.TryTake(out _))
            continue;
        receiver.Receive.Ring();
        for (byte round = 0; round < 20; round++)
        {
            Send(sender, (byte)(100 + round));
            Receive(receiver).ShouldBe((byte)(100 + round));
        }
    }

    private static WireNic[] Cards() => [new WireNic(s_near), new WireNic(s_far)];

    private void Kill()
    {
        _task.Kill("the test said so");
        // The thread that watches has its turn.
        while (Describe("nic2").State == DeviceState.Running)
            Thread.Yield();
    }

    private void Replace(params WireNic[] cards) => (_task, _driver) = _system.ReplaceDriver(Name, cards.Length == 0 ? Cards() : cards);

    private NicInfo Describe(string nic) => NicClient.List(_system.Client, _system.Server).Single(info => info.Name == nic);

    private static void Send(NicClient sender, byte number, HardwareAddress? to = null)
    {
        byte[] frame = new byte[60];
        // The sessions of the first card go on first: they hear what waited for the second.
        (to ?? s_near).Write(frame);
        sender.Info.Address.Write(frame.AsSpan(6));
        frame[20] = number;
        sender.Transmit.TrySubmit(frame).ShouldBeTrue();
        sender.Transmit.Ring();
    }

    private byte Receive(NicClient receiver)
    {
        while (true)
        {
            if (receiver.Receive.TryTake(out var frame))
            {
                byte number = frame[20];
                receiver.Receive.Ring();
                return number;
            }
            receiver.Receive.Wait(_system.System.Clock.Now + 1_000_000_000).ShouldBeTrue();
        }
    }
}
