using System.Text;

namespace Tracing;

/// <summary>Where the lines of a trace go: a new file, or a stream that is open anyway.</summary>
public sealed class TraceFile : IDisposable
{
    private readonly StreamWriter? _file;

    private TraceFile(StreamWriter? file, TraceOutput output)
    {
        _file = file;
        Output = output;
    }

    /// <summary>What writes the lines.</summary>
    public TraceOutput Output { get; }

    /// <summary>Opens the place.</summary>
    /// <param name="path">A file that is not there yet, so that a slip of the hand overwrites nothing, least of all a disk; null for
    /// <paramref name="standard"/>.</param>
    /// <param name="standard">A stream that is the caller's.</param>
    /// <param name="json">Whether lines are JSON.</param>
    /// <exception cref="IOException">The file cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be made.</exception>
    public static TraceFile Open(string? path, TextWriter standard, bool json)
    {
        var file = path is null ? null : new StreamWriter(new FileStream(path, FileMode.CreateNew, FileAccess.Write), new UTF8Encoding(false));
        var writer = file ?? standard;
        return new TraceFile(file, json ? new TraceJson(writer) : new TraceText(writer));
    }

    /// <inheritdoc />
    public void Dispose() => _file?.Dispose();
}
