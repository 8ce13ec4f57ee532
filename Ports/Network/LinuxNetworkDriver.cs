using DdeLinux;
using L4;
using Nddf;

namespace Ports;

/// <summary>A task that runs a Linux network driver and offers its cards to the network framework: the glue between DdeLinux and Nddf.</summary>
public sealed class LinuxNetworkDriver : INicDriver, INetworkOwner
{
    private readonly LinuxDomain _domain;
    private readonly List<LinuxNic> _nics = [];

    private LinuxNetworkDriver(L4Task task, DriverStart start) => _domain = new LinuxDomain(task, start, kernel => kernel.NetworkOwner = this);

    /// <summary>Starts the driver in <paramref name="task"/>; it probes its device in the background.</summary>
    /// <returns>Its gates, capabilities of the task; the service is <see cref="INicDriver"/>. <see cref="List"/> answers
    /// when the probe is done.</returns>
    public static DriverGates Start(L4Task task, DriverStart start)
    {
        var driver = new LinuxNetworkDriver(task, start);
        var gate = task.CreateGate(new NicDriverDispatcher(driver));
        driver._domain.Start();
        return new DriverGates(gate, driver._domain.Statistics, driver._domain.Faults);
    }

    /// <inheritdoc />
    public NicDescription[] List()
    {
        NicDescription[] nics = [];
        _domain.Invoke(() => nics = [.. _nics.Select(nic => new NicDescription(_domain.Description, (uint)nic.Device.MinimumMtu, (uint)nic.Device.MaximumMtu))]);
        return nics;
    }

    /// <inheritdoc />
    public NicReading Read(uint nic)
    {
        NicReading? reading = null;
        _domain.Invoke(() => reading = Find(nic).Read());
        return reading!;
    }

    /// <inheritdoc />
    public void SetAddress(uint nic, HardwareAddress address) => Configure("set-address", nic, found =>
    {
        Span<byte> octets = stackalloc byte[HardwareAddress.Octets];
        address.Write(octets);
        found.Device.SetHardwareAddress(octets);
    });

    /// <inheritdoc />
    public void SetMtu(uint nic, uint mtu) => Configure("set-mtu", nic, found => found.Device.SetMtu((int)mtu));

    /// <inheritdoc />
    public NicChannelSetup OpenChannel(uint nic, NicDirection direction, bool promiscuous, Capability frames, uint slots, Capability ring, Capability portal)
    {
        NicChannelSetup? setup = null;
        Configure("open", nic, found =>
        {
            found.Device.Open();
            var end = new FrameChannelEnd(_domain.Task, slots, ring, portal);
            setup = direction == NicDirection.Transmit
                ? found.Add(new LinuxTransmitChannel(_domain.Kernel, found, frames, slots, end)).Publish(_domain, found)
                : found.Add(new LinuxReceiveChannel(_domain.Kernel, found, frames, promiscuous, end)).Publish(_domain, found);
        });
        return setup!;
    }

    /// <inheritdoc />
    public void DeviceAdded(LinuxNetworkDevice device) => _nics.Add(new LinuxNic(device, _domain.Kernel));

    /// <inheritdoc />
    public void DeviceRemoved(LinuxNetworkDevice device) =>
        _domain.Task.System.Events.Report(_domain.Task.Name, "card-removed", $"{device.Name} {Of(device).Address}");

    /// <inheritdoc />
    public int ReceiveRoom(LinuxNetworkDevice device, int most) => Of(device).ReceiveRoom(most);

    /// <inheritdoc />
    public void FrameReceived(LinuxNetworkDevice device, ReadOnlySpan<byte> frame, bool isChecksumGood) => Of(device).Deliver(frame);

    /// <inheritdoc />
    public void TransmitReady(LinuxNetworkDevice device) => Of(device).Transmit();

    /// <inheritdoc />
    public void TransmitCompleted(LinuxNetworkDevice device, ulong token) => Of(device).Completed(token);

    /// <inheritdoc />
    public void BatchEnded(LinuxNetworkDevice device) => Of(device).Notify();

    /// <inheritdoc />
    public void CarrierChanged(LinuxNetworkDevice device, bool isUp) => Of(device).SetLink(isUp);

    private LinuxNic Of(LinuxNetworkDevice device)
    {
        // A module rarely registers more than one.
        foreach (var nic in _nics)
        {
            if (nic.Device == device)
                return nic;
        }
        throw new InvalidOperationException($"{device.Name} was never announced.");
    }

    private LinuxNic Find(uint nic) =>
        nic < _nics.Count ? _nics[(int)nic] : throw new ServiceException(ServiceError.NotFound, $"card {nic}: the driver has {_nics.Count}");

    private void Configure(string what, uint nic, Action<LinuxNic> change) => _domain.InvokeSleeping(what, () =>
    {
        try
        {
            change(Find(nic));
        }
        catch (NetworkDeviceException exception)
        {
            throw new ServiceException(ServiceError.DeviceError, exception.Message);
        }
    });
}
