using System.Runtime.CompilerServices;
using DdeKit.Memory;

namespace DdeLinux;

/// <summary>
/// Making and freeing frames. Heads, page fragments and frames themselves are objects of the domain's heap, whose lists of free objects serve
/// them without searching; a head that came as a page fragment is freed like any other.
/// </summary>
internal sealed unsafe partial class SkBuffs
{
    /// <summary>Room that a received frame has before it (NET_SKB_PAD; NET_IP_ALIGN is 0 on x86).</summary>
    internal const uint Pad = 64;

    /// <summary>Heads are rounded up to cache lines (SMP_CACHE_BYTES): inlined code does the same sums.</summary>
    private const uint CacheLine = 64;

    private readonly LinuxKernel _kernel;
    private readonly Heap _heap;
    private readonly uint _overhead = Align((uint)SkbSharedInfo.Size);

    internal SkBuffs(LinuxKernel kernel)
    {
        _kernel = kernel;
        _heap = kernel.Arena.Heap;
    }

    /// <summary>Makes a frame with at least <paramref name="room"/> bytes for data; null when there is no memory.</summary>
    internal SkBuff Allocate(uint room)
    {
        // Nothing that a driver may ask for is near the limit, and sums below cannot wrap.
        if (room > int.MaxValue / 2)
            return default;
        nint head = _heap.Allocate(Align(room) + _overhead, zero: false);
        if (head == 0)
            return NoMemory(room);
        var frame = Build(head, (uint)_heap.SizeOf(head));
        if (frame.IsNull)
            _heap.Free(head);
        return frame;
    }

    /// <summary>Makes a frame around a head of <paramref name="size"/> bytes, in all; null when there is no memory.</summary>
    internal SkBuff Build(nint head, uint size)
    {
        nint address = _heap.Allocate((ulong)SkBuff.Size, zero: false);
        if (address == 0)
            return NoMemory((uint)SkBuff.Size);
        var frame = new SkBuff(address);
        // Up to tail all is zero in a new frame (include/linux/skbuff.h); what follows is set here.
        new Span<byte>((void*)address, (int)(frame.tail_address - address)).Clear();
        frame.head = head;
        frame.data = head;
        frame.tail = 0;
        frame.end = size - _overhead;
        frame.truesize = size + Align((uint)SkBuff.Size);
        frame.users = 1;
        frame.mac_header = SkBuff.NoHeader;
        frame.transport_header = SkBuff.NoHeader;
        var shared = SharedOf(frame);
        new Span<byte>((void*)shared.Address, (int)(shared.frags - shared.Address)).Clear();
        shared.dataref = 1;
        return frame;
    }

    /// <summary>What stands behind a frame's head.</summary>
    /// <exception cref="KernelFaultException">The driver broke the frame.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal SkbSharedInfo SharedOf(SkBuff frame) => new(_kernel.Memory.Check(unchecked(frame.head + (nint)frame.end), SkbSharedInfo.Size));

    /// <summary>Gives a reference of a frame back; the last one frees it.</summary>
    internal void Free(SkBuff frame)
    {
        if (frame.IsNull)
            return;
        int users = frame.users - 1;
        if (users < 0)
            throw new KernelFaultException($"frame 0x{frame.Address:x} is freed twice");
        frame.users = users;
        if (users > 0)
            return;
        if (frame.destructor != 0)
            Destruct(frame);
        ReleaseData(frame);
        _heap.Free(frame.Address);
    }

    /// <summary>Frees a frame's head and fragments.</summary>
    internal void ReleaseData(SkBuff frame)
    {
        var shared = SharedOf(frame);
        if (frame.cloned || shared.frag_list != 0)
            throw new KernelFaultException($"frame 0x{frame.Address:x} is a clone or a list of frames; nothing here makes such");
        if (shared.nr_frags != 0)
            ReleaseFragments(shared);
        _heap.Free(frame.head);
    }

