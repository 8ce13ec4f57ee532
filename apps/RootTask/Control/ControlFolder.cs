namespace RootTask;

/// <summary>Where the sockets of this user's running systems are: one a process, named after it.</summary>
public static class ControlFolder
{
    /// <summary>The ending of a socket's name.</summary>
    public const string Ending = ".sock";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The folder: in XDG_RUNTIME_DIR, which belongs to the user, or else a folder of the user's beside other temporary files.</summary>
    public static string Path => Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime
        ? System.IO.Path.Combine(runtime, "dde")
        : System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"dde-{Environment.UserName}");

    /// <summary>Makes the folder, for its user alone.</summary>
    /// <returns>The folder.</returns>
    /// <exception cref="IOException">It is there, and others may use it.</exception>
    internal static string Make()
    {
#pragma warning disable CA1416 // Dde runs on Linux only.
        string folder = Path;
        Directory.CreateDirectory(folder, OwnerOnly);
        var mode = File.GetUnixFileMode(folder);
        return (mode & ~OwnerOnly) == 0 ? folder : throw new IOException($"{folder} is open to others ({mode}); only its owner may use it");
#pragma warning restore CA1416
    }
}
