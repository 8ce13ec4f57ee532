using FsCheck;
using FsCheck.Fluent;

namespace Emulator.Tests;

public sealed class WireTests
{
    private readonly Wire _wire = new();
    private readonly CallCounter _left = new();
    private readonly CallCounter _right = new();

    public WireTests()
    {
        _wire.Left.Attach(_left);
        _wire.Right.Attach(_right);
        _wire.Left.IsListening = true;
        _wire.Right.IsListening = true;
        _left.Calls = 0;
        _right.Calls = 0;
    }

    [Fact]
    public void A_frame_arrives_as_it_was_sent_once_it_is_flushed()
    {
        byte[] frame = Frame(100, 1);
        _wire.Left.TrySend(frame).ShouldBeTrue();
        _wire.Right.TryReceive(out _).ShouldBeFalse();
        _wire.Left.Flush();
        _wire.Right.TryReceive(out ReadOnlySpan<byte> received).ShouldBeTrue();
        received.ToArray().ShouldBe(frame);
        _wire.Right.Release();
        _wire.Right.TryReceive(out _).ShouldBeFalse();
        (_wire.Left.FramesSent, _wire.Left.BytesSent).ShouldBe((1L, 100L));
    }

    [Fact]
    public void A_short_frame_from_outside_is_padded_with_zeros()
    {
        _wire.Left.TrySend(Frame(14, 1));
        _wire.Left.Flush();
        _wire.Right.TryReceive(out ReadOnlySpan<byte> received).ShouldBeTrue();
        received.Length.ShouldBe(60);
        received[14..].ToArray().ShouldAllBe(b => b == 0);
    }

    [Fact]
    public void Who_waits_for_frames_is_called_once_for_a_batch()
    {
        _wire.Right.MustWaitForFrames().ShouldBeTrue();
        _wire.Left.TrySend(Frame(60, 1));
        _wire.Left.TrySend(Frame(60, 2));
        _right.Calls.ShouldBe(0);
        _wire.Left.Flush();
        _wire.Left.TrySend(Frame(60, 3));
        _wire.Left.Flush();
        _right.Calls.ShouldBe(1);
        _wire.Right.MustWaitForFrames().ShouldBeFalse();
    }

    [Fact]
    public void A_full_wire_stops_its_sender_who_is_called_when_half_of_it_is_free()
    {
        int sent = 0;
        while (_wire.Left.TrySend(Frame(1500, sent)))
            sent++;
        sent.ShouldBeInRange(150, 256 * 1024 / 1500);
        _wire.Left.Flush();
        _wire.Left.MustWaitForRoom().ShouldBeTrue();
        int received = 0;
        while (_left.Calls == 0)
        {
            _wire.Right.TryReceive(out ReadOnlySpan<byte> frame).ShouldBeTrue();
            frame.ToArray().ShouldBe(Frame(1500, received++));
            _wire.Right.Release();
            _wire.Right.Flush();
        }
        received.ShouldBeInRange(sent / 2 - 2, sent / 2 + 2);
        _wire.Left.TrySend(Frame(1500, 0)).ShouldBeTrue();
    }

    [Fact]
    public void Nothing_that_is_sent_while_nobody_listens_stops_the_sender()
    {
        while (_wire.Left.TrySend(Frame(1500, 0)))
            continue;
        _wire.Left.Flush();
        _wire.Left.MustWaitForRoom().ShouldBeTrue();
        _wire.Right.IsListening = false;
        _left.Calls.ShouldBe(1);
        _wire.Left.TrySend(Frame(1500, 0)).ShouldBeTrue();
        _wire.Left.FramesLost.ShouldBe(1);
        _wire.Right.DiscardReceived();
        _wire.Right.IsListening = true;
        _wire.Right.TryReceive(out _).ShouldBeFalse();
    }

