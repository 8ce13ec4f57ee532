using L4;
using L4Io;

namespace DdeLinux.Core.Tests;

/// <summary>A PCI function with 256 ports (BAR 0) and 4 KiB of device memory (BAR 1) that keep what is written to them.</summary>
internal sealed class RegisterFunction(L4Task server) : IPciFunction
{
    internal const ushort Ports = 0xc000;

    internal static ulong Memory => 0xfebf_0000;

    internal byte[] PortBytes { get; } = new byte[256];

    internal byte[] MemoryBytes { get; } = new byte[4096];

    internal HashSet<ulong> Held { get; } = [];

    public PciFunctionInfo Describe() => new(new PciAddress(0, 3, 0), 0x10ec, 0x8139, 0, 0, 0x020000, 0,
        [new PciResource(ResourceKind.Ports, 0, Ports, 256), new PciResource(ResourceKind.Memory, 1, Memory, 4096)], false, null);

    public uint ReadConfig(ushort offset, byte width) => 0;

    public void WriteConfig(ushort offset, byte width, uint value)
    {
    }

    public Capability RequestPorts(ushort first, ushort count)
    {
        Take(first);
        return server.CreatePortal(new Registers(PortBytes, Ports));
    }

    public void ReleasePorts(ushort first, ushort count) => Held.Remove(first);

    public Capability RequestMemory(ulong address, ulong length)
    {
        Take(address);
        return server.CreatePortal(new Registers(MemoryBytes, 0));
    }

    public void ReleaseMemory(ulong address, ulong length) => Held.Remove(address);

    public Capability RequestInterrupt(uint line, Capability notification, ulong bits) => throw new ServiceException(ServiceError.NotFound, "no interrupt");

    public void ReleaseInterrupt(uint line)
    {
    }

    public Capability RequestService(Capability notification, ulong bits) => server.CreatePortal(new IdleFunction.IdleService());

    public void MapDma(Capability dataspace, ulong offset, ulong length, ulong busAddress, DmaAccess access)
    {
    }

    public void UnmapDma(ulong busAddress, ulong length)
    {
    }

    private void Take(ulong first)
    {
        if (!Held.Add(first))
            throw new ServiceException(ServiceError.Busy, $"0x{first:x} is held");
    }

    private sealed class Registers(byte[] bytes, uint first) : IPortalHandler
    {
        public ulong Enter(ulong word)
        {
            int at = (int)(RegisterWord.RegisterOf(word) - first);
            int width = RegisterWord.WidthOf(word);
            Span<byte> value = stackalloc byte[sizeof(ulong)];
            switch (RegisterWord.KindOf(word))
            {
                case RegisterWord.Kind.Read:
                    bytes.AsSpan(at, width).CopyTo(value);
                    return BitConverter.ToUInt64(value);
                case RegisterWord.Kind.Write:
                    BitConverter.GetBytes(RegisterWord.ValueOf(word)).AsSpan(0, width).CopyTo(bytes.AsSpan(at));
                    return 0;
                default:
                    throw new ServiceException(ServiceError.BadArgument, "blocks are for the I/O server");
            }
        }
    }
}
