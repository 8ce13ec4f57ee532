using DdeKit.Foreign;
using FsCheck;
using FsCheck.Fluent;

namespace DdeLinux.Net.Tests;

/// <summary>What drivers do to frames and with the numbers of networks.</summary>
public class FrameTests
{
    [KernelFact]
    public void A_new_frame_has_its_room_and_nothing_in_it() => NetworkDomain.Run(domain =>
    {
        var frames = domain.Kernel.SkBuffs;
        var frame = frames.__netdev_alloc_skb(new NetDevice(0), 1536, 0);
        (frame.len, frame.data_len, frame.tail, frame.users).ShouldBe((0u, 0u, SkBuffs.Pad, 1));
        (frame.data - frame.head).ShouldBe((nint)SkBuffs.Pad);
        (frame.end - frame.tail).ShouldBeGreaterThanOrEqualTo(1536u);
        (frames.SharedOf(frame).nr_frags, frames.SharedOf(frame).dataref).ShouldBe(((byte)0, 1));
        (frame.mac_header, frame.transport_header).ShouldBe((SkBuff.NoHeader, SkBuff.NoHeader));
    });

    [KernelFact]
    public void A_frame_grows_and_shrinks_at_its_end() => NetworkDomain.Run(domain =>
    {
        var data = domain.Kernel.SkBuffData;
        var frame = domain.Kernel.SkBuffs.__alloc_skb(100, 0, 0, 0);
        nint first = data.skb_put(frame, 40);
        data.skb_put(frame, 20).ShouldBe(first + 40);
        data.skb_trim(frame, 50);
        (frame.len, frame.tail).ShouldBe((50u, 50u));
        data.skb_trim(frame, 60);
        frame.len.ShouldBe(50u);
        data.__skb_pad(frame, 14, false).ShouldBe(0);
        domain.Kernel.Memory.Span<byte>(first + 50, 14).ToArray().ShouldAllBe(value => value == 0);
        Should.Throw<KernelFaultException>(() => data.skb_put(frame, 100_000));
    });

    [KernelFact]
    public void A_frame_is_freed_with_its_last_reference_and_not_twice() => NetworkDomain.Run(domain =>
    {
        var frames = domain.Kernel.SkBuffs;
        long before = domain.Kernel.Arena.Heap.LiveObjects;
        var frame = frames.__alloc_skb(100, 0, 0, 0);
        frame.users = 2;
        frames.kfree_skb_reason(frame, 0);
        domain.Kernel.Arena.Heap.LiveObjects.ShouldBe(before + 2);
        frames.consume_skb(frame);
        domain.Kernel.Arena.Heap.LiveObjects.ShouldBe(before);
        Should.Throw<KernelFaultException>(() => frames.consume_skb(frame)).Message.ShouldContain("freed twice");
    });

    [KernelFact]
    public void A_frame_whose_head_was_broken_does_not_lead_astray() => NetworkDomain.Run(domain =>
    {
        var frame = domain.Kernel.SkBuffs.__alloc_skb(100, 0, 0, 0);
        frame.head = unchecked((nint)0x1234_5678_9abc);
        Should.Throw<KernelFaultException>(() => domain.Kernel.SkBuffs.consume_skb(frame)).Message.ShouldContain("does not lie in the domain's memory");
    });

    [KernelFact]
    public void A_frame_is_built_around_a_fragment_and_frees_it() => NetworkDomain.Run(domain =>
    {
        var frames = domain.Kernel.SkBuffs;
        long before = domain.Kernel.Arena.Heap.LiveObjects;
        nint fragment = frames.__netdev_alloc_frag_align(1920, uint.MaxValue);
        var frame = frames.napi_build_skb(fragment, 1920);
        (frame.head, frame.data, frame.end).ShouldBe((fragment, fragment, 1920u - 320u));
        frames.napi_consume_skb(frame, 64);
        domain.Kernel.Arena.Heap.LiveObjects.ShouldBe(before);
        nint small = frames.__netdev_alloc_frag_align(64, uint.MaxValue);
        Should.Throw<KernelFaultException>(() => frames.napi_build_skb(small, 1920)).Message.ShouldContain("1920 bytes");
        frames.page_frag_free(small);
    });

