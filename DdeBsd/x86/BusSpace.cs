using DdeKit.Foreign;

namespace DdeBsd;

/// <summary>bus_space(9): registers in I/O ports and in device memory. A handle is a port or a physical address.</summary>
internal sealed unsafe class BusSpace(BsdKernel kernel)
{
    /// <summary>AMD64_BUS_SPACE_IO (machine/_bus.h).</summary>
    internal const int Ports = 0;

    /// <summary>AMD64_BUS_SPACE_MEM.</summary>
    internal const int Memory = 1;

    [KernelFunction]
    public byte bus_space_read_1(int tag, ulong handle, ulong offset) => unchecked((byte)Read(tag, handle, offset, 1));

    [KernelFunction]
    public ushort bus_space_read_2(int tag, ulong handle, ulong offset) => unchecked((ushort)Read(tag, handle, offset, 2));

    [KernelFunction]
    public uint bus_space_read_4(int tag, ulong handle, ulong offset) => Read(tag, handle, offset, 4);

    [KernelFunction]
    public void bus_space_write_1(int tag, ulong handle, ulong offset, byte value) => Write(tag, handle, offset, 1, value);

    [KernelFunction]
    public void bus_space_write_2(int tag, ulong handle, ulong offset, ushort value) => Write(tag, handle, offset, 2, value);

    [KernelFunction]
    public void bus_space_write_4(int tag, ulong handle, ulong offset, uint value) => Write(tag, handle, offset, 4, value);

    [KernelFunction]
    public void bus_space_read_multi_1(int tag, ulong handle, ulong offset, nint data, nuint count) => ReadMulti(tag, handle, offset, 1, data, count);

    [KernelFunction]
    public void bus_space_read_multi_2(int tag, ulong handle, ulong offset, nint data, nuint count) => ReadMulti(tag, handle, offset, 2, data, count);

    [KernelFunction]
    public void bus_space_read_multi_4(int tag, ulong handle, ulong offset, nint data, nuint count) => ReadMulti(tag, handle, offset, 4, data, count);

    [KernelFunction]
    public void bus_space_write_multi_1(int tag, ulong handle, ulong offset, nint data, nuint count) => WriteMulti(tag, handle, offset, 1, data, count);

    [KernelFunction]
    public void bus_space_write_multi_2(int tag, ulong handle, ulong offset, nint data, nuint count) => WriteMulti(tag, handle, offset, 2, data, count);

    [KernelFunction]
    public void bus_space_write_multi_4(int tag, ulong handle, ulong offset, nint data, nuint count) => WriteMulti(tag, handle, offset, 4, data, count);

    [KernelFunction]
    public void bus_space_read_region_1(int tag, ulong handle, ulong offset, nint data, nuint count) => ReadRegion(tag, handle, offset, 1, data, count);

    [KernelFunction]
    public void bus_space_read_region_2(int tag, ulong handle, ulong offset, nint data, nuint count) => ReadRegion(tag, handle, offset, 2, data, count);

    [KernelFunction]
    public void bus_space_read_region_4(int tag, ulong handle, ulong offset, nint data, nuint count) => ReadRegion(tag, handle, offset, 4, data, count);

    [KernelFunction]
    public void bus_space_write_region_1(int tag, ulong handle, ulong offset, nint data, nuint count) => WriteRegion(tag, handle, offset, 1, data, count);

    [KernelFunction]
    public void bus_space_write_region_2(int tag, ulong handle, ulong offset, nint data, nuint count) => WriteRegion(tag, handle, offset, 2, data, count);

    [KernelFunction]
    public void bus_space_write_region_4(int tag, ulong handle, ulong offset, nint data, nuint count) => WriteRegion(tag, handle, offset, 4, data, count);

    [KernelFunction]
    public int bus_space_subregion(int tag, ulong handle, ulong offset, ulong size, nint part)
    {
        kernel.Memory.At<ulong>(part) = unchecked(handle + offset);
        return 0;
    }

