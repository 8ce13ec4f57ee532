using L4;
using L4Io;

namespace DdeKit.Pci;

/// <summary>The I/O ports that a domain has claimed. Belongs to the holder of the baton.</summary>
public sealed class IoPorts : RegisterSpace
{
    private readonly IPciFunction _function;

    internal IoPorts(L4Task task, IPciFunction function)
        : base(task, ResourceKind.Ports) => _function = function;

    /// <summary>Bytes moved by block transfers so far.</summary>
    public long BlockBytes { get; private set; }

    /// <summary>Claims ports.</summary>
    /// <exception cref="ServiceException">They are another's; the text says whose.</exception>
    public void Request(ushort first, ushort count) => Add(new Extent(first, count), _function.RequestPorts(first, count));

    /// <summary>Gives ports back that were claimed with exactly these numbers.</summary>
    public void Release(ushort first, ushort count)
    {
        Remove(new Extent(first, count));
        _function.ReleasePorts(first, count);
    }

    /// <summary>Reads 1, 2 or 4 bytes.</summary>
    public uint Read(uint port, int width)
    {
        uint value = (uint)Find(port, out _).Enter(RegisterWord.Read(port, width));
        Tap?.Read(Kind, port, width, value);
        return value;
    }

    /// <summary>Writes 1, 2 or 4 bytes.</summary>
    public void Write(uint port, int width, uint value)
    {
        Tap?.Write(Kind, port, width, value);
        Find(port, out _).Post(RegisterWord.Write(port, width, value));
    }

    /// <summary>Fills memory of the arena from one port.</summary>
    public void ReadBlock(uint port, int width, ulong busAddress, uint bytes)
    {
        var portal = Find(port, out _);
        portal.Post(RegisterWord.BlockAddress((uint)busAddress));
        portal.Enter(RegisterWord.ReadBlock(port, width, bytes));
        BlockBytes += bytes;
        Tap?.ReadBlock(port, width, busAddress, bytes);
    }

    /// <summary>Empties memory of the arena into one port.</summary>
    public void WriteBlock(uint port, int width, ulong busAddress, uint bytes)
    {
        Tap?.WriteBlock(port, width, busAddress, bytes);
        var portal = Find(port, out _);
        portal.Post(RegisterWord.BlockAddress((uint)busAddress));
        portal.Enter(RegisterWord.WriteBlock(port, width, bytes));
        BlockBytes += bytes;
    }
}
