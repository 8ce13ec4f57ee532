using L4;

namespace Bddf.Tests;

/// <summary>A disk driver whose part the test plays itself: it takes requests and completes them on the test's thread, well or badly. Only
/// the framework's own look at the partition table is answered, with zeros.</summary>
internal sealed class ManualDriver : IDiskDriver
{
    private const ulong DoorbellBit = 1;
    private const ulong StopBit = 2;

    private readonly L4Task _task;
    private readonly Capability _doorbell;
    private readonly Notification _notification;
    private ManualChannel? _partitionReader;

    public ManualDriver(L4Task task)
    {
        _task = task;
        _doorbell = task.CreateNotification();
        _notification = task.Open<Notification>(_doorbell, CapabilityRights.All);
        Gate = task.CreateGate(new DiskDriverDispatcher(this));
        task.Ended += () => _notification.Signal(StopBit);
        task.StartThread("partition reads", () =>
        {
            while ((_notification.Wait() & StopBit) == 0)
                _partitionReader?.CompleteAll(BlockStatus.Ok);
        });
    }

    public Capability Gate { get; }

    public DiskInfo Info { get; set; } = new("MANUAL", "M1", "1", 512, 1000, 64, "manual", true);

    /// <summary>The channel of the newest session.</summary>
    public ManualChannel Channel { get; private set; } = null!;

    public DiskInfo[] List() => [Info];

    public Capability OpenChannel(uint disk, Capability completionPortal, uint entries)
    {
        // Nobody waits for the doorbell of a session: the test knows when it has rung.
        var doorbell = entries == 1 ? _doorbell : _task.CreateNotification();
        var end = new DiskChannelEnd(_task, completionPortal, entries, doorbell, DoorbellBit);
        var channel = new ManualChannel(_task, end);
        if (entries == 1)
            _partitionReader = channel;
        else
            Channel = channel;
        return _task.CreateGate(new DiskChannelDispatcher(channel));
    }
}

internal sealed class ManualChannel(L4Task task, DiskChannelEnd end) : IDiskChannel
{
    private uint _buffers;

    public DiskChannelEnd End => end;

    /// <summary>The ring as the driver sees it: all of it, writable.</summary>
    public Mapping MapRing() => task.Map(end.Setup.Ring);

    public ChannelSetup Setup() => end.Setup;

    public uint AttachBuffer(Capability dataspace, bool isWritable)
    {
        task.Release(dataspace);
        return ++_buffers;
    }

    public void DetachBuffer(uint buffer)
    {
    }

    /// <summary>Waited for before the channel is closed, if there is one.</summary>
    public Notification? CloseWhen { get; set; }

    public void Close()
    {
        CloseWhen?.Wait();
        CompleteAll(BlockStatus.Aborted);
    }

    public void CompleteAll(BlockStatus status)
    {
        while (end.TryTake(out var request))
            end.Complete(new BlockCompletion(request.Tag, status));
        end.Notify();
    }
}
