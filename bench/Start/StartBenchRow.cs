namespace Bench;

/// <summary>What <c>dde bench start</c> measured.</summary>
/// <param name="ReadyToRun">Whether this build's own assemblies hold machine code.</param>
/// <param name="Rows">One a kind of process.</param>
/// <param name="GuestSkipped">Why no guest was measured; null when it was.</param>
public sealed record StartBenchResult(bool ReadyToRun, IReadOnlyList<StartBenchRow> Rows, string? GuestSkipped);

/// <summary>The start of one kind of process: medians of the rounds.</summary>
/// <param name="Name">Which kind.</param>
/// <param name="FirstReplyMilliseconds">From the call that starts it to its first word; null for who says none before the first sector.</param>
/// <param name="FirstSectorMilliseconds">To the first sector of its disk: from the start, or from the word to go for a spare; null for who reads none.</param>
/// <param name="ProcessorMilliseconds">Processor time from its start to then: what a busy machine does not blur.</param>
/// <param name="ResidentBytes">Memory at the end (RSS).</param>
/// <param name="ProportionalBytes">The same with shared pages divided by their users (PSS).</param>
public sealed record StartBenchRow(
    string Name, double? FirstReplyMilliseconds, double? FirstSectorMilliseconds, double ProcessorMilliseconds, long ResidentBytes, long ProportionalBytes);
