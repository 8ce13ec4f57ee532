namespace DdeLinux;

/// <summary>The addresses of a device: its own, and those of others that it is to receive.</summary>
internal sealed partial class AddressLists(LinuxKernel kernel)
{
    /// <summary>Room for an address in a device and in its lists (MAX_ADDR_LEN).</summary>
    internal const int LargestAddress = 32;

    /// <summary>Prepares the lists of a new device, whose own address is the first of one of them; false when there is no memory.</summary>
    internal bool Initialize(NetDevice device)
    {
        device.uc.list.Initialize();
        device.mc.list.Initialize();
        device.dev_addrs.list.Initialize();
        if (!Add(device.dev_addrs, new byte[LargestAddress], HardwareAddressEntry.Lan))
            return false;
        device.dev_addr = EntryOf(device.dev_addrs.list.next).addr;
        return true;
    }

    /// <summary>Empties all lists of a device whose memory goes.</summary>
    internal void Flush(NetDevice device)
    {
        Flush(device.uc);
        Flush(device.mc);
        Flush(device.dev_addrs);
        device.dev_addr = 0;
    }

    /// <summary>Puts other multicast addresses in place of those before; false when there is no memory.</summary>
    internal bool SetMulticast(NetDevice device, ReadOnlySpan<byte> addresses)
    {
        Flush(device.mc);
        for (; addresses.Length > 0; addresses = addresses[Ethernet.AddressBytes..])
        {
            if (!Add(device.mc, addresses[..Ethernet.AddressBytes], HardwareAddressEntry.Multicast))
                return false;
        }
        return true;
    }

    /// <summary>Changes bytes of a device's own address.</summary>
    [KernelFunction]
    public void dev_addr_mod(NetDevice device, uint offset, nint bytes, nuint count)
    {
        if (!new L4.Extent(0, LargestAddress).Contains(offset, count))
            throw new KernelFaultException($"{count} bytes at {offset} of the address of a device are to be changed; it has {LargestAddress}");
        var source = kernel.Memory.Span<byte>(bytes, (int)count);
        source.CopyTo(kernel.Memory.Span<byte>(device.dev_addr + (nint)offset, (int)count));
        source.CopyTo(kernel.Memory.Span<byte>(device.dev_addr_shadow + (nint)offset, (int)count));
    }

    private static HardwareAddressEntry EntryOf(ListHead node) => new(node.Address - new HardwareAddressEntry(0).list.Address);

    private bool Add(HardwareAddressList list, ReadOnlySpan<byte> address, byte type)
    {
        nint memory = kernel.Slab.Allocate((nuint)HardwareAddressEntry.Size, Slab.Zero);
        if (memory == 0)
            return false;
        var entry = new HardwareAddressEntry(memory) { type = type, refcount = 1 };
        address.CopyTo(kernel.Memory.Span<byte>(entry.addr, LargestAddress));
        list.list.AddTail(entry.list);
        list.count++;
        return true;
    }

    private void Flush(HardwareAddressList list)
    {
        while (!list.list.IsEmpty)
        {
            var entry = EntryOf(list.list.next);
            entry.list.Remove();
            kernel.Slab.kfree(entry.Address);
        }
        list.count = 0;
    }
}

public sealed partial class LinuxKernel
{
    internal AddressLists AddressLists => field ??= new AddressLists(this);
}
