using L4;
using Nddf.Testing;

namespace Nddf.Tests;

/// <summary>Drivers that do not keep to the rules, and what is left of them to clients.</summary>
public sealed class HostileDriverTests : IDisposable
{
    private readonly NicTestSystem _system = new();
    private readonly L4Task _task;
    private readonly ManualNicDriver _driver;
    private readonly IDisposable _attached;

    public HostileDriverTests()
    {
        _task = _system.System.CreateTask("manual");
        _driver = new ManualNicDriver(_task);
        _system.AddDriver("manual", _task, _driver.Gate).ShouldBe(["nic2"]);
        _attached = _system.Client.Enter();
    }

    public void Dispose()
    {
        _attached.Dispose();
        _system.Dispose();
    }

    [Theory]
    [InlineData(16u)]
    [InlineData(65535u)]
    [InlineData(1u)]
    public void Slot_that_the_driver_does_not_have_is_reported_and_reaches_nobody(uint slot)
    {
        using var queue = new RawQueue(_system, NicDirection.Transmit, nic: "nic2");
        queue.Submit(new FrameDescriptor(0, 60));

        _driver.Ring.Completions.Write(new FrameDescriptor(slot, 60));
        _driver.Portal.Enter(0);

        queue.Ring.Completions.HasNext.ShouldBeFalse();
        _system.System.Events.Count("nddf", "stray-completion").ShouldBe(1);
        _driver.CompleteAll(FrameStatus.Ok);
        queue.Next().ShouldBe(new FrameDescriptor(0, 60));
    }

    [Fact]
    public void Slot_given_back_twice_reaches_the_client_once()
    {
        using var queue = new RawQueue(_system, NicDirection.Receive, nic: "nic2");
        queue.Submit(new FrameDescriptor(5, 0));

        _driver.Ring.Completions.Write(new FrameDescriptor(5, 60));
        _driver.Ring.Completions.Write(new FrameDescriptor(5, 61));
        _driver.Portal.Enter(0);

        queue.Next().ShouldBe(new FrameDescriptor(5, 60));
        queue.Ring.Completions.HasNext.ShouldBeFalse();
    }

    [Theory]
    [InlineData(2049u, FrameStatus.Ok)]
    [InlineData(65535u, FrameStatus.Ok)]
    [InlineData(13u, FrameStatus.Ok)]
    [InlineData(60u, FrameStatus.Malformed)]
    [InlineData(60u, (FrameStatus)99)]
    public void Completion_that_cannot_be_becomes_a_fault_of_the_device(uint length, FrameStatus status)
    {
        using var queue = new RawQueue(_system, NicDirection.Receive, nic: "nic2");
        queue.Submit(new FrameDescriptor(5, 0));

        _driver.Ring.Completions.Write(new FrameDescriptor(5, length, status));
        _driver.Portal.Enter(0);

        queue.Next().ShouldBe(new FrameDescriptor(5, 0, FrameStatus.DeviceFault));
        _system.System.Events.Count("nddf", "bad-completion").ShouldBe(1);
    }

    [Fact]
    public void Doorbell_is_rung_for_slots_only_while_the_driver_wants_some()
    {
        using var queue = new RawQueue(_system, NicDirection.Receive, nic: "nic2");
        queue.Submit(new FrameDescriptor(5, 0));
        _driver.Doorbell.Poll().ShouldBe(0UL);

        _driver.Ring.SetState(NicState.WantsSlots);
        queue.Submit(new FrameDescriptor(6, 0));
        _driver.Doorbell.Poll().ShouldBe(1UL);

        _driver.Ring.SetState(NicState.None);
        queue.Submit(new FrameDescriptor(7, 0));
        _driver.Doorbell.Poll().ShouldBe(0UL);
    }

    [Fact]
    public void Word_without_a_meaning_is_refused_at_the_portal()
    {
        using var queue = new RawQueue(_system, NicDirection.Receive, nic: "nic2");

        Should.Throw<ServiceException>(() => _driver.Portal.Enter(77)).Error.ShouldBe(ServiceError.BadArgument);
    }

