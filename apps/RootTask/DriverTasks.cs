using L4;
using L4Io;
using Ports;

namespace RootTask;

/// <summary>A driver's task, made and granted its function but not yet running.</summary>
/// <param name="Name">Port and PCI function.</param>
/// <param name="Task">The task.</param>
/// <param name="Start">What the driver is started with.</param>
internal sealed record DriverTask(string Name, L4Task Task, DriverStart Start);

/// <summary>Makes the drivers' tasks: one for each PCI function that one of the ports drives, which holds that function and nothing else.</summary>
/// <param name="system">The system.</param>
/// <param name="io">The I/O server, as the root reaches it.</param>
/// <param name="images">The ports' files.</param>
/// <param name="reportFile">Where the report of a task goes if its driver dies.</param>
/// <param name="patchesSites">See <see cref="DriverStart"/>.</param>
/// <param name="trace">Told of the drivers' register accesses; null for no trace.</param>
internal sealed class DriverTasks(L4System system, IoServerProxy io, IReadOnlyList<DriverImage> images, Func<string, string> reportFile,
    bool patchesSites, DriverTrace? trace)
{
    /// <summary>Whether there is a port of this class.</summary>
    internal bool HasPortsFor(DeviceClass deviceClass) => images.Any(image => image.Manifest.Class == deviceClass);

    /// <summary>Makes the tasks for the ports of one class, in the order of the functions on the bus.</summary>
    internal IEnumerable<DriverTask> Make(DeviceClass deviceClass)
    {
        foreach (var function in io.List())
        {
            if (images.FirstOrDefault(image => image.Manifest.Class == deviceClass && image.Drives(function)) is not { } driver)
                continue;
            string name = $"{driver.Manifest.Name}@{function.Address}";
            var task = system.CreateTask(name);
            var granted = system.Root.GiveTo(task, io.Grant(function.Address, name));
            yield return new DriverTask(name, task, driver.GiveTo(system.Root, task, granted, reportFile(name), patchesSites, trace?.Add(task, function)));
        }
    }
}
