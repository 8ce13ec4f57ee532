using L4;

namespace Ports;

/// <summary>What can be made to go wrong in a driver.</summary>
public enum DriverFault : byte
{
    /// <summary>A bit of an instruction is another.</summary>
    CodeBit,

    /// <summary>An instruction is not carried out.</summary>
    SkippedInstruction,

    /// <summary>An instruction jumps to itself.</summary>
    EndlessLoop,

    /// <summary>A bit of a variable or of an object is another.</summary>
    DataBit,

    /// <summary>A pointer in a variable or in an object is another.</summary>
    WildPointer,

    /// <summary>An allocation is refused as if there were no memory.</summary>
    RefusedAllocation,

    /// <summary>A socket on which the driver's process speaks to another is shut down.</summary>
    ClosedChannel,
}

/// <summary>What is to go wrong in a driver from its start on; with it the driver offers <see cref="IDriverFaults"/>.</summary>
/// <param name="RefusedAllocation">The allocation that is refused, counted from the start of the domain; negative for none.</param>
[MessageType]
public sealed record DriverFaultStart(long RefusedAllocation);

/// <summary>Has things go wrong in a driver, for campaigns that show what comes of it. Only a driver that was started for it serves it, and only whoever
/// started it gets the gate.</summary>
[Service]
public interface IDriverFaults
{
    /// <summary>Puts a fault in place. That it struck is told by an event of the task, <see cref="L4Io.FaultyMachine.StruckEvent"/>.</summary>
    /// <param name="fault">What goes wrong.</param>
    /// <param name="seed">Chooses where: the same number chooses the same in the same state.</param>
    void Inject(DriverFault fault, int seed);
}