    [Fact]
    public void Both_ends_see_the_plug_pulled_and_what_is_sent_then_is_lost()
    {
        _wire.Left.IsLinkUp.ShouldBeTrue();
        _wire.IsPluggedIn = false;
        (_wire.Left.IsLinkUp, _wire.Right.IsLinkUp).ShouldBe((false, false));
        (_left.Calls, _right.Calls).ShouldBe((1, 1));
        _wire.Left.TrySend(Frame(60, 1)).ShouldBeTrue();
        _wire.Left.FramesLost.ShouldBe(1);
        _wire.IsPluggedIn = true;
        _wire.Right.TryReceive(out _).ShouldBeFalse();
    }

    [Fact]
    public void The_link_is_down_while_nobody_is_at_the_other_end()
    {
        _wire.Right.Attach(null);
        _wire.Left.IsLinkUp.ShouldBeFalse();
        _left.Calls.ShouldBeGreaterThan(0);
        Should.Throw<InvalidOperationException>(() => _wire.Left.Attach(_right));
    }

    [Fact]
    public void Any_lengths_in_any_order_of_sending_and_receiving_arrive_whole_and_in_order()
    {
        var steps = Gen.ArrayOf(Gen.Frequency((3, Gen.Choose(1, 2000)), (1, Gen.Choose(1, Wire.LongestFrame)), (3, Gen.Constant(0))), 400);
        Prop.ForAll(steps.ToArbitrary(), lengths =>
        {
            var wire = new Wire();
            wire.Left.IsListening = wire.Right.IsListening = true;
            var expected = new Queue<byte[]>();
            foreach (int length in lengths)
            {
                if (length != 0)
                {
                    if (!wire.Left.TryReserve(length, out Span<byte> room))
                        continue;
                    byte[] frame = Frame(length / 2, length);
                    frame.CopyTo(room);
                    wire.Left.Commit(frame.Length);
                    expected.Enqueue(frame);
                    continue;
                }
                wire.Left.Flush();
                for (int i = 0; i < 3 && wire.Right.TryReceive(out ReadOnlySpan<byte> received); i++)
                {
                    received.SequenceEqual(expected.Dequeue()).ShouldBeTrue();
                    wire.Right.Release();
                }
                wire.Right.Flush();
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(50));
    }

    [Fact]
    public void Two_threads_exchange_frames_without_loss()
    {
        const int Count = 200_000;
        using var room = new AutoResetEvent(false);
        using var frames = new AutoResetEvent(false);
        var wire = new Wire();
        wire.Left.Attach(new EventUser(room));
        wire.Right.Attach(new EventUser(frames));
        wire.Right.IsListening = true;
        var sender = new Thread(() =>
        {
            byte[] frame = new byte[64];
            for (int i = 0; i < Count; i++)
            {
                BitConverter.TryWriteBytes(frame, i);
                while (!wire.Left.TrySend(frame))
                {
                    wire.Left.Flush();
                    if (wire.Left.MustWaitForRoom())
                        room.WaitOne();
                }
                if (i % 16 == 15)
                    wire.Left.Flush();
            }
            wire.Left.Flush();
        });
        sender.Start();
        int next = 0;
        while (next < Count)
        {
            while (wire.Right.TryReceive(out ReadOnlySpan<byte> frame))
            {
                if (BitConverter.ToInt32(frame) != next)
                    BitConverter.ToInt32(frame).ShouldBe(next, "frames come in order");
                next++;
                wire.Right.Release();
                wire.Right.Flush();
            }
            if (next < Count && wire.Right.MustWaitForFrames())
                frames.WaitOne();
        }
        sender.Join();
    }

    private static byte[] Frame(int length, int seed)
    {
        byte[] frame = new byte[length];
        new Random(seed).NextBytes(frame);
        return frame;
    }

    private sealed class CallCounter : IWireUser
    {
        public int Calls { get; set; }

        public void WireChanged() => Calls++;
    }

    private sealed class EventUser(AutoResetEvent changed) : IWireUser
    {
        public void WireChanged() => changed.Set();
    }
}
