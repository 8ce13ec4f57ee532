using System.Buffers.Binary;

namespace DdeLinux;

/// <summary>What drivers do to the data of frames.</summary>
internal sealed unsafe partial class SkBuffData(LinuxKernel kernel)
{
    /// <summary>Adds room for data at a frame's end; the result is where they go.</summary>
    [KernelFunction]
    public nint skb_put(SkBuff frame, uint length)
    {
        uint tail = frame.tail;
        if (frame.data_len != 0 || length > TailRoom(frame))
            throw new KernelFaultException($"frame 0x{frame.Address:x}: {length} bytes do not fit behind its {frame.len} ({TailRoom(frame)} are free, {frame.data_len} bytes lie in fragments)");
        frame.tail = tail + length;
        frame.len += length;
        return frame.head + (nint)tail;
    }

    /// <summary>Shortens a frame without fragments.</summary>
    [KernelFunction]
    public void skb_trim(SkBuff frame, uint length)
    {
        if (frame.len <= length)
            return;
        if (frame.data_len != 0)
            throw new KernelFaultException($"skb_trim of frame 0x{frame.Address:x}, which has {frame.data_len} bytes in fragments");
        Shorten(frame, length);
    }

    /// <summary>Shortens a frame that may have fragments.</summary>
    [KernelFunction]
    public int ___pskb_trim(SkBuff frame, uint length)
    {
        if (frame.len <= length)
            return 0;
        uint kept = frame.HeadLength;
        var shared = kernel.SkBuffs.SharedOf(frame);
        int count = shared.nr_frags;
        int left = 0;
        for (; left < count && kept < length; left++)
        {
            var fragment = shared.FragmentAt(left);
            fragment.bv_len = Math.Min(fragment.bv_len, length - kept);
            kept += fragment.bv_len;
        }
        for (int index = left; index < count; index++)
            kernel.PageAllocator.Put(shared.FragmentAt(index).bv_page);
        shared.nr_frags = (byte)left;
        if (length <= frame.HeadLength)
        {
            frame.data_len = 0;
            Shorten(frame, length);
            return 0;
        }
        frame.data_len -= frame.len - length;
        frame.len = length;
        return 0;
    }

    /// <summary>Moves bytes from a frame's fragments behind its head; the result is the new end of the head, null when there is no memory.</summary>
    [KernelFunction]
    public nint __pskb_pull_tail(SkBuff frame, int delta)
    {
        if (delta < 0 || (uint)delta > frame.data_len)
            return 0;
        if ((uint)delta > TailRoom(frame) && pskb_expand_head(frame, 0, delta, 0) != 0)
            return 0;
        int head = (int)frame.HeadLength;
        CopyTo(frame, head, kernel.Memory.Span<byte>(frame.head + (nint)frame.tail, delta));
        DropFromFragments(frame, (uint)delta);
        frame.tail += (uint)delta;
        return frame.head + (nint)frame.tail;
    }

    /// <summary>Puts zeros behind a frame, without making it longer.</summary>
    [KernelFunction]
    public int __skb_pad(SkBuff frame, int pad, bool freeOnError)
    {
        if (frame.data_len != 0 || (uint)pad > TailRoom(frame))
        {
            int error = pskb_expand_head(frame, 0, pad + (int)frame.data_len, 0);
            if (error != 0 || (frame.data_len != 0 && __pskb_pull_tail(frame, (int)frame.data_len) == 0))
            {
                if (freeOnError)
                    kernel.SkBuffs.Free(frame);
                return -Errno.ENOMEM;
            }
        }
        kernel.Memory.Span<byte>(frame.head + (nint)frame.tail, pad).Clear();
        return 0;
    }

    /// <summary>Gives a frame a larger head.</summary>
    [KernelFunction]
    public int pskb_expand_head(SkBuff frame, int headRoom, int tailRoom, uint flags)
    {
        if (headRoom < 0 || tailRoom < 0)
            throw new KernelFaultException($"frame 0x{frame.Address:x} is to grow by {headRoom} and {tailRoom} bytes");
        // Data that a client lent do not lie in the head; they are copied into the new one.
        uint before = IsLent(frame) ? 0 : (uint)(frame.data - frame.head);
        uint length = frame.HeadLength;
        uint room = before + length + (uint)headRoom + (uint)tailRoom;
        nint head = kernel.Arena.Heap.Allocate(SkBuffs.Align(room) + SkBuffs.Align((uint)SkbSharedInfo.Size), zero: false);
        if (head == 0)
            return -Errno.ENOMEM;
        uint end = (uint)kernel.Arena.Heap.SizeOf(head) - SkBuffs.Align((uint)SkbSharedInfo.Size);
        uint start = before + (uint)headRoom;
        kernel.Memory.Span<byte>(frame.data - (nint)before, (int)(before + length)).CopyTo(new Span<byte>((void*)(head + headRoom), (int)(before + length)));
        var shared = kernel.SkBuffs.SharedOf(frame);
        new ReadOnlySpan<byte>((void*)shared.Address, SkbSharedInfo.Size).CopyTo(new Span<byte>((void*)(head + (nint)end), SkbSharedInfo.Size));
        kernel.Arena.Heap.Free(frame.head);
        frame.head = head;
        frame.end = end;
        frame.data = head + (nint)start;
        frame.tail = start + length;
        Move(frame, headRoom);
        return 0;
    }

