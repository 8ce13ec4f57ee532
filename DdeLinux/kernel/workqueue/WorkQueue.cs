namespace DdeLinux;

/// <summary>What the shim knows of a driver's work queue.</summary>
internal sealed class WorkQueue(WorkQueueStruct structure, string name, int limit)
{
    internal WorkQueueStruct Structure { get; } = structure;

    internal string Name { get; } = name;

    /// <summary>How many of its works may run side by side.</summary>
    internal int Limit { get; } = limit;

    internal int Running { get; set; }

    /// <summary>Works that wait.</summary>
    internal int Queued { get; set; }
}
