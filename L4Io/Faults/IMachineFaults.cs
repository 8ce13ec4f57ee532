using L4;

namespace L4Io;

/// <summary>What can be made to go wrong in a machine.</summary>
public enum MachineFault : byte
{
    /// <summary>An interrupt does not come.</summary>
    LostInterrupt,

    /// <summary>An interrupt comes once more when it has been served.</summary>
    DuplicatedInterrupt,

    /// <summary>A register reads as another value.</summary>
    WrongRegister,

    /// <summary>A device's access to memory is refused.</summary>
    FailedDma,

    /// <summary>What a device writes to memory arrives late, and the interrupt after it.</summary>
    DelayedDma,
}

/// <summary>Has things go wrong in a machine, for campaigns that show what comes of it. For the root alone.</summary>
[Service]
public interface IMachineFaults
{
    /// <summary>Has a fault wait for its moment. That it struck is told by an event, <see cref="FaultyMachine.StruckEvent"/>.</summary>
    /// <param name="fault">What goes wrong.</param>
    /// <param name="after">How many accesses or interrupts of its kind come before.</param>
    /// <param name="seed">Chooses what exactly.</param>
    void Inject(MachineFault fault, uint after, int seed);

    /// <summary>A fault that has not struck does no more.</summary>
    void Clear();
}
