using System.Globalization;
using DSweeper.Core;

namespace DSweeper;

/// <summary>Numbers and names as people read them.</summary>
internal static class Human
{
    private static readonly string[] _units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>Bytes with a binary unit, at most four digits before it.</summary>
    internal static string Size(double bytes)
    {
        int unit = 0;
        while (bytes >= 1024 && unit < _units.Length - 1)
        {
            bytes /= 1024;
            unit++;
        }
        return string.Create(CultureInfo.InvariantCulture, $"{bytes.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture)} {_units[unit]}");
    }

    internal static string Rate(double bytesPerSecond) => bytesPerSecond <= 0 ? "-" : $"{Size(bytesPerSecond)}/s";

    /// <summary>How long something took: seconds with a tenth while that says something.</summary>
    internal static string Duration(TimeSpan time) =>
        time.TotalSeconds < 10 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s") : Time(time);

    /// <summary>Minutes and seconds, with hours and days when there are some.</summary>
    internal static string Time(TimeSpan time) => time switch
    {
        { TotalDays: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalDays} d {time.Hours} h"),
        { TotalHours: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Hours}:{time.Minutes:00}:{time.Seconds:00}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}:{time.Seconds:00}"),
    };

    /// <summary>Time that is still to come, rounded up: nothing is over before it is.</summary>
    internal static string TimeLeft(TimeSpan time) => Time(TimeSpan.FromSeconds(Math.Ceiling(time.TotalSeconds)));

    internal static string Method(EraseMethod method) => method == EraseMethod.Zero ? "zeros" : "random data";

    internal static string Phase(SweepPlan plan, SweepPhase phase) => phase switch
    {
        SweepPhase.Rehearse => "reading",
        SweepPhase.Write => $"writing {Method(plan.Method)}",
        SweepPhase.Flush => "flushing",
        _ => plan.Mode == SweepMode.Write ? "verifying" : "reading again",
    };

    internal static string Outcome(SweepOutcome outcome) => outcome switch
    {
        SweepOutcome.Rehearsed => "would be erased; nothing was written",
        SweepOutcome.Erased => "erased, not verified",
        SweepOutcome.Verified => "erased and verified",
        SweepOutcome.Canceled => "stopped, NOT finished",
        SweepOutcome.MediumErrors => "NOT erased completely: the disk refused sectors",
        SweepOutcome.VerificationFailed => "NOT erased: it reads back as something else",
        SweepOutcome.Refused => "refused",
        _ => "the disk went away",
    };

    /// <summary>Breaks a line at words so that it fits <paramref name="width"/>; what follows is indented a little more than the line.</summary>
    internal static IEnumerable<string> Wrap(string line, int width)
    {
        string indent = new(' ', Math.Min(line.Length - line.TrimStart().Length + 2, width / 2));
        while (line.Length > width)
        {
            int at = line.LastIndexOf(' ', width);
            // A word that is longer than the line is cut.
            if (at <= indent.Length)
                at = width;
            yield return line[..at];
            line = indent + line[at..].TrimStart();
        }
        yield return line;
    }

    internal static string Count(ulong count, string one) => count == 1 ? $"1 {one}" : $"{count} {one}s";
}
