using Bddf;
using DdeKit;
using L4;
using L4Io;

namespace Ports;

/// <summary>
/// One stream of requests to one disk. Requests are taken on the domain's event loop; the service's calls come on the task's server
/// thread and enter the domain.
/// </summary>
#pragma warning disable CA1001 // Closed by a call of its service.
internal sealed class DiskChannel : IDiskChannel
#pragma warning restore CA1001
{
    /// <summary>A tag in the driver is the channel's index, then this many bits of slot.</summary>
    internal const int SlotBits = 16;

    /// <summary>A request of 8 MiB: what 128 scatter-gather entries of 64 KiB hold; longer ones would be split anyway.</summary>
    internal const uint MaximumSectors = 16384;

    private const long DeathCheckNanoseconds = 50_000_000;

    private readonly DriverKernel _kernel;
    private readonly DriverDisk _disk;
    private readonly DiskChannelEnd _end;
    private readonly ulong _doorbellBit;
    private readonly ulong _tagBase;
    private readonly Action _ended;
    private readonly List<Buffer?> _buffers = [null];
    private readonly ulong[] _clientTags;
    private readonly int[] _freeSlots;
    private int _freeCount;
    private bool _closed;
    private Notification? _idle;

    internal DiskChannel(DriverKernel kernel, DriverDisk disk, int index, Capability completionPortal, uint entries, Action ended)
    {
        _ended = ended;
        _kernel = kernel;
        _disk = disk;
        _tagBase = (ulong)index << SlotBits;
        _clientTags = new ulong[entries];
        _freeSlots = [.. Enumerable.Range(0, (int)entries)];
        _freeCount = (int)entries;
        _doorbellBit = kernel.Cpu.AddEvent(Take);
        _end = new DiskChannelEnd(kernel.Task, completionPortal, entries, kernel.Cpu.EventsCapability, _doorbellBit);
        Gate = kernel.Task.CreateGate(new DiskChannelDispatcher(this));
    }

    /// <summary>The service's gate, a capability of the driver's task until the channel is closed.</summary>
    internal Capability Gate { get; }

    private sealed record Buffer(Capability Dataspace, ulong BusAddress, ulong Length, bool IsWritable);

    /// <inheritdoc />
    public ChannelSetup Setup() => _end.Setup;

    /// <inheritdoc />
    public uint AttachBuffer(Capability dataspace, bool isWritable)
    {
        uint number = 0;
        _kernel.Cpu.Invoke(() =>
        {
            ulong length = _kernel.Task.Open<Dataspace>(dataspace).Size;
            // What the driver may not write to it cannot spoil either: a stray write there ends it.
            ulong busAddress = _kernel.Arena.MapWindow(dataspace, _kernel.Task.RightsOf(dataspace));
            _kernel.Pci.MapWindow(dataspace, length, busAddress, isWritable ? DmaAccess.Read | DmaAccess.Write : DmaAccess.Read);
            number = (uint)_buffers.Count;
            _buffers.Add(new Buffer(dataspace, busAddress, length, isWritable));
        });
        return number;
    }

    /// <inheritdoc />
    public void DetachBuffer(uint buffer) => _kernel.Cpu.Invoke(() => Detach(buffer));

    /// <inheritdoc />
    public void Close()
    {
        if (_closed)
            return;
        // Requests that the device has are waited for; Bddf sends no new ones.
        var capability = _kernel.Task.CreateNotification();
        var idle = _kernel.Task.Open<Notification>(capability);
        _kernel.Cpu.Invoke(() =>
        {
            _closed = true;
            _idle = idle;
            if (_freeCount == _freeSlots.Length)
                idle.Signal(1);
        });
        // A domain that dies meanwhile completes nothing more.
        while (idle.Wait(_kernel.Cpu.Now + DeathCheckNanoseconds) == 0)
        {
            if (_kernel.Task.IsDead)
                return;
        }
        _kernel.Cpu.Invoke(() =>
        {
            _kernel.Cpu.RemoveEvent(_doorbellBit);
            for (int buffer = 1; buffer < _buffers.Count; buffer++)
            {
                if (_buffers[buffer] is not null)
                    Detach((uint)buffer);
            }
            _ended();
        });
        _end.Dispose();
        _kernel.Task.Release(Gate);
        _kernel.Task.Release(capability);
    }

    /// <summary>The disk has finished a request of this channel.</summary>
    internal void Completed(ulong tag, in DiskStatus status)
    {
        int slot = (int)(tag & ((1 << SlotBits) - 1));
        _freeSlots[_freeCount++] = slot;
        _end.Complete(Translate(_clientTags[slot], status));
        // Each at once, not a batch: the client readies its next requests while the driver works, and does not fall asleep over it.
        _end.Notify();
        if (_freeCount == _freeSlots.Length)
            _idle?.Signal(1);
    }

    /// <summary>The doorbell rang: starts what was published, as far as there are slots.</summary>
    private void Take()
    {
        while (_freeCount > 0 && _end.TryTake(out var request))
            Start(request);
        // Start ends some requests itself.
        _end.Notify();
    }

    private void Start(in BlockRequest request)
    {
        DiskOperation operation;
        switch (request.Operation)
        {
            case BlockOperation.Read:
                operation = DiskOperation.Read;
                break;
            case BlockOperation.Write:
                operation = DiskOperation.Write;
                break;
            case BlockOperation.Flush:
                operation = DiskOperation.Flush;
                break;
            default:
                _end.Complete(new BlockCompletion(request.Tag, BlockStatus.Unsupported));
                return;
        }
        ulong busAddress = 0;
        if (operation != DiskOperation.Flush)
        {
            var buffer = request.Buffer < _buffers.Count ? _buffers[(int)request.Buffer] : null;
            if (buffer is null || (operation == DiskOperation.Read && !buffer.IsWritable) || request.Sectors > MaximumSectors || !new Extent(0, buffer.Length).Contains(request.BufferOffset, request.Sectors * _disk.SectorSize))
            {
                _end.Complete(new BlockCompletion(request.Tag, BlockStatus.BadBuffer));
                return;
            }
            busAddress = buffer.BusAddress + request.BufferOffset;
        }
        int slot = _freeSlots[--_freeCount];
        _clientTags[slot] = request.Tag;
        _disk.Submit(operation, request.FirstSector, (uint)request.Sectors, busAddress, _tagBase | (uint)slot);
    }

    private void Detach(uint number)
    {
        var buffer = number < _buffers.Count ? _buffers[(int)number] : null;
        if (buffer is null)
            throw new ServiceException(ServiceError.NotFound, $"buffer {number} is not attached");
        _buffers[(int)number] = null;
        _kernel.Pci.UnmapWindow(buffer.BusAddress, buffer.Length);
        _kernel.Arena.UnmapWindow(buffer.BusAddress);
        _kernel.Task.Release(buffer.Dataspace);
    }

    private static BlockCompletion Translate(ulong tag, in DiskStatus status)
    {
        var outcome = status.Outcome switch
        {
            DiskOutcome.Ok => BlockStatus.Ok,
            DiskOutcome.MediumError => BlockStatus.MediumError,
            DiskOutcome.DeviceError => BlockStatus.DeviceFault,
            DiskOutcome.Aborted => BlockStatus.Aborted,
            _ => BlockStatus.DeviceGone,
        };
        return new BlockCompletion(tag, outcome, 0, outcome == BlockStatus.MediumError ? status.FailedSector : 0);
    }
}
