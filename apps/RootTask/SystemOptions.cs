using Emulator;
using L4;
using Tracing;

namespace RootTask;

/// <summary>What system to start.</summary>
public sealed record SystemOptions
{
    /// <summary>The port that drives disks unless told otherwise.</summary>
    public const string DefaultPort = "linux-ata-piix";

    /// <summary>Raw images, one for each disk, in order.</summary>
    public IReadOnlyList<string> Disks { get; init; } = [];

    /// <summary>Whether images are opened for writing and the client may have sessions that write.</summary>
    public bool Writable { get; init; }

    /// <summary>The ports' names: each drives the functions of the machine that it was made for.</summary>
    public IReadOnlyList<string> Ports { get; init; } = [DefaultPort];

    /// <summary>The kernel release whose modules run; null for the newest pack.</summary>
    public string? KernelRelease { get; init; }

    /// <summary>Whether a driver's instructions that access its device are patched once they have trapped.</summary>
    public bool PatchesSites { get; init; } = true;

    /// <summary>The client's name, for messages.</summary>
    public string Client { get; init; } = "dsweeper";

    /// <summary>The system's time.</summary>
    public Clock Clock { get; init; } = new RealClock();

    /// <summary>Where the I/O server and the drivers live. Those of a virtual clock, or of a machine that is more than images and cards, live in
    /// the root's process.</summary>
    public Isolation Isolation { get; init; }

    /// <summary>How long drivers may take for what, and how often they are replaced; null for what is usual.</summary>
    public SupervisionLimits? Supervision { get; init; }

    /// <summary>Whether other processes of the same user see the system and may have drivers replaced.</summary>
    public bool IsControlled { get; init; }

    /// <summary>Told of the drivers' register accesses and interrupts, until the system has ended; null for no trace, which costs nothing.</summary>
    public ITraceSink? Trace { get; init; }

    /// <summary>Whether things can be made to go wrong: <see cref="DdeSystem.Faults"/>. Otherwise nothing in the system knows of it.</summary>
    public bool AllowsFaults { get; init; }

    /// <summary>A machine to use in place of one made from <see cref="Disks"/>: with network cards, or with faults for tests.</summary>
    public MachineDescription? Machine { get; init; }
}
