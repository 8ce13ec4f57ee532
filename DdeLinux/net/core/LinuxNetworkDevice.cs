namespace DdeLinux;

/// <summary>
/// A network card behind a Linux driver. Belongs to the holder of the domain's baton; what says that it sleeps is for kernel threads
/// (<see cref="LinuxKernel.StartThread"/>), the rest is for the event loop too.
/// </summary>
public sealed class LinuxNetworkDevice
{
    private readonly LinuxKernel _kernel;

    internal LinuxNetworkDevice(LinuxKernel kernel, string name)
    {
        _kernel = kernel;
        Name = name;
    }

    /// <summary>The kernel's name: <c>eth0</c>.</summary>
    public string Name { get; }

    /// <summary>The six bytes of its address. Valid during the call; the driver may change them.</summary>
    public ReadOnlySpan<byte> HardwareAddress => throw NotYet();

    /// <summary>Bytes of payload behind the 14 bytes of an Ethernet header.</summary>
    public int Mtu => throw NotYet();

    /// <summary>The smallest <see cref="Mtu"/>.</summary>
    public int MinimumMtu => throw NotYet();

    /// <summary>The largest <see cref="Mtu"/>.</summary>
    public int MaximumMtu => throw NotYet();

    /// <summary>Whether it is open.</summary>
    public bool IsOpen => throw NotYet();

    /// <summary>Whether the link is up.</summary>
    public bool CarrierUp => throw NotYet();

    /// <summary>What the driver does by itself.</summary>
    public NetworkFeatures Features => throw NotYet();

    /// <summary>Counters; asks the driver.</summary>
    public NetworkStatistics ReadStatistics() => throw NotYet();

    /// <summary>Starts the device. Sleeps.</summary>
    /// <exception cref="NetworkDeviceException">The driver refuses.</exception>
    public void Open() => throw NotYet();

    /// <summary>Stops the device; frames that it holds are completed. Sleeps.</summary>
    public void Close() => throw NotYet();

    /// <summary>Hands a frame to the driver.</summary>
    /// <param name="busAddress">The frame in the arena, from the destination address on, without check sequence; short ones are padded.</param>
    /// <param name="length">Its bytes, 14 to <see cref="Mtu"/> + 18 (a VLAN tag may be in it).</param>
    /// <param name="token">The caller's own number, for <see cref="TransmitOutcome.Held"/>.</param>
    /// <param name="more">Whether another frame follows at once: the driver need not tell its device before the last one.</param>
    /// <exception cref="ArgumentOutOfRangeException">A frame that is too short or too long, or outside the arena.</exception>
    public TransmitOutcome TryTransmit(ulong busAddress, int length, ulong token, bool more) => throw NotYet();

    /// <summary>Gives the device another address. Sleeps.</summary>
    /// <exception cref="NetworkDeviceException">The driver refuses.</exception>
    public void SetHardwareAddress(ReadOnlySpan<byte> address) => throw NotYet();

    /// <summary>Whether to receive frames for everybody.</summary>
    public void SetPromiscuous(bool on) => throw NotYet();

    /// <summary>Sets the multicast addresses to receive: six bytes each, in place of those before.</summary>
    public void SetMulticast(ReadOnlySpan<byte> addresses) => throw NotYet();

    /// <summary>Changes <see cref="Mtu"/>. Sleeps.</summary>
    /// <exception cref="NetworkDeviceException">The driver refuses, or it is out of range.</exception>
    public void SetMtu(int mtu) => throw NotYet();

    private NotSupportedException NotYet() => new($"{Name} of {_kernel.Task.Name}: no driver registers network devices yet");
}
