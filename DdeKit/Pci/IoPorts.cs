using L4;
using L4Io;

namespace DdeKit.Pci;

/// <summary>The I/O ports that a domain has claimed. Belongs to the holder of the baton.</summary>
public sealed class IoPorts
{
    private readonly L4Task _task;
    private readonly IPciFunction _function;
    private Range[] _ranges = [];

    internal IoPorts(L4Task task, IPciFunction function)
    {
        _task = task;
        _function = function;
    }

    private sealed record Range(Extent Ports, Capability Capability, Portal Portal);

    /// <summary>Register accesses so far; a block counts as one.</summary>
    public long Accesses { get; private set; }

    /// <summary>Bytes moved by block transfers so far.</summary>
    public long BlockBytes { get; private set; }

    /// <summary>Claims ports.</summary>
    /// <exception cref="ServiceException">They are another's; the text says whose.</exception>
    public void Request(ushort first, ushort count)
    {
        var capability = _function.RequestPorts(first, count);
        _ranges = [.. _ranges, new Range(new Extent(first, count), capability, _task.Open<Portal>(capability))];
    }

    /// <summary>Gives ports back that were claimed with exactly these numbers.</summary>
    public void Release(ushort first, ushort count)
    {
        var range = Array.Find(_ranges, r => r.Ports == new Extent(first, count))
            ?? throw new ServiceException(ServiceError.NotFound, $"ports 0x{first:x}+{count} are not claimed");
        _ranges = [.. _ranges.Where(r => r != range)];
        _function.ReleasePorts(first, count);
        _task.Release(range.Capability);
    }

    /// <summary>Whether the port is claimed.</summary>
    public bool IsClaimed(uint port) => Array.Exists(_ranges, r => r.Ports.Contains(port));

    /// <summary>Reads 1, 2 or 4 bytes.</summary>
    public uint Read(uint port, int width) => (uint)Find(port).Enter(RegisterWord.Read(port, width));

    /// <summary>Writes 1, 2 or 4 bytes.</summary>
    public void Write(uint port, int width, uint value) => Find(port).Enter(RegisterWord.Write(port, width, value));

    /// <summary>Fills memory of the arena from one port.</summary>
    public void ReadBlock(uint port, int width, ulong busAddress, uint bytes)
    {
        var portal = Find(port);
        portal.Enter(RegisterWord.BlockAddress((uint)busAddress));
        portal.Enter(RegisterWord.ReadBlock(port, width, bytes));
        BlockBytes += bytes;
    }

    /// <summary>Empties memory of the arena into one port.</summary>
    public void WriteBlock(uint port, int width, ulong busAddress, uint bytes)
    {
        var portal = Find(port);
        portal.Enter(RegisterWord.BlockAddress((uint)busAddress));
        portal.Enter(RegisterWord.WriteBlock(port, width, bytes));
        BlockBytes += bytes;
    }

    private Portal Find(uint port)
    {
        Accesses++;
        foreach (var range in _ranges)
        {
            if (range.Ports.Contains(port))
                return range.Portal;
        }
        throw new ServiceException(ServiceError.AccessDenied, $"port 0x{port:x} is not claimed by task '{_task.Name}'");
    }
}