    [KernelFunction]
    public SkBuff __alloc_skb(uint size, uint flags, int kind, int node) => Allocate(size);

    [KernelFunction]
    public SkBuff __netdev_alloc_skb(NetDevice device, uint length, uint flags) => ForReceive(device.Address, length);

    [KernelFunction]
    public SkBuff __napi_alloc_skb(NapiStruct napi, uint length, uint flags) => ForReceive(napi.dev, length);

    /// <summary>Makes a frame around a page fragment that the driver filled. A size of 0 says that it is an object of the heap.</summary>
    [KernelFunction]
    public SkBuff napi_build_skb(nint data, uint size)
    {
        uint room = (uint)_heap.SizeOf(data);
        if (size > room || (size == 0 ? room : size) < _overhead)
            throw new KernelFaultException($"a frame is to be built of {size} bytes at 0x{data:x}, where there are {room}");
        var frame = Build(data, size == 0 ? room : size);
        if (!frame.IsNull)
            frame.head_frag = size != 0;
        return frame;
    }

    /// <summary>A piece of memory for a received frame; the mask says how it must be aligned, and objects of the heap are aligned to their size.</summary>
    [KernelFunction]
    public nint __netdev_alloc_frag_align(uint size, uint alignMask)
    {
        nint address = _heap.Allocate(Align(size), zero: false);
        if (address == 0)
            NoMemory(size);
        return address;
    }

    /// <summary>Frees a piece of memory by any address in it: a kernel frees the page.</summary>
    [KernelFunction]
    public void page_frag_free(nint address) => _heap.Free(_heap.StartOf(address));

    [KernelFunction]
    public void kfree_skb_reason(SkBuff frame, int reason) => Free(frame);

    [KernelFunction]
    public void consume_skb(SkBuff frame) => Free(frame);

    /// <summary>Frees a frame wherever that may be: frames are freed at once also in interrupts here, since nothing they own needs another context.</summary>
    [KernelFunction]
    public void __dev_kfree_skb_any(SkBuff frame, int reason) => Free(frame);

    [KernelFunction]
    public void __dev_kfree_skb_irq(SkBuff frame, int reason) => Free(frame);

    [KernelFunction]
    public void napi_consume_skb(SkBuff frame, int budget) => Free(frame);

    /// <summary>The destructor of a frame that lies in a client's memory: tells its owner that the memory is free again.</summary>
    [KernelFunction]
    public void sock_wfree(SkBuff frame) => _kernel.NetDevices.Find(frame.dev).CompleteHeld(SharedOf(frame).destructor_arg);

    internal static uint Align(uint size) => (size + (CacheLine - 1)) & ~(CacheLine - 1);

    private SkBuff ForReceive(nint device, uint length)
    {
        if (length > int.MaxValue / 2)
            return default;
        var frame = Allocate(length + Pad);
        if (frame.IsNull)
            return frame;
        frame.data += (nint)Pad;
        frame.tail = Pad;
        frame.dev = device;
        return frame;
    }

    private void Destruct(SkBuff frame)
    {
        nint destructor = frame.destructor;
        frame.destructor = 0;
        if (destructor == _kernel.NetDevices.HeldDestructor)
            sock_wfree(frame);
        else
            _kernel.Call(destructor, frame.Address);
    }

    private void ReleaseFragments(SkbSharedInfo shared)
    {
        int count = shared.nr_frags;
        if (count > SkbSharedInfo.LargestFragments)
            throw new KernelFaultException($"a frame has {count} fragments, but {SkbSharedInfo.LargestFragments} is the most");
        for (int index = 0; index < count; index++)
            _kernel.PageAllocator.Put(shared.FragmentAt(index).bv_page);
    }

    private SkBuff NoMemory(uint size)
    {
        _kernel.Slab.ReportFull(size);
        return default;
    }
}

public sealed partial class LinuxKernel
{
    internal SkBuffs SkBuffs => field ??= new SkBuffs(this);
}
