using Bddf;
using Emulator.Tests;
using L4;
using L4Io;
using static Emulator.Tests.TaskFileBlock;

namespace CommandGuard.Tests;

/// <summary>A small disk driver for one IDE disk, which does what it is told, or what the test makes of that.</summary>
internal sealed class IdeDiskDriver : IDiskDriver
{
    private const ulong DoorbellBit = 1;
    private const ulong StopBit = 2;
    private const uint BufferBase = 0x200_0000;
    private const uint BufferStride = 0x10_0000;

    private readonly L4Task _task;
    private readonly PciFunctionProxy _function;
    private readonly DriverMemory _memory;
    private readonly IdeGuest _guest;
    private readonly Capability _doorbell;
    private readonly Notification _notification;
    private readonly List<Channel> _channels = [];
    private uint _buffers;

    /// <param name="task">The driver's task; the calling thread is one of its threads.</param>
    /// <param name="function">The IDE function, a capability of the task.</param>
    /// <param name="interrupt">Tells what the interrupt line does.</param>
    public IdeDiskDriver(L4Task task, Capability function, InterruptRecorder interrupt)
    {
        _task = task;
        _function = new PciFunctionProxy(task, function);
        _memory = new DriverMemory(task);
        _function.MapDma(_memory.Capability, 0, DriverMemory.Bytes, TestDmaMemory.Base, DmaAccess.Read | DmaAccess.Write);
        _function.WriteConfig(4, 2, 5);
        // IDETIM of both channels: decode enable.
        _function.WriteConfig(0x40, 4, 0x8000_8000);
        var ports = new PortalPorts(task, _function, _memory);
        _guest = new IdeGuest(ports, 0x1f0, 0x3f6, ports.BusMaster, interrupt, _memory);
        _guest.Identify();
        _doorbell = task.CreateNotification();
        _notification = task.Open<Notification>(_doorbell, CapabilityRights.All);
        Gate = task.CreateGate(new DiskDriverDispatcher(this));
        task.Ended += () => _notification.Signal(StopBit);
        task.StartThread("requests", () =>
        {
            while ((_notification.Wait() & StopBit) == 0)
            {
                foreach (var channel in _channels.ToArray())
                    channel.Serve();
            }
        });
    }

    public Capability Gate { get; }

    /// <summary>What the driver makes of a request; null for what it says.</summary>
    public Func<BlockRequest, BlockRequest?>? Twist { get; set; }

    /// <summary>What the driver itself may do with the newest buffer.</summary>
    public CapabilityRights BufferRights { get; private set; }

    public DiskInfo[] List() => [new DiskInfo("Dde emulated disk", "MASTER", "1", 512, 2000, 256, "test", true)];

    public Capability OpenChannel(uint disk, Capability completionPortal, uint entries)
    {
        var channel = new Channel(this, new DiskChannelEnd(_task, completionPortal, entries, _doorbell, DoorbellBit));
        _channels.Add(channel);
        return _task.CreateGate(new DiskChannelDispatcher(channel));
    }

    /// <summary>Does a request by bus master, and says how it ended.</summary>
    private BlockStatus Do(in BlockRequest request)
    {
        bool toMemory = request.Operation == BlockOperation.Read;
        if (request.Operation == BlockOperation.Flush)
        {
            _guest.Select(0);
            _guest.Write(7, (byte)AtaCommand.FlushCache);
        }
        else
        {
            uint address = BufferBase + request.Buffer * BufferStride + (uint)request.BufferOffset;
            _guest.DescriptorTable((address, (int)request.Sectors * 512));
            _guest.Dma28((byte)(toMemory ? AtaCommand.ReadDma : AtaCommand.WriteDma), (uint)request.FirstSector, (int)request.Sectors, toMemory);
            _guest.StopBusMaster(toMemory);
        }
        var status = (StatusValue)_guest.Status;
        _guest.ClearBusMasterStatus();
        return status.Error ? BlockStatus.DeviceFault : BlockStatus.Ok;
    }

    private sealed class Channel(IdeDiskDriver driver, DiskChannelEnd end) : IDiskChannel
    {
        public ChannelSetup Setup() => end.Setup;

        public uint AttachBuffer(Capability dataspace, bool isWritable)
        {
            uint buffer = ++driver._buffers;
            ulong length = driver._task.Open<Dataspace>(dataspace).Size;
            driver._function.MapDma(dataspace, 0, length, BufferBase + buffer * BufferStride, isWritable ? DmaAccess.Read | DmaAccess.Write : DmaAccess.Read);
            driver.BufferRights = driver._task.RightsOf(dataspace);
            return buffer;
        }

        public void DetachBuffer(uint buffer)
        {
        }

        public void Close()
        {
        }

        public void Serve()
        {
            while (end.TryTake(out var request))
            {
                var twisted = driver.Twist is { } twist ? twist(request) : request;
                // A driver that does nothing says that all is well.
                var status = twisted is { } done ? driver.Do(done) : BlockStatus.Ok;
                end.Complete(new BlockCompletion(request.Tag, status));
            }
            end.Notify();
        }
    }
}
