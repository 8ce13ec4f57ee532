using DdeLinux;
using Nddf;

namespace Ports;

/// <summary>One card of a Linux driver and the channels to it. Belongs to the holder of the domain's baton.</summary>
internal sealed class LinuxNic(LinuxNetworkDevice device, LinuxKernel kernel)
{
    private readonly List<LinuxTransmitChannel> _transmitters = [];
    private readonly List<LinuxReceiveChannel> _receivers = [];
    private ulong _dropped;
    private int _nextIndex;

    internal LinuxNetworkDevice Device => device;

    internal HardwareAddress Address => HardwareAddress.Read(device.HardwareAddress);

    internal NicReading Read()
    {
        var counted = device.ReadStatistics();
        return new NicReading(Address, (uint)device.Mtu, device.IsOpen && device.CarrierUp, new NicStatistics(
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
            SetFilter();
        else if (channel is LinuxTransmitChannel transmitter)
            _transmitters.Remove(transmitter);
    }

    /// <summary>Stops the card, and starts it again if it is still used: then it holds no frame any more. Sleeps.</summary>
    internal void Restart()
    {
        device.Close();
        if (_transmitters.Count + _receivers.Count > 0)
            device.Open();
    }

    /// <summary>Whether nobody uses the card.</summary>
    internal bool IsUnused => _transmitters.Count + _receivers.Count == 0;

    /// <summary>Copies a frame into a slot of each channel that is to see it.</summary>
    internal void Deliver(ReadOnlySpan<byte> frame)
    {
        if (frame.Length is < FrameRing.HeaderBytes or > FrameRing.SlotBytes)
        {
            _dropped++;
            kernel.Events.Report(kernel.Task.Name, "frame-length", $"{device.Name} received a frame of {frame.Length} bytes; {FrameRing.HeaderBytes} to {FrameRing.SlotBytes} can be passed on");
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
        kernel.Events.Report(kernel.Task.Name, "stray-frame", $"{device.Name} gave back a frame with token 0x{token:x}, which it does not have");
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

    /// <summary>Which groups a client listens to is the client's own matter: it gets the frames for all of them.</summary>
    private void SetFilter()
    {
        device.SetAllMulticast(_receivers.Count > 0);
        device.SetPromiscuous(_receivers.Exists(receiver => receiver.IsPromiscuous));
    }
}
