using DdeKit.Foreign;

namespace Ports;

/// <summary>
/// A driver died: of an oops, a bug check, a missing function, or a mistake in the shim. The message is one line, what its task's death is
/// reported with; <see cref="Report"/> has the whole story.
/// </summary>
public sealed class DriverDiedException : Exception
{
    /// <summary>The event that carries the report.</summary>
    public const string EventKind = "oops";

    /// <summary>How many calls of the shim the report shows.</summary>
    public const int ReportedCalls = 20;

    /// <param name="cause">Why the domain died.</param>
    /// <param name="calls">The shim's functions that the driver called last, the newest first.</param>
    /// <param name="reportFile">Where the report will be found.</param>
    public DriverDiedException(Exception cause, IReadOnlyList<string> calls, string reportFile)
        : base($"{Summarize(cause)} (report: {reportFile})", cause)
    {
        List<string> lines = cause is OopsException oops ? [.. oops.Report.ToLines()] : [$"died of {cause.GetType().Name}: {cause.Message}"];
        lines.Add($"last {calls.Count} calls of the shim, the newest first:");
        lines.AddRange(calls.Select(call => "  " + call));
        Report = string.Join('\n', lines);
    }

    /// <summary>Where it died, registers, code, backtrace, and the last calls.</summary>
    public string Report { get; }

    private static string Summarize(Exception cause) =>
        cause is OopsException { Report: var report } ? $"oops: {report.Kind} at {report.Place}, address 0x{report.Frame.FaultAddress:x}" : cause.Message;
}
