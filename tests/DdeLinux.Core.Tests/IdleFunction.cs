using L4;
using L4Io;

namespace DdeLinux.Core.Tests;

/// <summary>A PCI function with nothing in it: the kernel's own rooms need none.</summary>
internal sealed class IdleFunction(L4Task server) : IPciFunction
{
    public PciFunctionInfo Describe() => new(new PciAddress(0, 1, 1), 0x8086, 0x7010, 0, 0, 0x010180, 0, [], false, null);

    public uint ReadConfig(ushort offset, byte width) => uint.MaxValue;

    public void WriteConfig(ushort offset, byte width, uint value) => throw Nothing();

    public Capability RequestPorts(ushort first, ushort count) => throw Nothing();

    public void ReleasePorts(ushort first, ushort count) => throw Nothing();

    public Capability RequestMemory(ulong address, ulong length) => throw Nothing();

    public void ReleaseMemory(ulong address, ulong length) => throw Nothing();

    public Capability RequestInterrupt(uint line, Capability notification, ulong bits) => throw Nothing();

    public void ReleaseInterrupt(uint line) => throw Nothing();

    public Capability RequestService(Capability notification, ulong bits) => server.CreatePortal(new IdleService());

    public void MapDma(Capability dataspace, ulong offset, ulong length, ulong busAddress, DmaAccess access)
    {
    }

    public void UnmapDma(ulong busAddress, ulong length) => throw Nothing();

    /// <summary>The service of a function whose model never has anything to do by itself.</summary>
    internal sealed class IdleService : IPortalHandler
    {
        public ulong Enter(ulong word) => (ulong)Clock.Never;
    }

    private static ServiceException Nothing() => new(ServiceError.NotFound, "the idle function has no registers");
}
