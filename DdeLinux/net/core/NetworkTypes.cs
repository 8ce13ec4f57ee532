namespace DdeLinux;

/// <summary>What a network card's driver does by itself.</summary>
[Flags]
public enum NetworkFeatures
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Frames may lie in several pieces.</summary>
    ScatterGather = 1,

    /// <summary>Computes checksums of frames that it transmits.</summary>
    TransmitChecksum = 2,

    /// <summary>Checks checksums of frames that it receives.</summary>
    ReceiveChecksum = 4,
}

/// <summary>What became of a frame that was to be transmitted.</summary>
public enum TransmitOutcome
{
    /// <summary>The driver has a copy; the memory is the caller's again.</summary>
    Copied,

    /// <summary>The driver reads the frame where it lies, until <see cref="INetworkOwner.TransmitCompleted"/>.</summary>
    Held,

    /// <summary>The driver's queue is full: try again after <see cref="INetworkOwner.TransmitReady"/>. Nothing happened.</summary>
    Busy,

    /// <summary>The frame is lost, and counted: the device is closed, there is no carrier, or no memory.</summary>
    Dropped,
}

/// <summary>Counters of a network device since its driver was loaded, as the driver and the kernel count them (linux/if_link.h).</summary>
/// <param name="ReceivedFrames">Frames received.</param>
/// <param name="ReceivedBytes">Bytes in them.</param>
/// <param name="ReceiveErrors">Frames received with errors.</param>
/// <param name="ReceiveDropped">Frames received and dropped: no buffer, no memory.</param>
/// <param name="TransmittedFrames">Frames transmitted.</param>
/// <param name="TransmittedBytes">Bytes in them.</param>
/// <param name="TransmitErrors">Frames that could not be transmitted.</param>
/// <param name="TransmitDropped">Frames dropped before they were transmitted.</param>
/// <param name="TransmitTimeouts">How often the watchdog found the transmitter stuck.</param>
public readonly record struct NetworkStatistics(
    ulong ReceivedFrames, ulong ReceivedBytes, ulong ReceiveErrors, ulong ReceiveDropped,
    ulong TransmittedFrames, ulong TransmittedBytes, ulong TransmitErrors, ulong TransmitDropped, ulong TransmitTimeouts);

/// <summary>A driver refused something; <see cref="ErrorNumber"/> says why.</summary>
public sealed class NetworkDeviceException : Exception
{
    /// <param name="device">The device's name.</param>
    /// <param name="operation">What was asked for.</param>
    /// <param name="error">The driver's negative error number.</param>
    public NetworkDeviceException(string device, string operation, int error)
        : base($"{device}: {operation} failed with error {error}") => ErrorNumber = error;

    /// <summary>The driver's error number, negative, as in C.</summary>
    public int ErrorNumber { get; }
}

/// <summary>Who uses a domain's network devices. All calls come with the baton, on the event loop or a kernel thread, and must not block.</summary>
public interface INetworkOwner
{
    /// <summary>A device was registered. It is closed.</summary>
    void DeviceAdded(LinuxNetworkDevice device);

    /// <summary>A device is gone. Frames that it held have been completed; nothing more comes from it.</summary>
    void DeviceRemoved(LinuxNetworkDevice device);

    /// <summary>How many frames the owner can take now; asked before a device is polled for what it received.</summary>
    /// <param name="device">Where.</param>
    /// <param name="most">Frames that one poll brings at most.</param>
    /// <returns>Up to <paramref name="most"/>. With 0 the device is not polled before <see cref="LinuxNetworkDevice.ResumeReceive"/>: what comes stays in
    /// the device, whose driver hears of nothing new meanwhile.</returns>
    int ReceiveRoom(LinuxNetworkDevice device, int most);

    /// <summary>A frame came in, from its destination address to the end of its payload, without its check sequence.</summary>
    /// <param name="device">Where.</param>
    /// <param name="frame">Valid during the call only: the memory goes back to the driver.</param>
    /// <param name="isChecksumGood">Whether the device found the checksums of IP, TCP and UDP right.</param>
    void FrameReceived(LinuxNetworkDevice device, ReadOnlySpan<byte> frame, bool isChecksumGood);

    /// <summary>The driver takes frames again, after <see cref="TransmitOutcome.Busy"/>.</summary>
    void TransmitReady(LinuxNetworkDevice device);

    /// <summary>The driver is done with a frame that it held. May come before <see cref="LinuxNetworkDevice.TryTransmit"/> of it has returned.</summary>
    void TransmitCompleted(LinuxNetworkDevice device, ulong token);

    /// <summary>A run of the calls above has ended: the time to ring a doorbell.</summary>
    void BatchEnded(LinuxNetworkDevice device);

    /// <summary>The link came or went.</summary>
    void CarrierChanged(LinuxNetworkDevice device, bool isUp);
}

public sealed partial class LinuxKernel
{
    private readonly List<LinuxNetworkDevice> _networkDevices = [];

    /// <summary>Who is told of network devices. To be set before modules are loaded.</summary>
    public INetworkOwner? NetworkOwner { get; set; }

    /// <summary>The network devices that are there now, in the order of their registration.</summary>
    public IReadOnlyList<LinuxNetworkDevice> NetworkDevices => _networkDevices;

    internal void AddNetworkDevice(LinuxNetworkDevice device)
    {
        _networkDevices.Add(device);
        NetworkOwner?.DeviceAdded(device);
    }

    internal void RemoveNetworkDevice(LinuxNetworkDevice device)
    {
        _networkDevices.Remove(device);
        NetworkOwner?.DeviceRemoved(device);
    }
}