    /// <summary>Nothing to do: accesses reach the device in the order in which they are made.</summary>
    [KernelFunction]
    public void bus_space_barrier(int tag, ulong handle, ulong offset, ulong size, int flags)
    {
    }

    private uint Read(int tag, ulong handle, ulong offset, int width)
    {
        ulong register = unchecked(handle + offset);
        return tag == Ports ? kernel.Pci.Ports.Read(Port(register), width) : unchecked((uint)kernel.Pci.Memory.Read(register, width));
    }

    private void Write(int tag, ulong handle, ulong offset, int width, uint value)
    {
        ulong register = unchecked(handle + offset);
        if (tag == Ports)
            kernel.Pci.Ports.Write(Port(register), width, value);
        else
            kernel.Pci.Memory.Write(register, width, value);
    }

    private void ReadMulti(int tag, ulong handle, ulong offset, int width, nint data, nuint count)
    {
        if (IsBlock(tag, data, width, count, out ulong bus, out uint bytes))
        {
            kernel.Pci.Ports.ReadBlock(Port(unchecked(handle + offset)), width, bus, bytes);
            return;
        }
        for (nuint index = 0; index < count; index++)
            Put(data, index, width, Read(tag, handle, offset, width));
    }

    private void WriteMulti(int tag, ulong handle, ulong offset, int width, nint data, nuint count)
    {
        if (IsBlock(tag, data, width, count, out ulong bus, out uint bytes))
        {
            kernel.Pci.Ports.WriteBlock(Port(unchecked(handle + offset)), width, bus, bytes);
            return;
        }
        for (nuint index = 0; index < count; index++)
            Write(tag, handle, offset, width, Get(data, index, width));
    }

    private void ReadRegion(int tag, ulong handle, ulong offset, int width, nint data, nuint count)
    {
        for (nuint index = 0; index < count; index++)
            Put(data, index, width, Read(tag, handle, unchecked(offset + (ulong)index * (ulong)width), width));
    }

    private void WriteRegion(int tag, ulong handle, ulong offset, int width, nint data, nuint count)
    {
        for (nuint index = 0; index < count; index++)
            Write(tag, handle, unchecked(offset + (ulong)index * (ulong)width), width, Get(data, index, width));
    }

    // What lies in the arena crosses to the I/O server as one block; a driver's stack and variables do not lie there.
    private bool IsBlock(int tag, nint data, int width, nuint count, out ulong bus, out uint bytes)
    {
        bus = 0;
        bytes = 0;
        ulong offset = unchecked((ulong)(data - kernel.Arena.Base));
        ulong length = (ulong)count * (ulong)width;
        if (tag != Ports || length > uint.MaxValue || !new L4.Extent(0, kernel.Arena.Length).Contains(offset, length))
            return false;
        bus = offset;
        bytes = (uint)length;
        return true;
    }

    private void Put(nint data, nuint index, int width, uint value)
    {
        nint place = data + (nint)index * width;
        switch (width)
        {
            case 1:
                kernel.Memory.At<byte>(place) = unchecked((byte)value);
                break;
            case 2:
                kernel.Memory.At<ushort>(place) = unchecked((ushort)value);
                break;
            default:
                kernel.Memory.At<uint>(place) = value;
                break;
        }
    }

    private uint Get(nint data, nuint index, int width)
    {
        nint place = data + (nint)index * width;
        return width switch
        {
            1 => kernel.Memory.At<byte>(place),
            2 => kernel.Memory.At<ushort>(place),
            _ => kernel.Memory.At<uint>(place),
        };
    }

    private static uint Port(ulong register) => register <= ushort.MaxValue
        ? (uint)register
        : throw new KernelFaultException($"0x{register:x} is no port");
}

public sealed partial class BsdKernel
{
    internal BusSpace BusSpace => field ??= new BusSpace(this);
}
