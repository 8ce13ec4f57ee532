namespace FaultCampaign;

/// <summary>What goes wrong in one case of a campaign.</summary>
public enum FaultKind
{
    /// <summary>A bit of an instruction of the driver is another.</summary>
    CodeBit,

    /// <summary>An instruction of the driver is not carried out.</summary>
    SkippedInstruction,

    /// <summary>An instruction of the driver jumps to itself.</summary>
    EndlessLoop,

    /// <summary>A bit of a variable or an object of the driver is another.</summary>
    DataBit,

    /// <summary>A pointer in a variable or an object of the driver is another.</summary>
    WildPointer,

    /// <summary>An allocation of the driver is refused.</summary>
    RefusedAllocation,

    /// <summary>An interrupt does not come.</summary>
    LostInterrupt,

    /// <summary>An interrupt comes once more.</summary>
    DuplicatedInterrupt,

    /// <summary>A register reads as another value.</summary>
    WrongRegister,

    /// <summary>A device's access to memory is refused.</summary>
    FailedDma,

    /// <summary>What a device writes to memory, and its interrupt, come late.</summary>
    DelayedDma,

    /// <summary>The driver's process is killed.</summary>
    Kill,

    /// <summary>A socket between the driver's process and another is shut down.</summary>
    ClosedChannel,

    /// <summary>Nonsense is in the memory of a channel between the driver's process and another.</summary>
    SpoiledChannel,
}

/// <summary>What is known of kinds of faults.</summary>
public static class FaultKinds
{
    /// <summary>All kinds, with the names that people use.</summary>
    public static IReadOnlyDictionary<string, FaultKind> ByName { get; } = Enum.GetValues<FaultKind>().ToDictionary(NameOf, StringComparer.Ordinal);

    /// <summary>The name that people use: <c>skipped-instruction</c>.</summary>
    public static string NameOf(FaultKind kind) =>
        string.Concat(kind.ToString().Select((letter, index) => char.IsUpper(letter) ? (index == 0 ? "" : "-") + char.ToLowerInvariant(letter) : letter.ToString()));

    /// <summary>Whether it needs a driver with a process of its own.</summary>
    public static bool NeedsProcess(FaultKind kind) => kind is FaultKind.Kill or FaultKind.ClosedChannel or FaultKind.SpoiledChannel;

    /// <summary>Whether it can be told that it struck. Otherwise a fault that was not detected counts as one that did not.</summary>
    public static bool TellsActivation(FaultKind kind) => kind is not (FaultKind.DataBit or FaultKind.WildPointer);
}
