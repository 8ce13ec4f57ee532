using L4;
using RootTask;
using Tracing;

namespace DSweeper;

/// <summary>A system that the root task composed: L4Io with its machine, a driver task, Bddf, and DSweeper's own task.</summary>
internal sealed class RootTaskSystem : ISweeperSystem
{
    private readonly DdeSystem _system;

    private RootTaskSystem(DdeSystem system) => _system = system;

    /// <inheritdoc />
    public L4Task Task => _system.Client;

    /// <inheritdoc />
    public Capability BlockServer => _system.BlockServer;

    /// <summary>Starts systems over the disks of the options.</summary>
    /// <param name="options">The command line.</param>
    /// <param name="trace">Told of the drivers' register accesses; null for nobody.</param>
    internal static SystemStarter StarterFor(SweeperOptions options, ITraceSink? trace) => (writable, progress) =>
    {
        try
        {
            return new RootTaskSystem(DdeSystem.Start(new SystemOptions { Disks = options.Disks, Ports = [options.Port], Writable = writable, Trace = trace, IsControlled = true, Isolation = options.Isolation }, progress));
        }
        catch (SystemStartException exception)
        {
            throw new SweeperException(exception.Code, exception.Message);
        }
    };

    /// <inheritdoc />
    public void Dispose() => _system.Dispose();
}
