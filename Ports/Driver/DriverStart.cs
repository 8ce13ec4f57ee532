using L4;
using Tracing;

namespace Ports;

/// <summary>A file that a driver task is started with: a dataspace that holds its bytes.</summary>
/// <param name="Name">The module's name, without ending.</param>
/// <param name="Dataspace">Holds the bytes, from its start; a capability of the driver task.</param>
/// <param name="Length">How many bytes.</param>
[MessageType]
public sealed record DriverFile(string Name, Capability Dataspace, int Length);

/// <summary>
/// Everything that a driver task is given at its start: values, and capabilities of its own space. It opens no file itself, so that it
/// can as well live where there are none.
/// </summary>
/// <param name="Port">The port's name.</param>
/// <param name="Os">The system that the driver was written for.</param>
/// <param name="Description">What clients are told about the driver: port, module file and its SHA-256.</param>
/// <param name="KernelRelease">The kernel that the modules belong to.</param>
/// <param name="ReportFile">Where the root will keep the report if the driver dies; told to whoever asks what became of it.</param>
/// <param name="Function">The PCI function, a gate.</param>
/// <param name="Types">Linux: the kernel image's type information (BTF). Null for BSD, whose modules are built with the shim's own.</param>
/// <param name="Modules">The modules, in the order of loading; for BSD the first is the shim's own.</param>
/// <param name="PatchesSites">Whether instructions that access the device are patched once they have trapped: fast. Without it each traps,
/// and so it is always when there is a trace.</param>
/// <param name="Trace">Where the driver's register accesses are told; null when nobody wants to know.</param>
/// <param name="Faults">What is to go wrong in it; null for a driver in which nothing can be made to go wrong.</param>
[MessageType]
public sealed record DriverStart(
    string Port, LegacySystem Os, string Description, string KernelRelease, string ReportFile, Capability Function, DriverFile? Types, DriverFile[] Modules,
    bool PatchesSites, TraceChannel? Trace = null, DriverFaultStart? Faults = null);