    [Fact]
    public void Link_that_comes_up_while_the_channel_is_opened_is_up_for_the_client()
    {
        _driver.Reading = _driver.Reading with { IsLinkUp = false };
        _driver.Opened = portal =>
        {
            portal.Enter((ulong)QueueSignal.LinkUp);
            portal.Enter((ulong)QueueSignal.Completed);
            _driver.Reading = _driver.Reading with { IsLinkUp = true };
        };

        using var session = _system.Open("nic2", NicRights.Receive);

        session.Receive.IsLinkUp.ShouldBeTrue();
    }

    [Fact]
    public void Driver_that_enters_after_the_end_meets_nothing()
    {
        var queue = new RawQueue(_system, NicDirection.Receive, nic: "nic2");
        queue.Submit(new FrameDescriptor(5, 0));
        queue.Dispose();

        _driver.ClosedChannels.ShouldBe(1);
        _driver.Portal.Enter((ulong)QueueSignal.LinkDown);
        _driver.Portal.Enter((ulong)QueueSignal.Completed);
    }

    [Fact]
    public void Frames_to_be_sent_cannot_be_written_by_the_driver()
    {
        using var transmit = new RawQueue(_system, NicDirection.Transmit, nic: "nic2");
        _driver.FrameRights.ShouldBe(CapabilityRights.Read);
        using var receive = new RawQueue(_system, NicDirection.Receive, nic: "nic2");
        _driver.FrameRights.ShouldBe(CapabilityRights.All);
    }

    [Fact]
    public void Card_that_cannot_be_is_not_taken_into_service()
    {
        foreach (var change in new Action<ManualNicDriver>[]
        {
            driver => driver.Reading = driver.Reading with { Address = HardwareAddress.Broadcast },
            driver => driver.Reading = driver.Reading with { Address = default },
            driver => driver.Reading = driver.Reading with { Mtu = 0 },
            driver => driver.Reading = driver.Reading with { Mtu = 9000 },
            driver => driver.Description = driver.Description with { MinimumMtu = 2000 },
        })
        {
            var task = _system.System.CreateTask("bad");
            var driver = new ManualNicDriver(task);
            change(driver);
            Should.Throw<ServiceException>(() => _system.AddDriver("bad", task, driver.Gate)).Error.ShouldBe(ServiceError.BadArgument);
        }
        using var again = _system.Open("nic2");
    }

    [Fact]
    public void Driver_that_refuses_a_channel_costs_the_client_nothing()
    {
        _driver.Opening = () => throw new ServiceException(ServiceError.DeviceError, "the card does not start");
        int before = _system.Client.CapabilityCount;

        Should.Throw<ServiceException>(() => _system.Open("nic2")).Message.ShouldBe("the card does not start");

        _system.Client.CapabilityCount.ShouldBe(before);
        _driver.Opening = null;
        _system.Open("nic2").Dispose();
        _system.Client.CapabilityCount.ShouldBe(before);
    }

    [Fact]
    public void Death_of_the_driver_gives_all_slots_back_and_leaves_other_cards_alone()
    {
        using var other = _system.Open();
        using var session = _system.Open("nic2");
        session.Transmit.TrySubmit(new byte[60]);
        session.Transmit.Ring();

        _task.Kill("oops: wild pointer at e1000_clean+0x1c");

        while (!session.Receive.IsGone || !session.Transmit.IsGone)
            session.Receive.Wait();
        session.Transmit.Reap();
        (session.Transmit.InFlight, session.Transmit.LastFailure).ShouldBe((0u, FrameStatus.DeviceGone));
        session.Receive.TryTake(out _).ShouldBeFalse();
        session.Receive.IsLinkUp.ShouldBeFalse();
        session.Transmit.TrySubmit(new byte[60]);
        session.Transmit.Ring();
        session.Transmit.Reap();
        session.Transmit.Failed.ShouldBe(2UL);
        NicClient.List(_system.Client, _system.Server)[2].Gone.ShouldNotBeNull().ShouldContain("e1000_clean+0x1c");
        Should.Throw<ServiceException>(() => _system.Open("nic2")).Error.ShouldBe(ServiceError.ServerGone);
        other.IsUsable().ShouldBeTrue();
    }
}
