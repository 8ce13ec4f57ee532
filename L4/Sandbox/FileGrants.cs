namespace L4;

/// <summary>
/// The files that a child process can reach by name; all others do not open, and nothing is reached over a network. What is handed to it
/// open is not concerned. A folder stands for all below it; a name that does not exist grants nothing.
/// </summary>
/// <param name="Run">What it may read and execute.</param>
/// <param name="Read">What it may read.</param>
public sealed record FileGrants(IReadOnlyList<string> Run, IReadOnlyList<string> Read)
{
    /// <summary>What a .NET program needs to start: the runtime, the libraries below it, the program itself, and what the runtime asks the
    /// kernel about memory and processors. Once started a program needs none of it: see <see cref="Confinement.Enter"/>.</summary>
    /// <param name="applicationFolder">Where the program's assemblies are.</param>
    public static FileGrants ForDotnet(string applicationFolder) => new(
        [ProcessStart.DotnetRoot, applicationFolder, "/lib", "/lib64", "/usr/lib"],
        // Without /proc the runtime does not start (0x8007000E): it reads its own maps and limits there.
        ["/proc", "/sys/devices/system", "/sys/fs/cgroup", "/etc/ld.so.cache", "/dev/urandom"]);
}
