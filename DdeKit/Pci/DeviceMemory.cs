using L4;
using L4Io;

namespace DdeKit.Pci;

/// <summary>The device memory that a domain has claimed, by physical address. Belongs to the holder of the baton.</summary>
public sealed class DeviceMemory : RegisterSpace
{
    private readonly IPciFunction _function;

    internal DeviceMemory(L4Task task, IPciFunction function)
        : base(task, ResourceKind.Memory) => _function = function;

    /// <summary>Claims device memory, 16 MiB at most.</summary>
    /// <exception cref="ServiceException">It is another's; the text says whose.</exception>
    public void Request(ulong address, ulong length) => Add(new Extent(address, length), _function.RequestMemory(address, length));

    /// <summary>Gives device memory back that was claimed with exactly these numbers.</summary>
    public void Release(ulong address, ulong length)
    {
        Remove(new Extent(address, length));
        _function.ReleaseMemory(address, length);
    }

    /// <summary>Reads 1, 2, 4 or 8 bytes. Eight bytes are two accesses, the lower half first, as on a 32-bit bus (PCI Local Bus 3.0,
    /// 3.8).</summary>
    public ulong Read(ulong address, int width)
    {
        var portal = Find(address, out uint offset);
        ulong value = width < 8
            ? portal.Enter(RegisterWord.Read(offset, width))
            : (uint)portal.Enter(RegisterWord.Read(offset, 4)) | portal.Enter(RegisterWord.Read(offset + 4, 4)) << 32;
        Tap?.Read(Kind, address, width, value);
        return value;
    }

    /// <summary>Writes 1, 2, 4 or 8 bytes; eight as <see cref="Read"/> does.</summary>
    public void Write(ulong address, int width, ulong value)
    {
        Tap?.Write(Kind, address, width, value);
        var portal = Find(address, out uint offset);
        portal.Post(RegisterWord.Write(offset, Math.Min(width, 4), unchecked((uint)value)));
        if (width == 8)
            portal.Post(RegisterWord.Write(offset + 4, 4, (uint)(value >> 32)));
    }
}
