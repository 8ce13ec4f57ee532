using L4;
using Ports;

namespace RootTask;

/// <summary>What the tasks of a system can be: see <see cref="TaskPrograms"/>.</summary>
public static class SystemPrograms
{
    /// <summary>A driver of one device: <see cref="IDriverHost"/>.</summary>
    public const string Driver = "driver";

    /// <summary>The owner of an emulated machine: <see cref="IMachineHost"/>.</summary>
    public const string Machine = "machine";

    /// <summary>All of them.</summary>
    public static TaskPrograms All { get; } = new TaskPrograms()
        .Add(Driver, task => new TaskService(new DriverHostDispatcher(new DriverHost(task))), confinedTo: typeof(DriverHost).Assembly)
        .Add(Machine, task =>
        {
            var host = new MachineHost(task);
            return new TaskService(new MachineHostDispatcher(host), host);
        });
}