    [KernelFact]
    public void Addresses_decide_what_kind_of_frame_it_is() => NetworkDomain.Run(domain =>
    {
        var nic = new FakeNic(domain);
        foreach (var (destination, kind) in new (byte[], uint)[]
        {
            (NetworkDomain.Address, 0), ([255, 255, 255, 255, 255, 255], SkBuff.Broadcast), ([1, 0, 0x5e, 0, 0, 1], SkBuff.Multicast), (NetworkDomain.Peer, SkBuff.OtherHost),
        })
        {
            var frame = domain.Kernel.SkBuffs.__alloc_skb(100, 0, 0, 0);
            NetworkDomain.Frame(destination, NetworkDomain.Peer, 60, 0).CopyTo(domain.Kernel.Memory.Span<byte>(domain.Kernel.SkBuffData.skb_put(frame, 60), 60));
            domain.Kernel.Ethernet.eth_type_trans(frame, nic.Device).ShouldBe((ushort)0xb588);
            (frame.pkt_type, frame.len).ShouldBe((kind, 46u));
            domain.Kernel.SkBuffs.Free(frame);
        }
        var empty = domain.Kernel.SkBuffs.__alloc_skb(100, 0, 0, 0);
        domain.Kernel.SkBuffData.skb_put(empty, 13);
        Should.Throw<KernelFaultException>(() => domain.Kernel.Ethernet.eth_type_trans(empty, nic.Device)).Message.ShouldContain("13 bytes");
    });

    [KernelFact]
    public void A_checksum_is_filled_in_on_the_way_to_the_device() => NetworkDomain.Run(domain =>
    {
        var kernel = domain.Kernel;
        var frame = kernel.SkBuffs.__alloc_skb(100, 0, 0, 0);
        // The example of RFC 1071, 3: the sum of these bytes is ddf2.
        byte[] bytes = [0xaa, 0xaa, 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7, 0x00, 0x00];
        bytes.CopyTo(kernel.Memory.Span<byte>(kernel.SkBuffData.skb_put(frame, (uint)bytes.Length), bytes.Length));
        (frame.ip_summed, frame.csum_start, frame.csum_offset) = (SkBuff.ChecksumPartial, 2, 8);
        nint target = domain.Allocate(64);
        kernel.SkBuffData.skb_copy_and_csum_dev(frame, target);
        kernel.Memory.Span<byte>(target, bytes.Length).ToArray().ShouldBe([.. bytes[..10], 0x22, 0x0d]);
        frame.csum_offset = 9;
        Should.Throw<KernelFaultException>(() => kernel.SkBuffData.skb_copy_and_csum_dev(frame, target));
    });

    [KernelFact]
    public void The_check_sequence_is_the_standards() => NetworkDomain.Run(domain =>
    {
        nint text = domain.Kernel.CopyString("123456789");
        (~domain.Kernel.Crc32.crc32_le(uint.MaxValue, text, 9)).ShouldBe(0xcbf4_3926u);
    });

    [KernelFact]
    public void A_queue_limit_grows_when_the_device_starves_and_never_underflows() => NetworkDomain.Run(domain =>
    {
        var limit = new DynamicQueueLimit(domain.Allocate(DynamicQueueLimit.Size));
        domain.Kernel.DynamicQueueLimits.Initialize(limit);
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(ArbMap.Default.ArbFor<uint[]>(), steps =>
        {
            domain.Kernel.DynamicQueueLimits.dql_reset(limit);
            foreach (uint step in steps)
            {
                limit.num_queued = unchecked(limit.num_queued + step % 3000);
                uint waiting = unchecked(limit.num_queued - limit.num_completed);
                domain.Kernel.DynamicQueueLimits.dql_completed(limit, waiting == 0 ? 0 : step % (waiting + 1));
                limit.limit.ShouldBeInRange(limit.min_limit, limit.max_limit);
                limit.adj_limit.ShouldBe(unchecked(limit.limit + limit.num_completed));
            }
        }));
        domain.Kernel.DynamicQueueLimits.dql_reset(limit);
        limit.num_queued = 1500;
        domain.Kernel.DynamicQueueLimits.dql_completed(limit, 1500);
        limit.limit.ShouldBe(1500u);
        Should.Throw<KernelFaultException>(() => domain.Kernel.DynamicQueueLimits.dql_completed(limit, 1)).Message.ShouldContain("1 bytes are completed, but 0");
    });
}
