using L4;

namespace Nddf.Testing;

/// <summary>Two cards behind the framework with a wire between them, whoever drives them.</summary>
public interface INicTestBed : IDisposable
{
    /// <summary>A client that may do everything.</summary>
    L4Task Client { get; }

    /// <summary>Its gate of <see cref="INicServer"/>.</summary>
    Capability Server { get; }

    /// <summary>The card under test.</summary>
    string NearNic { get; }

    /// <summary>The card at the other end of the wire.</summary>
    string FarNic { get; }
}

/// <summary>What every network driver behind the framework has to do. A test class for a driver derives from this.</summary>
public abstract class NicConformance : IDisposable
{
    private const long Patience = 10_000_000_000;
    private const int ShortestOnWire = 60;

    private readonly INicTestBed _bed;
    private readonly IDisposable _attached;

    /// <summary>Starts the system under test and makes the test's thread one of the client's.</summary>
    protected NicConformance(INicTestBed bed)
    {
        _bed = bed;
        _attached = bed.Client.Enter();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _attached.Dispose();
        _bed.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Card_describes_itself()
    {
        var info = NicClient.List(_bed.Client, _bed.Server).Single(nic => nic.Name == _bed.NearNic);

        info.Gone.ShouldBeNull();
        info.Driver.ShouldNotBeEmpty();
        info.Address.IsStation.ShouldBeTrue();
        info.Mtu.ShouldBe(1500u);
        using var session = Open(_bed.NearNic, NicRights.Receive);
        session.Info.ShouldBe(new NicSessionInfo(info.Name, info.Address, info.Mtu, NicRights.Receive));
    }

    [Fact]
    public void Link_comes_up_when_a_session_is_open()
    {
        using var pair = OpenPair();

        NicClient.List(_bed.Client, _bed.Server).ShouldAllBe(nic => nic.IsLinkUp);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Frames_of_all_lengths_arrive_as_they_were_sent(bool fromFar)
    {
        using var pair = OpenPair();
        var (sender, receiver) = fromFar ? (pair.Far, pair.Near) : (pair.Near, pair.Far);

        foreach (int length in new[] { ShortestOnWire, 61, 64, 65, 127, 128, 255, 256, 257, 511, 512, 1023, 1024, 1025, 1499, 1513, 1514 })
        {
            byte[] frame = Frame(receiver, length, seed: length);
            Send(sender, frame);
            Receive(receiver).ShouldBe(frame);
        }
    }

    [Theory]
    [InlineData(14)]
    [InlineData(42)]
    [InlineData(59)]
    public void Short_frame_arrives_with_nothing_but_zeros_behind_it(int length)
    {
        using var pair = OpenPair();
        byte[] frame = Frame(pair.Far, length, seed: 1);

        Send(pair.Near, frame);
        byte[] arrived = Receive(pair.Far);

        arrived.Length.ShouldBeInRange(length, ShortestOnWire);
        arrived[..length].ShouldBe(frame);
        arrived[length..].ShouldAllBe(b => b == 0);
    }

    [Fact]
    public void Thousands_of_frames_arrive_in_order()
    {
        const int count = 5000;
        using var pair = OpenPair();
        byte[] frame = Frame(pair.Far, 200, seed: 3);
        int sent = 0, received = 0;
        while (received < count)
        {
            // Never more in the air than the receiver has slots for.
            while (sent < count && sent - received < (int)pair.Far.Receive.Slots / 2)
            {
                BitConverter.TryWriteBytes(frame.AsSpan(100), sent);
                if (!pair.Near.Transmit.TrySubmit(frame))
                    break;
                sent++;
            }
            pair.Near.Transmit.Ring();
            // All slots may be on their way back when the last frame has arrived: then it is those that are waited for.
            if (sent > received)
                WaitFor(pair.Far);
            else
                pair.Near.Transmit.Wait(_bed.Client.System.Clock.Now + Patience).ShouldBeTrue($"{pair.Near.Transmit.InFlight} frames do not come back");
            while (pair.Far.Receive.TryTake(out var arrived))
                BitConverter.ToInt32(arrived[100..]).ShouldBe(received++);
            pair.Far.Receive.Ring();
        }
        ShouldComeBack(pair.Near, count);
    }

    [Fact]
    public void Frames_go_both_ways_at_once()
    {
        const int count = 500;
        using var pair = OpenPair();
        NicClient[] ends = [pair.Near, pair.Far];
        byte[][] frames = [Frame(pair.Far, 900, seed: 1), Frame(pair.Near, 90, seed: 2)];
        int[] sent = [0, 0], received = [0, 0];
        while (received[0] < count || received[1] < count)
        {
            for (int i = 0; i < 2; i++)
            {
                while (sent[i] < count && sent[i] - received[1 - i] < 16 && ends[i].Transmit.TrySubmit(frames[i]))
                    sent[i]++;
                ends[i].Transmit.Ring();
            }
            for (int i = 0; i < 2; i++)
            {
                if (received[i] < sent[1 - i])
                    WaitFor(ends[i]);
                while (ends[i].Receive.TryTake(out var arrived))
                {
                    arrived.SequenceEqual(frames[1 - i]).ShouldBeTrue();
                    received[i]++;
                }
                ends[i].Receive.Ring();
            }
        }
    }

    [Fact]
    public void Frame_for_another_station_is_seen_by_promiscuous_sessions_alone()
    {
        using var pair = OpenPair();
        byte[] foreign = Frame(new HardwareAddress(0x0200_1234_5678), pair.Near.Info.Address, 100, seed: 4);
        byte[] own = Frame(pair.Far, 100, seed: 5);

        Send(pair.Near, foreign);
        Send(pair.Near, own);
        Receive(pair.Far).ShouldBe(own);

        using var all = Open(_bed.FarNic, NicRights.Receive | NicRights.Promiscuous);
        Send(pair.Near, foreign);
        Receive(all).ShouldBe(foreign);
        Send(pair.Near, own);
        Receive(pair.Far).ShouldBe(own);
        Receive(all).ShouldBe(own);
    }

    [Fact]
    public void Broadcast_reaches_every_session()
    {
        using var pair = OpenPair();
        using var second = Open(_bed.FarNic, NicRights.Receive);
        byte[] frame = Frame(HardwareAddress.Broadcast, pair.Near.Info.Address, 64, seed: 6);

        Send(pair.Near, frame);

        Receive(pair.Far).ShouldBe(frame);
        Receive(second).ShouldBe(frame);
    }

    [Fact]
    public void Frame_too_short_or_too_long_is_refused_and_harms_nothing()
    {
        using var pair = OpenPair();

        Refuse(13, FrameStatus.TooShort);
        Refuse(0, FrameStatus.TooShort);
        Refuse(pair.Near.MaximumFrame + 1, FrameStatus.TooLong);
        byte[] frame = Frame(pair.Far, 80, seed: 7);
        Send(pair.Near, frame);
        Receive(pair.Far).ShouldBe(frame);

        void Refuse(int length, FrameStatus status)
        {
            ulong failed = pair.Near.Transmit.Failed;
            pair.Near.Transmit.Next();
            pair.Near.Transmit.Submit(length);
            pair.Near.Transmit.Ring();
            pair.Near.Transmit.Reap();
            pair.Near.Transmit.Failed.ShouldBe(failed + 1);
            pair.Near.Transmit.LastFailure.ShouldBe(status);
        }
    }

    [Fact]
    public void Counters_count_frames_and_bytes()
    {
        using var pair = OpenPair();
        var server = new NicServerProxy(_bed.Client, _bed.Server);
        var (near, far) = (server.ReadStatistics(_bed.NearNic), server.ReadStatistics(_bed.FarNic));
        for (int i = 0; i < 10; i++)
        {
            Send(pair.Near, Frame(pair.Far, 1000, i));
            Receive(pair.Far);
        }
        ShouldComeBack(pair.Near, 10);

        var (nearAfter, farAfter) = (server.ReadStatistics(_bed.NearNic), server.ReadStatistics(_bed.FarNic));
        (nearAfter.FramesTransmitted - near.FramesTransmitted).ShouldBe(10UL);
        (farAfter.FramesReceived - far.FramesReceived).ShouldBe(10UL);
        // Some devices count the four bytes of the checksum.
        (nearAfter.BytesTransmitted - near.BytesTransmitted).ShouldBeInRange(10_000UL, 10_040UL);
        (farAfter.BytesReceived - far.BytesReceived).ShouldBeInRange(10_000UL, 10_040UL);
    }

    [Fact]
    public void Sessions_come_and_go()
    {
        for (int round = 0; round < 5; round++)
        {
            using var pair = OpenPair();
            byte[] frame = Frame(pair.Far, 300, seed: round);
            Send(pair.Near, frame);
            Receive(pair.Far).ShouldBe(frame);
        }
    }

    private NicClient Open(string nic, NicRights rights) => NicClient.Open(_bed.Client, _bed.Server, nic, rights, 128);

    private Pair OpenPair()
    {
        var pair = new Pair(Open(_bed.NearNic, NicRights.Receive | NicRights.Transmit), Open(_bed.FarNic, NicRights.Receive | NicRights.Transmit));
        foreach (var end in new[] { pair.Near, pair.Far })
        {
            foreach (var queue in new ClientQueue[] { end.Transmit, end.Receive })
            {
                while (!queue.IsLinkUp)
                    queue.Wait(_bed.Client.System.Clock.Now + Patience).ShouldBeTrue("the link does not come up");
            }
        }
        return pair;
    }

    private static void Send(NicClient sender, byte[] frame)
    {
        ulong failed = sender.Transmit.Failed;
        sender.Transmit.TrySubmit(frame).ShouldBeTrue();
        sender.Transmit.Ring();
        sender.Transmit.Reap();
        sender.Transmit.Failed.ShouldBe(failed);
    }

    private byte[] Receive(NicClient receiver)
    {
        WaitFor(receiver);
        receiver.Receive.TryTake(out var frame).ShouldBeTrue();
        byte[] copy = frame.ToArray();
        receiver.Receive.Ring();
        return copy;
    }

    private void WaitFor(NicClient receiver)
    {
        long deadline = _bed.Client.System.Clock.Now + Patience;
        while (!receiver.Receive.HasReturned)
        {
            if (receiver.Receive.Wait(deadline))
                continue;
            var server = new NicServerProxy(_bed.Client, _bed.Server);
            throw new InvalidOperationException($"no frame arrives at {receiver.Info.Nic}: near {server.ReadStatistics(_bed.NearNic)} far {server.ReadStatistics(_bed.FarNic)}");
        }
    }

    private void ShouldComeBack(NicClient sender, ulong count)
    {
        while (sender.Transmit.InFlight > 0)
        {
            sender.Transmit.Wait(_bed.Client.System.Clock.Now + Patience).ShouldBeTrue($"{sender.Transmit.InFlight} frames do not come back");
            sender.Transmit.Reap();
        }
        (sender.Transmit.Sent, sender.Transmit.Failed).ShouldBe((count, 0UL));
    }

    private static byte[] Frame(NicClient to, int length, int seed) => Frame(to.Info.Address, new HardwareAddress(0x0200_0000_00ff), length, seed);

    private static byte[] Frame(HardwareAddress to, HardwareAddress from, int length, int seed)
    {
        byte[] frame = new byte[length];
        new Random(seed).NextBytes(frame);
        to.Write(frame);
        from.Write(frame.AsSpan(HardwareAddress.Octets));
        // A type for experiments (IEEE 802-2014, clause 9.2.3), so that nothing in between takes it for something that it knows.
        frame[12] = 0x88;
        frame[13] = 0xb5;
        return frame;
    }

    private sealed record Pair(NicClient Near, NicClient Far) : IDisposable
    {
        public void Dispose()
        {
            Near.Dispose();
            Far.Dispose();
        }
    }
}
