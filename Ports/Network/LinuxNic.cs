using DdeKit;
using DdeLinux;
using Nddf;

namespace Ports;

/// <summary>One card of a Linux driver and the channels to it. Belongs to the holder of the domain's baton.</summary>
internal sealed class LinuxNic
{
    /// <summary>How long a card waits for a client that hands no slot over. Then its frames are lost, as without flow control: a client that
    /// sleeps must not stop the sender at the other end for good. Far less than the five seconds after which a transmitter counts as stuck.</summary>
    private const long Patience = 100_000_000;

    private readonly LinuxNetworkDevice _device;
    private readonly LinuxKernel _kernel;
    private readonly List<LinuxTransmitChannel> _transmitters = [];
    private readonly List<LinuxReceiveChannel> _receivers = [];
    private readonly KitTimer _patience;
    private bool _isImpatient;
    private ulong _dropped;
    private int _nextIndex;

    internal LinuxNic(LinuxNetworkDevice device, LinuxKernel kernel)
    {
        _device = device;
        _kernel = kernel;
        _patience = new KitTimer(_kernel.Cpu.Timers, EndPatience);
        SlotsBit = _kernel.Cpu.AddEvent(Resume);
    }

    internal LinuxNetworkDevice Device => _device;

    /// <summary>The event that tells that a reception which waits was handed slots.</summary>
    internal ulong SlotsBit { get; }

    internal HardwareAddress Address => HardwareAddress.Read(_device.HardwareAddress);

    internal NicReading Read()
    {
        var counted = _device.ReadStatistics();
        return new NicReading(Address, (uint)_device.Mtu, _device.IsOpen && _device.CarrierUp, new NicStatistics(
            counted.TransmittedFrames, counted.TransmittedBytes, counted.TransmitErrors + counted.TransmitDropped,
            counted.ReceivedFrames, counted.ReceivedBytes, counted.ReceiveErrors + counted.ReceiveDropped, _dropped));
    }

    internal LinuxTransmitChannel Add(LinuxTransmitChannel channel)
    {
        channel.Index = _nextIndex++;
        _transmitters.Add(channel);
        return channel;
    }

    internal LinuxReceiveChannel Add(LinuxReceiveChannel channel)
    {
        _receivers.Add(channel);
        SetFilter();
        return channel;
    }

    internal void Remove(LinuxNicChannel channel)
    {
        if (channel is LinuxReceiveChannel receiver && _receivers.Remove(receiver))
        {
            SetFilter();
            // It may have been the one that was waited for.
            Resume();
        }
        else if (channel is LinuxTransmitChannel transmitter)
            _transmitters.Remove(transmitter);
    }

    /// <summary>Stops the card, and starts it again if it is still used: then it holds no frame any more. Sleeps.</summary>
    internal void Restart()
    {
        _device.Close();
        if (_transmitters.Count + _receivers.Count > 0)
            _device.Open();
    }

    /// <summary>Whether nobody uses the card.</summary>
    internal bool IsUnused => _transmitters.Count + _receivers.Count == 0;

    /// <summary>See <see cref="INetworkOwner.ReceiveRoom"/>. The client that is furthest decides: others lose frames.</summary>
    internal int ReceiveRoom(int most)
    {
        if (_receivers.Count == 0 || HasRoom(most))
        {
            _isImpatient = false;
            return most;
        }
        if (_isImpatient)
            return most;
        foreach (var receiver in _receivers)
        {
            if (!receiver.End.MustWaitForRoom(most))
                return most;
        }
        _patience.Set(_kernel.Cpu.Now + Patience);
        return 0;
    }

    /// <summary>Copies a frame into a slot of each channel that is to see it.</summary>
    internal void Deliver(ReadOnlySpan<byte> frame)
    {
        if (frame.Length is < FrameRing.HeaderBytes or > FrameRing.SlotBytes)
        {
            _dropped++;
            _kernel.Events.Report(_kernel.Task.Name, "frame-length", $"{_device.Name} received a frame of {frame.Length} bytes; {FrameRing.HeaderBytes} to {FrameRing.SlotBytes} can be passed on");
            return;
        }
        var destination = HardwareAddress.Read(frame);
        bool isForUs = destination.IsGroup || destination == Address;
        foreach (var receiver in _receivers)
        {
            if ((isForUs || receiver.IsPromiscuous) && !receiver.TryFill(frame))
                _dropped++;
        }
    }

    /// <summary>The driver takes frames again.</summary>
    internal void Transmit()
    {
        foreach (var transmitter in _transmitters)
            transmitter.Take();
    }

    /// <summary>The driver is done with a frame. The token comes back through the driver's memory, so it is not believed.</summary>
    internal void Completed(ulong token)
    {
        foreach (var transmitter in _transmitters)
        {
            if (transmitter.TryComplete(token))
                return;
        }
        _kernel.Events.Report(_kernel.Task.Name, "stray-frame", $"{_device.Name} gave back a frame with token 0x{token:x}, which it does not have");
    }

    /// <summary>A batch has ended: tells the framework.</summary>
    internal void Notify()
    {
        foreach (var transmitter in _transmitters)
            transmitter.End.Notify();
        foreach (var receiver in _receivers)
            receiver.End.Notify();
    }

    internal void SetLink(bool isUp)
    {
        foreach (var transmitter in _transmitters)
            transmitter.End.SetLink(isUp);
        foreach (var receiver in _receivers)
            receiver.End.SetLink(isUp);
    }

    private bool HasRoom(int frames)
    {
        foreach (var receiver in _receivers)
        {
            if (receiver.End.HasRoomFor(frames))
                return true;
        }
        return false;
    }

    private void Resume()
    {
        if (!_patience.Cancel())
            return;
        foreach (var receiver in _receivers)
            receiver.End.StopWaitingForRoom();
        _device.ResumeReceive();
    }

    private void EndPatience()
    {
        _isImpatient = true;
        foreach (var receiver in _receivers)
            receiver.End.StopWaitingForRoom();
        _kernel.Events.Report(_kernel.Task.Name, "receiver-stalled", $"{_device.Name}: no client handed a slot over for {Patience / 1_000_000} ms; frames are lost until one does");
        _device.ResumeReceive();
    }

    /// <summary>Which groups a client listens to is the client's own matter: it gets the frames for all of them.</summary>
    private void SetFilter()
    {
        _device.SetAllMulticast(_receivers.Count > 0);
        _device.SetPromiscuous(_receivers.Exists(receiver => receiver.IsPromiscuous));
    }
}