    /// <summary>Copies part of a frame.</summary>
    [KernelFunction]
    public int skb_copy_bits(SkBuff frame, int offset, nint target, int length)
    {
        if (offset < 0 || length < 0 || !new L4.Extent(0, frame.len).Contains((ulong)offset, (ulong)length))
            return -Errno.EFAULT;
        CopyTo(frame, offset, kernel.Memory.Span<byte>(target, length));
        return 0;
    }

    /// <summary>Copies a frame to where its device takes it from, and fills in the checksum that it was to get on the way.</summary>
    [KernelFunction]
    public void skb_copy_and_csum_dev(SkBuff frame, nint target)
    {
        var copy = kernel.Memory.Span<byte>(target, (int)frame.len);
        CopyTo(frame, 0, copy);
        if (frame.ip_summed != SkBuff.ChecksumPartial)
            return;
        int start = frame.csum_start - (int)(frame.data - frame.head);
        if (start < 0 || start > copy.Length || !new L4.Extent(0, (ulong)(copy.Length - start)).Contains(frame.csum_offset, sizeof(ushort)))
            throw new KernelFaultException($"frame 0x{frame.Address:x} of {frame.len} bytes wants its checksum from byte {start} at {frame.csum_offset}");
        var summed = copy[start..];
        BinaryPrimitives.WriteUInt16BigEndian(summed[frame.csum_offset..], InternetChecksum.Of(summed));
    }

    /// <summary>Copies bytes of a frame, whether they lie in its head or in fragments.</summary>
    internal void CopyTo(SkBuff frame, int offset, Span<byte> target)
    {
        int head = (int)frame.HeadLength;
        if (offset < head)
        {
            int count = Math.Min(head - offset, target.Length);
            kernel.Memory.Span<byte>(frame.data + offset, count).CopyTo(target);
            target = target[count..];
            offset = head;
        }
        offset -= head;
        var shared = kernel.SkBuffs.SharedOf(frame);
        for (int index = 0; index < shared.nr_frags && target.Length > 0; index++)
        {
            var fragment = shared.FragmentAt(index);
            int length = (int)fragment.bv_len;
            if (offset >= length)
            {
                offset -= length;
                continue;
            }
            int count = Math.Min(length - offset, target.Length);
            nint address = kernel.PageMap.AddressOf(fragment.bv_page) + (nint)fragment.bv_offset + offset;
            kernel.Memory.Span<byte>(address, count).CopyTo(target);
            target = target[count..];
            offset = 0;
        }
        if (target.Length > 0)
            throw new KernelFaultException($"frame 0x{frame.Address:x} of {frame.len} bytes ends {target.Length} bytes before what is read of it");
    }

    private static uint TailRoom(SkBuff frame) => frame.data_len != 0 || frame.tail > frame.end ? 0 : frame.end - frame.tail;

    /// <summary>Whether the data lie outside the head: in a client's memory.</summary>
    private static bool IsLent(SkBuff frame) => frame.tail > frame.end;

    private static void Shorten(SkBuff frame, uint length)
    {
        frame.tail -= frame.len - length;
        frame.len = length;
    }

    /// <summary>Header positions move with the data.</summary>
    private static void Move(SkBuff frame, int by)
    {
        if (frame.mac_header != SkBuff.NoHeader)
            frame.mac_header += (ushort)by;
        if (frame.transport_header != SkBuff.NoHeader)
            frame.transport_header += (ushort)by;
        frame.network_header += (ushort)by;
        if (frame.ip_summed == SkBuff.ChecksumPartial)
            frame.csum_start += (ushort)by;
    }

    private void DropFromFragments(SkBuff frame, uint bytes)
    {
        frame.data_len -= bytes;
        var shared = kernel.SkBuffs.SharedOf(frame);
        int kept = 0;
        for (int index = 0; index < shared.nr_frags; index++)
        {
            var fragment = shared.FragmentAt(index);
            uint taken = Math.Min(bytes, fragment.bv_len);
            bytes -= taken;
            if (taken == fragment.bv_len)
            {
                kernel.PageAllocator.Put(fragment.bv_page);
                continue;
            }
            var target = shared.FragmentAt(kept++);
            target.bv_page = fragment.bv_page;
            target.bv_offset = fragment.bv_offset + taken;
            target.bv_len = fragment.bv_len - taken;
        }
        shared.nr_frags = (byte)kept;
    }
}

public sealed partial class LinuxKernel
{
    internal SkBuffData SkBuffData => field ??= new SkBuffData(this);
}
