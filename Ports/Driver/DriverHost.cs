using L4;

namespace Ports;

/// <summary>What a driver offers.</summary>
/// <param name="Service">A gate of its class's service: <see cref="Bddf.IDiskDriver"/> or <see cref="Nddf.INicDriver"/>. Its first answer comes
/// when the driver has probed its device.</param>
/// <param name="Statistics">A gate of <see cref="IDriverStatistics"/>.</param>
/// <param name="Faults">A gate of <see cref="IDriverFaults"/>; null unless it was started for faults.</param>
[MessageType]
public sealed record DriverGates(Capability Service, Capability Statistics, Capability Faults);

/// <summary>A task that will run one driver, in whatever process it lives.</summary>
[Service]
public interface IDriverHost
{
    /// <summary>Starts the driver; it probes its device in the background. Called once.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.Busy"/>: it was called before.</exception>
    DriverGates Start(DeviceClass deviceClass, DriverStart start);
}

/// <summary>A task that will run one driver.</summary>
/// <param name="task">A task that does nothing else.</param>
public sealed class DriverHost(L4Task task) : IDriverHost
{
    private bool _hasStarted;

    /// <inheritdoc />
    public DriverGates Start(DeviceClass deviceClass, DriverStart start)
    {
        if (_hasStarted)
            throw new ServiceException(ServiceError.Busy, $"task '{task.Name}' has started its driver already");
        _hasStarted = true;
        return deviceClass switch
        {
            DeviceClass.Block => BlockDriver.Start(task, start),
            DeviceClass.Network => LinuxNetworkDriver.Start(task, start),
            _ => throw new ServiceException(ServiceError.BadArgument, $"there are no drivers of class {(int)deviceClass}"),
        };
    }
}
