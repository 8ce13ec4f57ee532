using L4;

namespace Nddf.Testing;

/// <summary>A network driver task whose cards come in pairs with a wire between: 0 and 1, 2 and 3, and so on. One server thread, one thread for
/// the frames.</summary>
public sealed class WireNicDriver : INicDriver
{
    private const ulong DoorbellBit = 1;
    private const ulong StopBit = 2;

    private readonly Lock _lock = new();
    private readonly L4Task _task;
    private readonly WireNic[] _nics;
    private readonly Capability _doorbell;
    private readonly Notification _notification;

    /// <param name="task">The driver's task.</param>
    /// <param name="nics">The cards.</param>
    public WireNicDriver(L4Task task, params WireNic[] nics)
    {
        _task = task;
        _nics = nics;
        _doorbell = task.CreateNotification();
        _notification = task.Open<Notification>(_doorbell, CapabilityRights.All);
        Gate = task.CreateGate(new NicDriverDispatcher(this));
        task.Ended += () => _notification.Signal(StopBit);
        task.StartThread("frames", Serve);
    }

    /// <summary>The driver's gate, in its task's capability space.</summary>
    public Capability Gate { get; }

    /// <inheritdoc />
    public NicDescription[] List() => [.. _nics.Select(nic => nic.Description)];

    /// <inheritdoc />
    public NicReading Read(uint nic)
    {
        lock (_lock)
            return Find(nic).Read();
    }

    /// <inheritdoc />
    public void SetAddress(uint nic, HardwareAddress address)
    {
        lock (_lock)
            Find(nic).Address = address;
    }

    /// <inheritdoc />
    public void SetMtu(uint nic, uint mtu)
    {
        lock (_lock)
            Find(nic).Mtu = mtu;
    }

    /// <inheritdoc />
    public NicChannelSetup OpenChannel(uint nic, NicDirection direction, bool promiscuous, Capability frames, uint slots, Capability ring, Capability portal)
    {
        var found = Find(nic);
        var channel = new WireNicChannel(_task, promiscuous, frames, new FrameChannelEnd(_task, slots, ring, portal), _lock);
        var channels = direction == NicDirection.Transmit ? found.Senders : found.Receivers;
        lock (_lock)
            channels.Add(channel);
        channel.Closed = () => channels.Remove(channel);
        return new NicChannelSetup(_task.CreateGate(new NicChannelDispatcher(channel)), _doorbell, DoorbellBit);
    }

    /// <summary>Keeps the frames that it takes, for ever.</summary>
    public bool Hold { get; set; }

    /// <summary>Connects or cuts a card's wire, as seen from that card.</summary>
    public void SetLink(int nic, bool isUp)
    {
        lock (_lock)
        {
            _nics[nic].IsLinkUp = isUp;
            foreach (var channel in _nics[nic].Senders.Concat(_nics[nic].Receivers))
                channel.End.SetLink(isUp);
        }
    }

    private WireNic Find(uint nic) =>
        nic < _nics.Length ? _nics[nic] : throw new ServiceException(ServiceError.NotFound, $"there is no card {nic}; there are {_nics.Length}");

    private void Serve()
    {
        while ((_notification.Wait() & StopBit) == 0)
        {
            lock (_lock)
            {
                for (int nic = 0; nic < _nics.Length; nic++)
                {
                    if (!Hold)
                        _nics[nic].SendTo(_nics[nic ^ 1]);
                }
            }
        }
    }
}

/// <summary>A card of the tests.</summary>
public sealed class WireNic(HardwareAddress address)
{
    private ulong _sent, _sentBytes, _notSent, _received, _receivedBytes, _dropped;

    /// <summary>What the card says it is.</summary>
    public NicDescription Description { get; init; } = new("wire of the tests", 68, 2034);

    /// <summary>Its address.</summary>
    public HardwareAddress Address { get; set; } = address;

    /// <summary>Its MTU.</summary>
    public uint Mtu { get; set; } = 1500;

    /// <summary>Whether its wire is connected.</summary>
    public bool IsLinkUp { get; set; } = true;

    internal List<WireNicChannel> Senders { get; } = [];

    internal List<WireNicChannel> Receivers { get; } = [];

    internal NicReading Read() =>
        new(Address, Mtu, IsLinkUp, new NicStatistics(_sent, _sentBytes, _notSent, _received, _receivedBytes, 0, _dropped));

    internal void SendTo(WireNic peer)
    {
        foreach (var channel in Senders)
        {
            while (channel.End.TryTake(out var frame))
            {
                bool isSent = IsLinkUp && peer.IsLinkUp;
                if (isSent)
                {
                    _sent++;
                    _sentBytes += frame.Length;
                    peer.Take(channel.Frame(frame));
                }
                else
                {
                    _notSent++;
                }
                channel.End.Complete(frame with { Status = isSent ? FrameStatus.Ok : FrameStatus.Dropped });
            }
            channel.End.Notify();
        }
        foreach (var channel in peer.Receivers)
            channel.End.Notify();
    }

    private void Take(ReadOnlySpan<byte> frame)
    {
        var destination = HardwareAddress.Read(frame);
        bool isForUs = destination.IsGroup || destination == Address;
        if (!isForUs && !Receivers.Exists(r => r.Promiscuous))
            return;
        _received++;
        _receivedBytes += (ulong)frame.Length;
        foreach (var channel in Receivers)
        {
            if (isForUs || channel.Promiscuous)
                _dropped += channel.TryFill(frame) ? 0UL : 1;
        }
    }
}

/// <summary>One channel; its lock is the driver's.</summary>
internal sealed class WireNicChannel : INicChannel
{
    private readonly L4Task _task;
    private readonly Capability _frames;
    private readonly Lock _lock;
    private readonly Mapping _memory;
    private bool _isClosed;

    public WireNicChannel(L4Task task, bool promiscuous, Capability frames, FrameChannelEnd end, Lock driverLock)
    {
        _task = task;
        _frames = frames;
        _lock = driverLock;
        _memory = task.Map(frames, task.RightsOf(frames));
        Promiscuous = promiscuous;
        End = end;
    }

    public Action Closed { get; set; } = () => { };

    public FrameChannelEnd End { get; }

    public bool Promiscuous { get; }

    public Span<byte> Frame(in FrameDescriptor descriptor) => _memory.Bytes.Slice((int)descriptor.Slot * FrameRing.SlotBytes, (int)descriptor.Length);

    public bool TryFill(ReadOnlySpan<byte> frame)
    {
        if (!End.TryTake(out var slot))
            return false;
        var filled = slot with { Length = (uint)frame.Length };
        frame.CopyTo(Frame(filled));
        End.Complete(filled);
        return true;
    }

    public void Close()
    {
        lock (_lock)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            Closed();
            _memory.Dispose();
            _task.Release(_frames);
            End.Dispose();
        }
    }
}
