using L4;
using L4Io;
using Ports;

namespace RootTask;

/// <summary>Keeps a system's drivers at work: see <see cref="SupervisedDriver"/>.</summary>
public sealed class Supervisor
{
    private readonly List<SupervisedDriver> _drivers = [];
    private readonly Action<DriverStatus> _changed;

    internal Supervisor() => _changed = status => Changed?.Invoke(status);

    /// <summary>Raised on each change of a driver's state, on the supervisor's threads.</summary>
    public event Action<DriverStatus>? Changed;

    /// <summary>All drivers as they are now, in the order of their devices on the bus.</summary>
    public IReadOnlyList<DriverStatus> Drivers => [.. _drivers.Select(driver => driver.Status)];

    /// <summary>The drivers' gates of <see cref="IDriverStatistics"/>, capabilities of the client; null for one that is not there.</summary>
    internal IReadOnlyList<Capability> Statistics => [.. _drivers.Select(driver => driver.Statistics)];

    /// <summary>Has another port, or another version of the same, drive a device. Returns at once.</summary>
    /// <param name="device">The device, as <see cref="DriverStatus.Device"/> names it.</param>
    /// <param name="port">The port that is to drive it.</param>
    /// <param name="release">The kernel release whose modules run; null for the newest pack.</param>
    /// <param name="done">Called on another thread when it is done: with null, or with what went wrong; then the driver before is at work again,
    /// or the device was given up.</param>
    /// <exception cref="SystemStartException">There is no such device, or the port does not drive it, or a replacement is under way.</exception>
    public void BeginReplace(string device, string port, string? release, Action<string?> done)
    {
        var driver = _drivers.Find(d => d.Name == device)
            ?? throw new SystemStartException(ExitCode.Usage, $"there is no device '{device}'; there are: {string.Join(", ", _drivers.Select(d => d.Name))}");
        var image = DriverImage.Load(port, release);
        if (!driver.CanBeDrivenBy(image))
            throw new SystemStartException(ExitCode.Usage, $"{port} does not drive {device}, which {driver.Status.Port} drives");
        if (!driver.RequestReplacement(image, done))
            throw new SystemStartException(ExitCode.DriverGone, $"{device} is {driver.Status.State}, or another driver is taking over already");
    }

    /// <summary>The driver of a device now; null while there is none.</summary>
    internal RunningDriver? Find(string device) => _drivers.Find(driver => driver.Name == device)?.Driver;

    /// <summary>Starts the drivers of one class and waits until all have probed. They do so at the same time; their devices are numbered in the
    /// order of the bus.</summary>
    internal void Start(L4System system, IoServerProxy io, IDriverRole role, DriverTasks tasks, SupervisionLimits limits)
    {
        var started = new List<SupervisedDriver>();
        foreach (var function in io.List())
        {
            if (tasks.FindImage(role.Class, function) is { } image)
                started.Add(new SupervisedDriver(system, io, role, tasks, limits, function, image));
        }
        foreach (var driver in started)
            driver.Launch();
        foreach (var driver in started)
        {
            driver.TakeIntoService();
            driver.Changed += _changed;
            _drivers.Add(driver);
        }
    }

    /// <summary>Ends the supervision, before the system ends.</summary>
    internal void Stop()
    {
        foreach (var driver in _drivers)
            driver.Stop();
    }
}
