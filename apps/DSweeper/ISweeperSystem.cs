using Bddf;
using L4;

namespace DSweeper;

/// <summary>A running system as DSweeper sees it: its own task, and one gate. Nothing else is within its reach.</summary>
internal interface ISweeperSystem : IDisposable
{
    /// <summary>DSweeper's task.</summary>
    L4Task Task { get; }

    /// <summary>The task's gate of <see cref="IBlockServer"/>; its ceiling is read unless the system was started for writing.</summary>
    Capability BlockServer { get; }
}

/// <summary>Starts a system over the chosen disks.</summary>
/// <param name="writable">Whether images are opened for writing and sessions may get the right to write.</param>
/// <param name="progress">What is being done, for the person who waits.</param>
/// <exception cref="SweeperException">It cannot be started.</exception>
internal delegate ISweeperSystem SystemStarter(bool writable, Action<string> progress);

internal static class SweeperSystemExtensions
{
    /// <summary>All disks with their partitions. Called from a thread of no task.</summary>
    internal static IReadOnlyList<BlockDeviceInfo> ListDisks(this ISweeperSystem system)
    {
        using (system.Task.Enter())
            return BlockClient.ListDisks(system.Task, system.BlockServer);
    }
}
