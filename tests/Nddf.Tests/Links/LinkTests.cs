using System.Net.Sockets;
using L4;
using Nddf.Links;
using Nddf.Testing;

namespace Nddf.Tests.Links;

/// <summary>Links beside the host's own idea of them: sockets of .NET's, interfaces of the host's.</summary>
public sealed class LinkTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dde-links-").FullName;

    private string Local => Path.Combine(_folder, "local");

    private string Remote => Path.Combine(_folder, "remote");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Datagram_link_carries_one_frame_a_datagram_both_ways()
    {
        using var link = DatagramLink.Open(Local, Remote);
        using var peer = Peer();
        byte[] buffer = new byte[FrameRing.SlotBytes];

        link.Send(Frame(60));
        link.Send(Frame(1514));
        peer.Receive(buffer).ShouldBe(60);
        peer.Receive(buffer).ShouldBe(1514);
        buffer.AsSpan(0, 1514).SequenceEqual(Frame(1514)).ShouldBeTrue();

        link.Receive(buffer).ShouldBe(0);
        peer.SendTo(Frame(99), new UnixDomainSocketEndPoint(Local));
        link.Wait();
        link.Receive(buffer).ShouldBe(99);
        link.Receive(buffer).ShouldBe(0);
        link.End.ShouldBeNull();
    }

    [Fact]
    public void Datagram_longer_than_a_slot_is_lost_and_counted()
    {
        using var link = DatagramLink.Open(Local, Remote);
        using var peer = Peer();
        byte[] buffer = new byte[FrameRing.SlotBytes];
        peer.SendTo(new byte[FrameRing.SlotBytes + 1], new UnixDomainSocketEndPoint(Local));

        link.Receive(buffer).ShouldBe(0);

        link.Lost.ShouldBe(1UL);
        peer.SendTo(Frame(60), new UnixDomainSocketEndPoint(Local));
        link.Receive(buffer).ShouldBe(60);
    }

    [Fact]
    public void Frames_for_a_peer_that_is_not_there_are_lost_until_it_comes()
    {
        using var link = DatagramLink.Open(Local, Remote);
        link.Send(Frame(60));
        link.Lost.ShouldBe(1UL);
        var peer = Peer();
        link.Send(Frame(60));
        peer.Dispose();
        File.Delete(Remote);
        link.Send(Frame(60));

        link.Lost.ShouldBe(2UL);
        link.Receive(new byte[100]).ShouldBe(0);
        link.End.ShouldBeNull();
    }

    [Fact]
    public void Datagram_link_whose_place_is_taken_or_impossible_says_so()
    {
        File.WriteAllText(Local, "");
        Should.Throw<LinkException>(() => DatagramLink.Open(Local, Remote)).Message.ShouldContain(Local);
        Should.Throw<LinkException>(() => DatagramLink.Open(new string('x', 108), Remote)).Message.ShouldContain("107 bytes");
        Should.Throw<LinkException>(() => DatagramLink.Open(Local, "")).Message.ShouldContain("has 0");
    }

    [Fact]
    public void Wait_is_ended_by_another_thread()
    {
        using var link = DatagramLink.Open(Local, Remote);
        var waiter = new Thread(link.Wait);
        waiter.Start();
        link.Wake();
        waiter.Join(TimeSpan.FromSeconds(30)).ShouldBeTrue();
    }

    [Theory]
    [InlineData("")]
    [InlineData("sixteen-bytes-xx")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("..")]
    [InlineData("tap%d")]
    public void Interface_name_that_cannot_be_is_refused(string name) =>
        Should.Throw<LinkException>(() => TapLink.Open(name)).Message.ShouldContain("1 to 15 bytes");

    [TapFact]
    public void Interface_that_vanishes_ends_the_link()
    {
        string name = $"ddegone{Environment.ProcessId % 10000}";
        using var link = TapLink.Open(name);
        link.SetAddress(new HardwareAddress(0x0200_0000_0042));
        link.BringUp(1400);
        File.ReadAllText($"/sys/class/net/{name}/address").Trim().ShouldBe("02:00:00:00:00:42");
        File.ReadAllText($"/sys/class/net/{name}/mtu").Trim().ShouldBe("1400");
        link.End.ShouldBeNull();

        using (var delete = System.Diagnostics.Process.Start("ip", ["link", "delete", name]))
            delete.WaitForExit();
        byte[] buffer = new byte[FrameRing.SlotBytes];
        while (link.End is null)
        {
            link.Wait();
            while (link.Receive(buffer) != 0)
                continue;
        }

        link.End.ShouldStartWith($"tap:{name} is gone");
        link.Send(Frame(60));
        link.Lost.ShouldBe(1UL);
    }

    [Fact]
    public void Session_and_link_are_joined_both_ways_until_the_card_goes()
    {
        using var system = new NicTestSystem(new RealClock());
        using var link = DatagramLink.Open(Local, Remote);
        using var peer = Peer();
        var (task, server) = system.CreateClient("link", NicRights.All);
        SessionLink.Start(task, server, "nic1", NicRights.None, link);
        using var attached = system.Client.Enter();
        using var session = system.Open();
        byte[] buffer = new byte[FrameRing.SlotBytes];

        for (int i = 0; i < 200; i++)
        {
            byte[] frame = LearningSwitchTests.Frame(system.Far.Address, system.Near.Address, 60 + i);
            session.Transmit.TrySubmit(frame).ShouldBeTrue();
            session.Transmit.Ring();
            peer.Receive(buffer).ShouldBe(60 + i);
            buffer.AsSpan(0, 60 + i).SequenceEqual(frame).ShouldBeTrue();

            byte[] answer = LearningSwitchTests.Frame(system.Near.Address, system.Far.Address, 300 + i);
            peer.SendTo(answer, new UnixDomainSocketEndPoint(Local));
            while (!session.Receive.HasReturned)
                session.Receive.Wait();
            session.Receive.TryTake(out var arrived).ShouldBeTrue();
            arrived.SequenceEqual(answer).ShouldBeTrue();
            session.Receive.Ring();
        }

        system.DriverTask.Kill("pulled out");
        while (!task.IsDead)
            Thread.Yield();
        task.CauseOfDeath.ShouldBe($"nic1 is gone, and with it {link.Name}");
    }

    [Fact]
    public void Session_is_closed_when_its_link_ends()
    {
        using var system = new NicTestSystem(new RealClock());
        using var inner = DatagramLink.Open(Local, Remote);
        var link = new EndingLink(inner);
        var (task, server) = system.CreateClient("link", NicRights.All);
        SessionLink.Start(task, server, "nic1", NicRights.None, link);
        using var attached = system.System.Root.Enter();
        Should.Throw<ServiceException>(() => system.Admin.SetMtu("nic1", 1400)).Message.ShouldContain("1 sessions");

        var root = system.System.Root;
        var stopped = root.CreateNotification();
        task.NotifyWhenStopped(root, stopped, 1);

        link.Finish();

        root.Open<Notification>(stopped).Wait();
        task.CauseOfDeath.ShouldBe("the cable was cut");
        system.Admin.SetMtu("nic1", 1400);
    }

    [Fact]
    public void Switch_sends_each_frame_where_it_belongs()
    {
        using var first = Peer("p1");
        using var second = Peer("p2");
        var events = new EventLog(() => 0);
        using var link = new SwitchLink([DatagramLink.Open(Path.Combine(_folder, "l1"), Path.Combine(_folder, "p1")),
            DatagramLink.Open(Path.Combine(_folder, "l2"), Path.Combine(_folder, "p2"))], new VirtualClock(), events);
        HardwareAddress a = new(0x0200_0000_000a), b = new(0x0200_0000_000b), own = new(0x0200_0000_000c);
        byte[] buffer = new byte[FrameRing.SlotBytes];

        first.SendTo(LearningSwitchTests.Frame(HardwareAddress.Broadcast, a, 61), new UnixDomainSocketEndPoint(Path.Combine(_folder, "l1")));
        link.Wait();
        link.Receive(buffer).ShouldBe(61);
        second.Receive(buffer).ShouldBe(61);

        second.SendTo(LearningSwitchTests.Frame(a, b, 62), new UnixDomainSocketEndPoint(Path.Combine(_folder, "l2")));
        link.Receive(buffer).ShouldBe(0);
        first.Receive(buffer).ShouldBe(62);

        link.Send(LearningSwitchTests.Frame(b, own, 63));
        second.Receive(buffer).ShouldBe(63);
        first.Available.ShouldBe(0);
    }

    private Socket Peer(string name = "remote")
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 30_000 };
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder, name)));
        return socket;
    }

    /// <summary>Another link, which ends when the test says so.</summary>
    private sealed class EndingLink(ILink inner) : ILink
    {
        private volatile string? _end;

        public string Name => inner.Name;

        public string? End => _end;

        public ulong Lost => inner.Lost;

        public void Wait() => inner.Wait();

        public void Wake() => inner.Wake();

        public int Receive(Span<byte> buffer) => inner.Receive(buffer);

        public void Send(ReadOnlySpan<byte> frame) => inner.Send(frame);

        public void Finish()
        {
            _end = "the cable was cut";
            inner.Wake();
        }

        public void Dispose() => inner.Dispose();
    }

    private static byte[] Frame(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)((i * 3 + length) % 251))];
}
