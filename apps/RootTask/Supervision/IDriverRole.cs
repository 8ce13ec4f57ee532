using L4;
using Ports;

namespace RootTask;

/// <summary>A driver at work.</summary>
/// <param name="Task">Its task.</param>
/// <param name="Gate">Its service, a capability of the root.</param>
/// <param name="Statistics">Its gate of <see cref="IDriverStatistics"/>, a capability of the client.</param>
/// <param name="Faults">Its gate of <see cref="IDriverFaults"/>, a capability of the root; null unless the system allows faults.</param>
internal sealed record RunningDriver(HostedTask Task, Capability Gate, Capability Statistics, Capability Faults)
{
    /// <summary>The process that the task is; null when it lives in the root's.</summary>
    internal int? Process => Task.ProcessId is var process and not 0 ? process : null;
}

/// <summary>What the supervisor needs of the part of a system that has drivers of one class: their framework, and how they are started.</summary>
internal interface IDriverRole
{
    /// <summary>The class.</summary>
    DeviceClass Class { get; }

    /// <summary>Waits until a driver has probed its device.</summary>
    /// <exception cref="ServiceException">It did not come so far.</exception>
    void WaitForProbe(Capability gate);

    /// <summary>Has the framework authorise what a driver does, and tell when it was caught. Before <see cref="Add"/>.</summary>
    /// <param name="name">The driver.</param>
    /// <param name="guard">The guard of its function.</param>
    /// <param name="complaints">Signalled when there is a <see cref="Complaint"/>.</param>
    /// <param name="bits">The bits to signal.</param>
    void Guard(string name, Capability guard, Capability complaints, ulong bits);

    /// <summary>What the driver at work was caught at; null while it seems honest.</summary>
    string? Complaint(string name);

    /// <summary>Has the framework take a driver's devices into service.</summary>
    void Add(string name, Capability gate);

    /// <summary>Has the framework go over to another driver.</summary>
    /// <exception cref="ServiceException">The driver fails at once: the sessions wait for another.</exception>
    void Replace(string name, Capability gate);

    /// <summary>Sends nothing to a driver any more and waits until it has done what it has.</summary>
    /// <returns>What it had not done in time.</returns>
    uint Suspend(string name, long nanoseconds);

    /// <summary>Tells clients that no other driver will come.</summary>
    void GiveUp(string name, string cause);

    /// <summary>How old a driver's oldest request is, in nanoseconds.</summary>
    long OldestRequest(string name);
}
