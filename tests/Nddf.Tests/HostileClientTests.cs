using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using L4;
using Nddf.Testing;

namespace Nddf.Tests;

/// <summary>Clients that write what they like into their rings: only they are hurt.</summary>
public sealed class HostileClientTests : IDisposable
{
    private readonly NicTestSystem _system = new();
    private readonly IDisposable _attached;

    public HostileClientTests() => _attached = _system.Client.Enter();

    public void Dispose()
    {
        _attached.Dispose();
        _system.Dispose();
    }

    [Theory]
    [InlineData(RawQueue.Slots, 100u, FrameStatus.Ok, FrameStatus.Malformed)]
    [InlineData(65535u, 100u, FrameStatus.Ok, FrameStatus.Malformed)]
    [InlineData(0u, 100u, FrameStatus.Dropped, FrameStatus.Malformed)]
    [InlineData(0u, 13u, FrameStatus.Ok, FrameStatus.TooShort)]
    [InlineData(0u, 1515u, FrameStatus.Ok, FrameStatus.TooLong)]
    [InlineData(0u, 65535u, FrameStatus.Ok, FrameStatus.TooLong)]
    public void Nonsense_for_transmission_comes_back_refused(uint slot, uint length, FrameStatus status, FrameStatus expected)
    {
        using var queue = new RawQueue(_system, NicDirection.Transmit);

        queue.Submit(new FrameDescriptor(slot, length, status)).ShouldBe(1UL);

        queue.Next().ShouldBe(new FrameDescriptor(slot, length, expected));
        _system.System.Events.Count("nddf", "refused-frame").ShouldBe(1);
        queue.Submit(new FrameDescriptor(1, 60));
        queue.Next().ShouldBe(new FrameDescriptor(1, 60));
    }

    [Theory]
    [InlineData(RawQueue.Slots, 0u)]
    [InlineData(0u, 1u)]
    public void Nonsense_for_reception_comes_back_refused(uint slot, uint length)
    {
        using var queue = new RawQueue(_system, NicDirection.Receive);

        queue.Submit(new FrameDescriptor(slot, length));

        queue.Next().ShouldBe(new FrameDescriptor(slot, length, FrameStatus.Malformed));
    }

    [Fact]
    public void Bits_without_a_meaning_are_malformed()
    {
        for (int bit = 40; bit < 63; bit++)
        {
            using var queue = new RawQueue(_system, NicDirection.Transmit);
            Words(queue)[0] = FrameRing.Phase | 60 | 1UL << bit;

            queue.Doorbell.Enter(0).ShouldBe(1UL);

            queue.Next().Status.ShouldBe(FrameStatus.Malformed);
        }
    }

    [Fact]
    public void Slot_that_is_in_flight_is_refused_and_comes_back_once()
    {
        using var queue = new RawQueue(_system, NicDirection.Receive, nic: "nic1");
        using var sender = _system.Open();
        queue.Submit(new FrameDescriptor(3, 0));

        queue.Submit(new FrameDescriptor(3, 0));
        queue.Next().ShouldBe(new FrameDescriptor(3, 0, FrameStatus.InFlight));
        byte[] frame = new byte[60];
        HardwareAddress.Broadcast.Write(frame);
        sender.Transmit.TrySubmit(frame);
        sender.Transmit.Ring();

        queue.Next().ShouldBe(new FrameDescriptor(3, 60));
        queue.Ring.Completions.HasNext.ShouldBeFalse();
    }

    [Fact]
    public void Ring_full_of_anything_is_taken_in_rounds_and_harms_nobody_else()
    {
        using var other = _system.Open("nic1");
        Prop.ForAll(ArbMap.Default.ArbFor<ulong[]>(), words =>
        {
            using var queue = new RawQueue(_system, NicDirection.Transmit);
            for (int i = 0; i < words.Length && i < RawQueue.Slots; i++)
                Words(queue)[i] = words[i] | FrameRing.Phase;

            queue.Doorbell.Enter(0).ShouldBe((ulong)Math.Min(words.Length, (int)RawQueue.Slots));
        }).QuickCheckThrowOnFailure();
        other.IsUsable().ShouldBeTrue();
    }

    [Fact]
    public void Client_that_writes_into_the_state_misleads_itself_alone()
    {
        using var queue = new RawQueue(_system, NicDirection.Transmit);
        MemoryMarshal.Cast<byte, uint>(queue.Mapping.Bytes)[0] = uint.MaxValue;

        queue.Submit(new FrameDescriptor(0, 60));

        queue.Next().Status.ShouldBe(FrameStatus.Ok);
    }

