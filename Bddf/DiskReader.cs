using Bddf.Partitions;
using L4;

namespace Bddf;

/// <summary>Reads sectors for the framework itself, one request at a time: for partition tables.</summary>
internal sealed class DiskReader : ISectorReader, IPortalHandler, IDisposable
{
    private const uint Entries = 1;
    private const ulong CompletionBit = 1;
    private const ulong GoneBit = 2;
    private const ulong BufferBytes = 64 * 1024;

    private readonly L4Task _task;
    private readonly Capability _notificationCapability;
    private readonly Notification _notification;
    private readonly Capability _dataspace;
    private readonly Mapping _memory;
    private readonly DiskChannel _channel;
    private readonly ChannelBuffer _buffer;
    private readonly ulong _sectorsAtOnce;
    private ulong _tag;

    /// <param name="task">The framework's task.</param>
    /// <param name="gate">The driver's gate, for hearing of its death.</param>
    /// <param name="driver">The driver.</param>
    /// <param name="disk">The disk's index there.</param>
    /// <param name="info">The disk.</param>
    public DiskReader(L4Task task, Capability gate, AttachedDriver driver, uint disk, DiskInfo info)
    {
        _task = task;
        SectorSize = info.SectorSize;
        Sectors = info.Sectors;
        _sectorsAtOnce = Math.Min(info.MaximumSectors, BufferBytes / SectorSize);
        _notificationCapability = task.CreateNotification();
        _notification = task.Open<Notification>(_notificationCapability, CapabilityRights.All);
        task.NotifyWhenGone(gate, _notificationCapability, GoneBit);
        _channel = new DiskChannel(task, driver, disk, info, this, Entries);
        _dataspace = task.CreateDataspace("partition-sectors", BufferBytes);
        _memory = task.Map(_dataspace);
        _buffer = _channel.AttachBuffer(_dataspace);
    }

    /// <inheritdoc />
    public uint SectorSize { get; }

    /// <inheritdoc />
    public ulong Sectors { get; }

    /// <inheritdoc />
    public BlockStatus Read(ulong firstSector, Span<byte> into)
    {
        while (!into.IsEmpty)
        {
            ulong sectors = Math.Min((ulong)into.Length / SectorSize, _sectorsAtOnce);
            var status = ReadOnce(firstSector, sectors);
            if (status != BlockStatus.Ok)
                return status;
            int bytes = (int)(sectors * SectorSize);
            _memory.Bytes[..bytes].CopyTo(into);
            into = into[bytes..];
            firstSector += sectors;
        }
        return BlockStatus.Ok;
    }

    /// <summary>The driver's thread: the reading thread looks at the ring itself.</summary>
    public ulong Enter(ulong word)
    {
        _notification.Signal(CompletionBit);
        return 0;
    }

    /// <summary>Ends the channel.</summary>
    public void Dispose()
    {
        _channel.Close();
        _channel.Free();
        _memory.Dispose();
        _task.Release(_dataspace);
        _task.Release(_notificationCapability);
    }

    private BlockStatus ReadOnce(ulong firstSector, ulong sectors)
    {
        // Slot 0, as all have who are alone.
        _tag += 1UL << 16;
        _channel.TryWrite(new BlockRequest(_tag, BlockOperation.Read, 0, 0, firstSector, sectors), _buffer);
        _channel.Publish();
        while (true)
        {
            while (_channel.TryReap(out var completion, out bool isTrue))
            {
                if (completion.Tag == _tag)
                    return isTrue ? completion.Status : BlockStatus.DeviceFault;
            }
            if ((_notification.Wait() & GoneBit) != 0)
                return BlockStatus.DeviceGone;
        }
    }
}
