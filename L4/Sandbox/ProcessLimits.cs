namespace L4;

/// <summary>
/// What a child process may use up; null is what this process may. The host's kernel enforces them, from a moment after the child's start.
/// </summary>
/// <remarks>
/// Memory is addresses, not pages: all that the process maps counts, its dataspaces too, and .NET's own reservations (about 2 GiB beside a
/// limited heap). Memory files that a process fills without mapping them are bounded by <paramref name="FileBytes"/> and
/// <paramref name="OpenFiles"/>. A share of the processor is not a limit of a process: the kernel's is a total, which a service would
/// reach in time however little it does, so it is renewed by <see cref="ChildProcess.GrantProcessorTime"/>.
/// </remarks>
/// <param name="AddressBytes">Bytes of addresses.</param>
/// <param name="OpenFiles">Descriptor numbers, from 0.</param>
/// <param name="FileBytes">Size of a file, also of a memory file.</param>
public sealed record ProcessLimits(long? AddressBytes = null, int? OpenFiles = null, long? FileBytes = null)
{
    /// <summary>No limit but that no process leaves a core file.</summary>
    public static ProcessLimits None { get; } = new();
}
