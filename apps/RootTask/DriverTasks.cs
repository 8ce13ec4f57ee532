using System.Globalization;
using L4;
using L4Io;
using Ports;

namespace RootTask;

/// <summary>A driver's task, made and granted its function but not yet running.</summary>
/// <param name="Name">Port and PCI function.</param>
/// <param name="Task">The task; its first gate is one of <see cref="IDriverHost"/>.</param>
/// <param name="Start">What the driver is started with: capabilities of the root, which <see cref="DriverTasks.Launch"/> sends.</param>
internal sealed record DriverTask(string Name, HostedTask Task, DriverStart Start);

/// <summary>Makes the drivers' tasks, each of which holds one PCI function and nothing else.</summary>
/// <param name="system">The system.</param>
/// <param name="host">Starts them, each in this process or in one of its own.</param>
/// <param name="client">Who gets the drivers' counters.</param>
/// <param name="io">The I/O server, as the root reaches it.</param>
/// <param name="images">The ports' files.</param>
/// <param name="reportFile">Where the report of a task goes if its driver dies.</param>
/// <param name="patchesSites">See <see cref="DriverStart"/>.</param>
/// <param name="trace">Told of the drivers' register accesses; null for no trace.</param>
/// <param name="allowsFaults">Whether the drivers can be made to go wrong.</param>
internal sealed class DriverTasks(L4System system, ITaskHost host, L4Task client, IoServerProxy io, IReadOnlyList<DriverImage> images, Func<string, string> reportFile,
    bool patchesSites, DriverTrace? trace, bool allowsFaults)
{
    private static readonly DriverFaultStart s_noFault = new(-1);

    private DriverFaultStart? _nextFault;

    /// <summary>Has the next driver that is started go wrong; the one after is as it should be.</summary>
    internal void SpoilNext(DriverFaultStart fault) => _nextFault = fault;

    /// <summary>Whether there is a port of this class.</summary>
    internal bool HasPortsFor(DeviceClass deviceClass) => images.Any(image => image.Manifest.Class == deviceClass);

    /// <summary>The client's task, which gets the drivers' counters.</summary>
    internal L4Task Client => client;

    /// <summary>The port of a class that drives a function; null when there is none.</summary>
    internal DriverImage? FindImage(DeviceClass deviceClass, PciFunctionInfo function) =>
        images.FirstOrDefault(image => image.Manifest.Class == deviceClass && image.Drives(function));

    /// <summary>Makes the task of a function's driver.</summary>
    /// <param name="image">The port.</param>
    /// <param name="function">The function; nobody holds it.</param>
    /// <param name="instance">Which of the function's drivers it is, from 1 on: it is part of the name, so that each has events and a report of its own.</param>
    internal DriverTask Make(DriverImage image, PciFunctionInfo function, int instance)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{image.Manifest.Name}@{function.Address}{(instance == 1 ? "" : $"#{instance}")}");
        var task = host.StartTask(name, SystemPrograms.Driver);
        try
        {
            var granted = io.Grant(function.Address, name);
            return new DriverTask(name, task, image.CreateStart(system.Root, granted, reportFile(name), patchesSites, trace?.Add(name, system.Root, function),
                allowsFaults ? Interlocked.Exchange(ref _nextFault, null) ?? s_noFault : null));
        }
        catch
        {
            task.Dispose();
            throw;
        }
    }

    /// <summary>Starts the driver in its task.</summary>
    internal RunningDriver Launch(DriverTask driver, DeviceClass deviceClass)
    {
        var gates = new DriverHostProxy(system.Root, driver.Task.Gate).Start(deviceClass, driver.Start);
        DriverImage.GiveUp(system.Root, driver.Start);
        return new RunningDriver(driver.Task, gates.Service, system.Root.GiveTo(client, gates.Statistics), gates.Faults);
    }
}
