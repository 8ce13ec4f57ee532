using System.Buffers.Binary;
using L4;
using L4Io;

namespace CommandGuard;

/// <summary>
/// The table of region descriptors that the device reads: a copy of the driver's, in memory that the driver cannot reach, so that what was
/// checked is what is used. "Programming Interface for Bus Master IDE Controller" revision 1.0, section 1.2.
/// </summary>
internal sealed class DescriptorShadow : IDisposable
{
    private const int DescriptorBytes = 8;
    private const uint Boundary = 0x1_0000;
    private const uint EndOfTable = 1u << 31;

    private readonly L4Task _task;
    private readonly Capability _dataspace;
    private readonly Mapping _mapping;
    private readonly uint _busAddress;
    private IGuardedMemory? _memory;

    /// <param name="task">The I/O server's task.</param>
    /// <param name="busAddress">Where the device finds the copy; a multiple of 64 KiB that no driver uses.</param>
    public DescriptorShadow(L4Task task, uint busAddress)
    {
        _task = task;
        _busAddress = busAddress;
        _dataspace = task.CreateDataspace("descriptor-shadow", Boundary);
        _mapping = task.Map(_dataspace);
    }

    /// <summary>Where the device finds the copy.</summary>
    public uint BusAddress => _busAddress;

    /// <summary>The function has a new holder.</summary>
    public void Attach(IGuardedMemory memory)
    {
        memory.OpenOwn(_dataspace, _busAddress);
        _memory = memory;
    }

    /// <summary>
    /// Copies as much of the driver's table as <paramref name="bytes"/> take, and checks that it names <paramref name="dataspace"/> from
    /// <paramref name="offset"/> on, without a gap.
    /// </summary>
    /// <param name="table">Bus address of the driver's table.</param>
    /// <param name="dataspace">The memory that was authorised.</param>
    /// <param name="offset">Where in it the data starts.</param>
    /// <param name="bytes">Bytes that the device will move.</param>
    /// <returns>Null when all is as authorised; otherwise what is not, with its numbers.</returns>
    public string? Take(uint table, ulong dataspace, ulong offset, ulong bytes)
    {
        var copy = _mapping.Bytes;
        uint at = table & ~3u;
        for (int written = 0; written < copy.Length; written += DescriptorBytes, at = unchecked(at + DescriptorBytes))
        {
            if ((unchecked(at + (DescriptorBytes - 1)) ^ table) >= Boundary || !_memory!.TryAccess(at, DescriptorBytes, DmaAccess.Read, out var descriptor))
                return $"the descriptor at 0x{at:x8} cannot be read";
            uint address = BinaryPrimitives.ReadUInt32LittleEndian(descriptor) & ~1u;
            uint count = BinaryPrimitives.ReadUInt32LittleEndian(descriptor[4..]);
            ulong length = (count & 0xfffe) == 0 ? Boundary : count & 0xfffe;
            ulong used = Math.Min(length, bytes);
            if (!_memory.TryResolve(address, used, out ulong named, out ulong namedOffset) || named != dataspace || namedOffset != offset)
                return $"{used} bytes at 0x{address:x8} are not the memory that was authorised";
            offset += used;
            bytes -= used;
            BinaryPrimitives.WriteUInt32LittleEndian(copy[written..], address);
            BinaryPrimitives.WriteUInt32LittleEndian(copy[(written + 4)..], (uint)(used & 0xffff) | (bytes == 0 ? EndOfTable : 0));
            if (bytes == 0)
                return null;
            if ((count & EndOfTable) != 0)
                break;
        }
        return $"the table at 0x{table:x8} ends {bytes} bytes early";
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _mapping.Dispose();
        if (!_task.IsDead)
            _task.Release(_dataspace);
    }
}
