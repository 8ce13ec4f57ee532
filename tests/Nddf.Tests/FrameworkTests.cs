using L4;
using Nddf.Testing;

namespace Nddf.Tests;

public sealed class FrameworkTests : IDisposable
{
    private readonly NicTestSystem _system = new();
    private readonly IDisposable _attached;

    public FrameworkTests() => _attached = _system.Client.Enter();

    public void Dispose()
    {
        _attached.Dispose();
        _system.Dispose();
    }

    [Fact]
    public void Frames_sent_allocate_nothing_on_their_way()
    {
        var driver = AddManualDriver();
        using var sender = _system.Open("nic2", NicRights.Transmit);
        ShouldAllocateNothing(() =>
        {
            for (int i = 0; i < 32; i++)
            {
                sender.Transmit.Next();
                sender.Transmit.Submit(64);
            }
            sender.Transmit.Ring();
            driver.CompleteAll(FrameStatus.Ok);
            sender.Transmit.Reap();
        });
        sender.Transmit.Sent.ShouldBeGreaterThanOrEqualTo(32_000UL);
    }

    [Fact]
    public void Frames_received_allocate_nothing_on_their_way()
    {
        var driver = AddManualDriver();
        using var receiver = _system.Open("nic2", NicRights.Receive);
        ShouldAllocateNothing(() =>
        {
            driver.CompleteAll(FrameStatus.Ok, 64);
            while (receiver.Receive.TryTake(out _))
                continue;
            receiver.Receive.Ring();
        });
        receiver.Receive.Received.ShouldBeGreaterThanOrEqualTo(32_000UL);
    }

    [Fact]
    public void Link_that_goes_and_comes_is_seen_on_both_queues()
    {
        using var session = _system.Open();
        foreach (bool isUp in new[] { false, true, false, true })
        {
            _system.Driver.SetLink(0, isUp);

            session.Receive.Wait(0).ShouldBeTrue();
            session.Receive.IsLinkUp.ShouldBe(isUp);
            session.Transmit.IsLinkUp.ShouldBe(isUp);
            NicClient.List(_system.Client, _system.Server)[0].IsLinkUp.ShouldBe(isUp);
        }
    }

    [Fact]
    public void Frame_without_a_link_is_dropped_and_counted()
    {
        using var session = _system.Open();
        _system.Driver.SetLink(0, false);

        session.IsUsable().ShouldBeFalse();

        session.Transmit.LastFailure.ShouldBe(FrameStatus.Dropped);
        new NicServerProxy(_system.Client, _system.Server).ReadStatistics("nic0").TransmitDropped.ShouldBe(1UL);
    }

    [Fact]
    public void Frames_beyond_the_receivers_slots_are_counted_as_dropped()
    {
        using var sender = _system.Open();
        using var receiver = _system.Open("nic1", NicRights.Receive, slots: 4);
        byte[] frame = new byte[60];
        HardwareAddress.Broadcast.Write(frame);
        for (int i = 0; i < 10; i++)
            sender.Transmit.TrySubmit(frame);
        sender.Transmit.Ring();
        while (sender.Transmit.InFlight > 0 && sender.Transmit.Wait())
            sender.Transmit.Reap();

        new NicServerProxy(_system.Client, _system.Server).ReadStatistics("nic1").ReceiveDropped.ShouldBe(6UL);
        int taken = 0;
        while (receiver.Receive.TryTake(out _))
            taken++;
        taken.ShouldBe(4);
    }

    [Fact]
    public void Wait_is_interrupted_and_ends_at_its_deadline()
    {
        using var session = _system.Open();
        session.Receive.Wait(0);
        session.Receive.Interrupt();

        session.Receive.Wait().ShouldBeFalse();
        session.Receive.Wait(_system.System.Clock.Now + 1000).ShouldBeFalse();
    }

    [Fact]
    public void Mtu_changes_only_without_sessions_and_in_the_cards_range()
    {
        var session = _system.Open();
        AsRoot(admin => Should.Throw<ServiceException>(() => admin.SetMtu("nic0", 1000)).Error.ShouldBe(ServiceError.Busy));
        session.Dispose();
        AsRoot(admin =>
        {
            Should.Throw<ServiceException>(() => admin.SetMtu("nic0", 67)).Error.ShouldBe(ServiceError.BadArgument);
            Should.Throw<ServiceException>(() => admin.SetMtu("nic0", 2035)).Error.ShouldBe(ServiceError.BadArgument);
            admin.SetMtu("nic0", 1000);
        });

        using var small = _system.Open();
        small.MaximumFrame.ShouldBe(1014);
        small.Transmit.TrySubmit(new byte[1015]);
        small.Transmit.Ring();
        small.Transmit.Reap();
        small.Transmit.LastFailure.ShouldBe(FrameStatus.TooLong);
    }

    [Fact]
    public void Address_that_no_station_can_have_is_refused()
    {
        AsRoot(admin =>
        {
            Should.Throw<ServiceException>(() => admin.SetAddress("nic0", HardwareAddress.Broadcast)).Error.ShouldBe(ServiceError.BadArgument);
            admin.SetAddress("nic0", new HardwareAddress(0x0200_0000_0042));
        });

        NicClient.List(_system.Client, _system.Server)[0].Address.ToString().ShouldBe("02:00:00:00:00:42");
    }

    [Fact]
    public void Removed_client_and_removed_driver_end_their_sessions()
    {
        var first = _system.Open();
        AsRoot(admin => admin.RemoveClient("client"));
        Should.Throw<ServiceException>(first.Transmit.Ring).Error.ShouldBe(ServiceError.ServerGone);

        var (task, server) = _system.CreateClient("second", NicRights.All);
        using var attached = task.Enter();
        var session = NicClient.Open(task, server, "nic0", NicRights.All);
        AsRoot(admin => admin.RemoveDriver("wire"));
        Should.Throw<ServiceException>(session.Transmit.Ring).Error.ShouldBe(ServiceError.ServerGone);
        NicClient.List(task, server).ShouldBeEmpty();
        AsRoot(admin => Should.Throw<ServiceException>(() => admin.RemoveDriver("wire")).Error.ShouldBe(ServiceError.NotFound));
    }

    [Theory]
    [InlineData("52:54:00:12:34:56", true)]
    [InlineData("FF:ff:ff:ff:ff:ff", true)]
    [InlineData("52:54:00:12:34", false)]
    [InlineData("52:54:00:12:34:5", false)]
    [InlineData("52:54:00:12:34:+5", false)]
    [InlineData("52:54:00:12:34:5g", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Addresses_are_read_strictly(string? text, bool isAddress)
    {
        HardwareAddress.TryParse(text, out var address).ShouldBe(isAddress);
        if (isAddress)
            address.ToString().ShouldBe(text!.ToLowerInvariant());
    }

    private ManualNicDriver AddManualDriver()
    {
        var task = _system.System.CreateTask("manual");
        var driver = new ManualNicDriver(task);
        _system.AddDriver("manual", task, driver.Gate);
        return driver;
    }

    /// <summary>All three parts, client, framework and driver, run on this thread.</summary>
    private static void ShouldAllocateNothing(Action round) => Allocations.ShouldSettleAtNone(() =>
    {
        for (int i = 0; i < 1000; i++)
            round();
    });

    private void AsRoot(Action<INicAdmin> action)
    {
        using (_system.System.Root.Enter())
            action(_system.Admin);
    }
}
