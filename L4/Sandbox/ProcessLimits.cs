namespace L4;

/// <summary>
/// What a child process may use up; null is what this process may. The host's kernel enforces them, from a moment after the child's start.
/// </summary>
/// <remarks>
/// Memory is what the process can write to and shares with nobody: heaps, stacks, code, used or not. What is reserved without a right to access it does
/// not count, nor do dataspaces: they are memory files, bounded by <paramref name="FileBytes"/> each and by <paramref name="OpenFiles"/> in
/// number. A share of the processor is not a limit of a process: the kernel's is a total, which a service would
/// reach in time however little it does, so it is renewed by <see cref="ChildProcess.GrantProcessorTime"/>.
/// </remarks>
/// <param name="MemoryBytes">Bytes of memory.</param>
/// <param name="OpenFiles">Descriptor numbers, from 0.</param>
/// <param name="FileBytes">Size of a file, also of a memory file.</param>
public sealed record ProcessLimits(long? MemoryBytes = null, int? OpenFiles = null, long? FileBytes = null)
{
    /// <summary>No limit but that no process leaves a core file.</summary>
    public static ProcessLimits None { get; } = new();
}