    [Fact]
    public void Doorbell_of_a_closed_session_answers_that_it_is_closed()
    {
        var queue = new RawQueue(_system, NicDirection.Transmit);
        queue.Service.Close();
        queue.Service.Close();

        Should.Throw<ServiceException>(() => queue.Doorbell.Enter(0)).Error.ShouldBe(ServiceError.ServerGone);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(3u)]
    [InlineData(8192u)]
    [InlineData(uint.MaxValue)]
    public void Queue_of_impossible_size_is_refused(uint slots) =>
        Refusal(NicDirection.Transmit, slots, FrameRing.SlotBytes).Error.ShouldBe(ServiceError.BadArgument);

    [Fact]
    public void Memory_that_is_too_small_for_the_slots_is_refused()
    {
        var refusal = Refusal(NicDirection.Receive, 16, 16 * FrameRing.SlotBytes - 4096);

        refusal.Error.ShouldBe(ServiceError.BadArgument);
        refusal.Message.ShouldContain("28672");
    }

    [Fact]
    public void Memory_that_may_only_be_read_does_not_do_for_reception()
    {
        Refusal(NicDirection.Receive, 16, 16 * FrameRing.SlotBytes, CapabilityRights.Read).Error.ShouldBe(ServiceError.AccessDenied);
    }

    [Fact]
    public void Direction_without_the_right_is_refused()
    {
        Refusal(NicDirection.Transmit, 16, 16 * FrameRing.SlotBytes, CapabilityRights.All, NicRights.Receive).Error.ShouldBe(ServiceError.AccessDenied);
        Refusal((NicDirection)2, 16, 16 * FrameRing.SlotBytes).Error.ShouldBe(ServiceError.BadArgument);
    }

    [Fact]
    public void Session_beyond_the_ceiling_is_refused()
    {
        var (task, server) = _system.CreateClient("listener", NicRights.Receive);
        using var attached = task.Enter();

        Should.Throw<ServiceException>(() => NicClient.Open(task, server, "nic0", NicRights.Receive | NicRights.Transmit)).Error.ShouldBe(ServiceError.AccessDenied);
        Should.Throw<ServiceException>(() => NicClient.Open(task, server, "nic0", NicRights.Receive | NicRights.Promiscuous)).Error.ShouldBe(ServiceError.AccessDenied);
        Should.Throw<ServiceException>(() => NicClient.Open(task, server, "nic0", NicRights.Promiscuous)).Error.ShouldBe(ServiceError.BadArgument);
        Should.Throw<ServiceException>(() => NicClient.Open(task, server, "nic7", NicRights.Receive)).Error.ShouldBe(ServiceError.NotFound);
        NicClient.Open(task, server, "nic0", NicRights.Receive).Dispose();
    }

    private ServiceException Refusal(
        NicDirection direction, uint slots, ulong bytes, CapabilityRights rights = CapabilityRights.All, NicRights sessionRights = NicRights.All)
    {
        var task = _system.Client;
        int before = task.CapabilityCount;
        var session = new NicSessionProxy(task, new NicServerProxy(task, _system.Server).OpenSession("nic0", sessionRights));
        var frames = task.CreateDataspace("frames", bytes);
        var restricted = task.Restrict(frames, rights);
        var notification = task.CreateNotification();
        var refusal = Should.Throw<ServiceException>(() => session.Connect(direction, restricted, slots, notification, 1));
        session.Close();
        foreach (var capability in new[] { frames, restricted, notification, session.Gate })
            task.Release(capability);
        task.CapabilityCount.ShouldBe(before);
        return refusal;
    }

    private static Span<ulong> Words(RawQueue queue) => MemoryMarshal.Cast<byte, ulong>(queue.Mapping.Bytes[FrameRing.SubmissionsAt..]);
}

internal static class NicClientUse
{
    /// <summary>Whether a frame to nowhere is still taken by the device.</summary>
    internal static bool IsUsable(this NicClient client)
    {
        ulong sent = client.Transmit.Sent;
        client.Transmit.TrySubmit(new byte[60]);
        client.Transmit.Ring();
        while (client.Transmit.InFlight > 0 && client.Transmit.Wait(10_000_000_000))
            client.Transmit.Reap();
        return client.Transmit.Sent == sent + 1;
    }
}
