using L4;
using Nddf;

namespace EndToEnd.Tests;

/// <summary>A receiver that is slower than its sender: through Nddf, the drivers, their cards and the wire.</summary>
public sealed class NetworkFlowTests
{
    private const long Patience = 10_000_000_000;

    [Theory]
    [InlineData("linux-e1000", "linux-8139too")]
    [InlineData("linux-8139too", "linux-e1000")]
    [InlineData("linux-e1000", "linux-8139cp")]
    public void Sender_that_waits_for_nobody_loses_no_frame(string near, string far)
    {
        const int count = 6000;
        using var bed = new NetworkBed(near, far);
        using var attached = bed.Client.Enter();
        using var sender = NicClient.Open(bed.Client, bed.Server, bed.NearNic, NicRights.Transmit);
        using var receiver = NicClient.Open(bed.Client, bed.Server, bed.FarNic, NicRights.Receive);
        byte[] frame = Frame(receiver, sender, 100);
        WaitForLinks(bed, sender, receiver);
        int sent = 0, received = 0;
        while (received < count)
        {
            while (sent < count && TrySubmit(sender, frame, sent))
                sent++;
            sender.Transmit.Ring();
            receiver.Receive.Wait(bed.Now + Patience).ShouldBeTrue($"{received} frames of {sent} came");
            // Fewer than the sender puts in.
            for (int taken = 0; taken < 16 && receiver.Receive.TryTake(out var arrived); taken++)
                BitConverter.ToInt32(arrived[50..]).ShouldBe(received++);
            receiver.Receive.Ring();
        }
        bed.Statistics(bed.FarNic).ReceiveDropped.ShouldBe(0UL);
    }

    [Fact]
    public void Client_that_takes_nothing_does_not_stop_the_sender_and_gets_frames_again_when_it_does()
    {
        const int count = 6000;
        using var bed = new NetworkBed("linux-e1000", "linux-8139too");
        using var attached = bed.Client.Enter();
        using var sender = NicClient.Open(bed.Client, bed.Server, bed.NearNic, NicRights.Transmit);
        using var receiver = NicClient.Open(bed.Client, bed.Server, bed.FarNic, NicRights.Receive);
        byte[] frame = Frame(receiver, sender, 1000);
        WaitForLinks(bed, sender, receiver);
        for (int sent = 0; sent < count;)
        {
            while (sent < count && TrySubmit(sender, frame, sent))
                sent++;
            sender.Transmit.Ring();
            if (sent < count)
                sender.Transmit.Wait(bed.Now + Patience).ShouldBeTrue($"the sender stands still after {sent} frames");
        }
        while (bed.Statistics(bed.NearNic).FramesTransmitted < count)
            Sleep(bed);
        Sleep(bed);
        bed.Statistics(bed.FarNic).ReceiveDropped.ShouldBeGreaterThan(0UL);
        bed.Events.ShouldContain("receiver-stalled");

        while (receiver.Receive.TryTake(out _))
        {
        }
        receiver.Receive.Ring();
        // The sender's slots come back after its driver has counted the frames.
        while (!TrySubmit(sender, frame, count))
            sender.Transmit.Wait(bed.Now + Patience).ShouldBeTrue("no slot of the sender comes back");
        sender.Transmit.Ring();
        int number = -1;
        while (number != count)
        {
            // Frames that were on their way come first.
            if (receiver.Receive.TryTake(out var arrived))
                number = BitConverter.ToInt32(arrived[50..]);
            else
                receiver.Receive.Wait(bed.Now + Patience).ShouldBeTrue($"frame {number} was the last one");
        }
    }

    private static byte[] Frame(NicClient to, NicClient from, int length)
    {
        byte[] frame = new byte[length];
        to.Info.Address.Write(frame);
        from.Info.Address.Write(frame.AsSpan(6));
        // IEEE 802, local experiments.
        (frame[12], frame[13]) = (0x88, 0xb5);
        return frame;
    }

    private static bool TrySubmit(NicClient sender, byte[] frame, int number)
    {
        BitConverter.TryWriteBytes(frame.AsSpan(50), number);
        return sender.Transmit.TrySubmit(frame);
    }

    private static void Sleep(NetworkBed bed)
    {
        var capability = bed.Client.CreateNotification();
        bed.Client.Open<Notification>(capability).Wait(bed.Now + 10_000_000);
        bed.Client.Release(capability);
    }

    private static void WaitForLinks(NetworkBed bed, NicClient sender, NicClient receiver)
    {
        while (!sender.Transmit.IsLinkUp || !receiver.Receive.IsLinkUp)
            Sleep(bed);
    }
}
