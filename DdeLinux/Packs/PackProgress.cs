namespace DdeLinux.Packs;

/// <summary>How far a long operation is. Reported on the thread that works, often; the receiver thins it out.</summary>
/// <param name="Stage">What is being done, e.g. <c>unpacking modules</c>.</param>
/// <param name="Done">Bytes done.</param>
/// <param name="Total">Bytes in all; 0 when unknown.</param>
public readonly record struct PackProgress(string Stage, long Done, long Total);
